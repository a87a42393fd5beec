"""A method, a metric and a kind of player need what CONTRIBUTING.md says and nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import gradio as gr
import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.__main__ import main
from mmattr_app.contracts import Game, Method, Metric, Players
from mmattr_app.domain import Answer, Attribution, Keep, Keeps, LogProbs, Pixels, Question, Scores
from mmattr_app.explorer import View, message
from mmattr_app.methods import METHODS
from mmattr_app.metrics import METRICS
from mmattr_app.pipeline import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.ui.form import lay_out
from mmattr_app.workers.inline import InlineWorker
from tests.games import ToyWorker, explain_regions

if TYPE_CHECKING:
    from mmattr_app.segmentation import Segmentation


def firsts(players: int, budget: int | None, seed: int) -> Keeps:
    """Keep the first player, the first two, ..."""
    del budget, seed
    return np.tri(players, players, -1, bool)


def marginal(game: Game, *, budget: int | None, seed: int) -> Scores:
    """Score a player by what it adds to those before it."""
    count = game.players.count
    replies = game.probe(np.vstack([firsts(count, budget, seed), np.ones((1, count), bool)]))
    return Scores(np.diff(replies, axis=0))


def sketch(players: Players, keeps: Keeps, logprobs: LogProbs, full: LogProbs) -> Scores:
    """Show nothing before the end."""
    del players, full
    return Scores(np.full((keeps.shape[1], logprobs.shape[1]), np.nan, np.float32))


METHOD = Method(
    marginal,
    summary="Show one region after another.",
    masks=firsts,
    needs="probe",
    scope="all tokens",
    reads="measured loss",
    sketch=sketch,
)
METRIC = Metric(lambda _, scores: float(np.abs(scores.values).max()), summary="The largest score.", masks=0)


@pytest.fixture
def newcomers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the second step: a line in each dictionary."""
    monkeypatch.setitem(METHODS, "marginal", METHOD)
    monkeypatch.setitem(METRICS, "largest", METRIC)


def explained(picture: Pixels) -> Attribution:
    toy = ToyWorker()
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    plan = Plan("marginal", measure=("largest",))
    return explain_regions(toy, answer, pipeline.segment(picture, "grid:2x3"), plan)


@pytest.mark.usefixtures("newcomers")
def test_a_new_method_is_run_and_drawn_as_what_its_scores_are(picture: Pixels) -> None:
    result = explained(picture)
    np.testing.assert_allclose(result.scores.values[1:, 0], 0.04 * np.arange(1, 6), atol=1e-4)
    shown = message(View("done", attribution=result))
    assert (shown["method"], shown["reads"], shown["unit"]) == ("marginal", "measured loss", "nats")


@pytest.mark.usefixtures("newcomers")
def test_a_new_metric_is_measured_and_its_figure_reaches_the_page(picture: Pixels) -> None:
    result = explained(picture)
    assert result.figures["largest"] == pytest.approx(np.abs(result.scores.values).max(), abs=1e-4)
    assert message(View("done", attribution=result))["figures"] == {
        "largest": pytest.approx(np.abs(result.scores.values).max(), abs=1e-4)
    }


@pytest.mark.usefixtures("newcomers")
def test_the_page_and_the_command_line_offer_them(capsys: pytest.CaptureFixture[str]) -> None:
    with gr.Blocks():
        form = lay_out([])
    assert ("Marginal", "marginal") in form["method"].choices
    assert ("Largest", "largest") in form["measure"].choices
    for what, summary in (("methods", METHOD.summary), ("metrics", METRIC.summary)):
        assert main([what]) == 0
        assert summary in capsys.readouterr().out


class Brightness(Regions):
    """Players that are regions, each of which is darkened and not covered."""

    def hide(self, keep: Keep) -> Question:
        """Halve the brightness of what is hidden."""
        image = self.question.image
        dark = np.where(self.segmentation.hidden(keep)[..., None], image // 2, image)
        return replace(self.question, pictures=(dark,))

    def keys(self, keeps: Keeps) -> list[bytes]:
        """Tell them apart from regions that are covered."""
        return [b"dark" + key for key in super().keys(keeps)]


def test_a_new_kind_of_player_is_played_by_every_method_as_it_is(picture: Pixels) -> None:
    seen: list[Question] = []

    class Sees:
        batch, device = 4, "cpu"

        def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
            return ToyWorker().answer(question, text)

        def score(self, answer: Answer, questions: Sequence[Question]) -> LogProbs:
            del answer
            seen.extend(questions)
            return np.array([[-asked.image.mean()] * 2 for asked in questions], np.float32)

    worker = InlineWorker(Sees())
    question = Question((picture,), "hello")
    answer = pipeline.ask(worker, question)
    cut: Segmentation = pipeline.segment(picture, "grid:2x2")
    result = pipeline.explain(worker, answer, Brightness(question, cut, "black"), Plan("ablation"))
    darker = [np.where(cut.mask(region)[..., None], picture // 2, picture).mean() for region in range(4)]
    np.testing.assert_allclose(result.scores.values[:, 0], np.array(darker) - picture.mean(), rtol=1e-3)
    assert {asked.prompt for asked in seen} == {"hello"}
