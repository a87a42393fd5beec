"""A view of several pictures of different sizes, in which the reason of each word is known."""

from dataclasses import replace

import numpy as np

from mmattr_app import pipeline
from mmattr_app.arithmetic.shares import Shares
from mmattr_app.domain import Attribution, Question, Scores
from mmattr_app.explorer import View
from mmattr_app.pipeline import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.players.together import Together
from tests.explorer.moments import CAR, MILL, PIECES, REGIONS, WIND, done, grid, picture, scores
from tests.games import ToyWorker

TALL = (150, 90)  # height and width of the second picture
CELLS = 6  # of the second picture, three rows of two
CAUSE = REGIONS + 3  # of the windmill: in the second picture, the middle of its right side


def tall() -> np.ndarray:
    """Draw a picture of another size."""
    rows, columns = np.mgrid[0 : TALL[0], 0 : TALL[1]]
    return np.stack([200 - rows, columns, (rows + 2 * columns) % 160], axis=-1).astype(np.uint8)


def album(*, errors: bool = False, more: int = 0) -> View:
    """Give a view in which the car rests on the first picture, and the windmill on one region of the second."""
    view = done(prompt="What is in the pictures?")
    why = view.attribution
    assert why is not None
    question = Question((picture(), tall(), *(picture() for _ in range(more))), "What is in the pictures?")
    cuts = [grid(), grid(3, 2, TALL), *(grid() for _ in range(more))]
    players = Together([Regions(question, cut, "mean", number) for number, cut in enumerate(cuts)])
    values = np.zeros((players.count, len(PIECES)), np.float32)
    values[:REGIONS] = scores()
    values[:REGIONS, [WIND, MILL]] = 0
    values[CAUSE, [WIND, MILL]] = 2.0, 0.25
    each = np.zeros((2 + more, len(PIECES)), np.float32)
    each[0, CAR], each[1, CAR] = 2.7, 0.3
    each[0, WIND], each[1, WIND] = -0.2, 1.8
    kinds = tuple(f"picture {number + 1}" for number in range(2 + more))
    changed = replace(
        why,
        answer=replace(why.answer, question=question),
        players=players,
        scores=Scores(values, np.full_like(values, 0.1) if errors else None),
        shares=Shares(kinds, each, np.zeros(len(PIECES), np.float32)),
    )
    return replace(view, attribution=changed)


class LooksAtTheSecond(ToyWorker):
    """Says two words that one region of the second picture carries alone, as each picture as a whole shows, too."""

    def __init__(self) -> None:
        """Weigh regions, or pictures as a whole."""
        super().__init__()
        self.worth = lambda count: 2.0 * (np.arange(count) == (CAUSE if count > REGIONS else 1))


def played() -> Attribution:
    """Play this game from the question to the shares."""
    worker, question = LooksAtTheSecond(), Question((picture(), tall()), "What is in the pictures?")
    players = Together([Regions(question, grid(), "mean"), Regions(question, grid(3, 2, TALL), "mean", 1)])
    answer = pipeline.ask(worker, question)
    return pipeline.explain(worker, answer, players, Plan("ablation"))
