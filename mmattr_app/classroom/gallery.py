"""The gallery of a class: results that learners sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from mmattr_app.classroom.guesses import SIDE, png
from mmattr_app.domain import Attribution
from mmattr_app.errors import AppError
from mmattr_app.results.heatmaps import paint_small
from mmattr_app.selection import check_tokens

MOST, MOST_EACH = 500, 50  # pictures of a class, and of one learner
LONGEST = 200  # characters that are shown of a question, an answer or words


@dataclass
class Sent:
    """A picture with its map, and its question and answer."""

    number: int  # from 1
    learner: int  # the learner's number
    question: str
    answer: str
    words: str
    picture: bytes  # PNG
    hidden: bool = False


class Gallery:
    """All pictures that were sent, in order."""

    def __init__(self) -> None:
        """Start empty."""
        self.sent: list[Sent] = []

    def add(self, learner: int, result: Attribution, tokens: Sequence[int]) -> None:
        """Add the map of some tokens."""
        mine = sum(sent.learner == learner for sent in self.sent)
        if len(self.sent) >= MOST or mine >= MOST_EACH:
            raise AppError(
                f"The gallery takes {MOST_EACH} pictures from one person and {MOST} from a class; it is full."
            )
        answer = result.answer
        chosen = check_tokens(answer, tokens)
        self.sent.append(
            Sent(
                len(self.sent) + 1,
                learner,
                answer.question.prompt[:LONGEST],
                answer.text.strip()[:LONGEST],
                answer.said(chosen)[:LONGEST],
                png(paint_small(result, chosen, SIDE)),
            )
        )

    def find(self, number: int) -> Sent:
        """Find a picture by its number."""
        if not 1 <= number <= len(self.sent):
            raise AppError("This picture is not there any more.")
        return self.sent[number - 1]
