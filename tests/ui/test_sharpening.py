"""A map that is to become finer is shown only where it did."""

from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Attribution, Pixels, Question, Scores
from mmattr_app.errors import AppError
from mmattr_app.pipeline import Plan
from mmattr_app.ui.handlers import Handlers, sharpening
from mmattr_app.ui.session import Session, Shown
from mmattr_app.ui.views import result_view, sharper
from tests.games import ToyWorker, explain_regions, toy_queue
from tests.tabs import told


def explained(picture: Pixels, regions: str) -> Attribution:
    toy = ToyWorker()
    return explain_regions(
        toy, pipeline.ask(toy, Question((picture,), "hello")), pipeline.segment(picture, regions), Plan("ablation")
    )


@pytest.mark.parametrize(("regions", "is_it"), [("grid:8x8", True), ("grid:4x4", False), ("grid:2x2", False)])
def test_a_map_is_sharper_when_its_top_region_is_smaller(picture: Pixels, regions: str, is_it: bool) -> None:
    assert sharper(explained(picture, "grid:4x4"), explained(picture, regions), (0,)) is is_it


def test_a_small_region_that_says_next_to_nothing_makes_no_map_sharper(picture: Pixels) -> None:
    finer = explained(picture, "grid:8x8")
    faint = replace(finer, scores=Scores(finer.scores.values * 0.01))
    assert not sharper(explained(picture, "grid:4x4"), faint, (0,))


def test_a_map_that_did_not_become_sharper_leaves_the_one_before_and_nothing_behind(
    picture: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = explained(picture, "grid:4x4")
    monkeypatch.setattr(pipeline, "sharpen", lambda *_, **__: explained(picture, "grid:2x2"))
    queue, session = toy_queue(ToyWorker(), tmp_path), Session()
    session.shown = [Shown.of(lambda: known, result_view(known), "toy")]
    handlers = Handlers(queue, [])
    job = queue.submit(sharpening([0], session))
    last, _ = told(handlers._follow(job, session, gr.Request(session_hash="a tab", client=None)))[-1]
    assert last["says"].startswith("The map stays as it was: hidden alone, no smaller region says more")
    assert (len(last["rows"]), last["sharpened"], last["base"]) == (16, [0], None)
    assert [shown.result for shown in session.shown] == [known]
    assert queue.store.get(job.id) is None


@pytest.mark.parametrize("tokens", [[], [2], [-1], ["0"], [True], None, "0"])
def test_tokens_that_a_browser_made_up_are_refused(picture: Pixels, tokens: object) -> None:
    session = Session()
    with pytest.raises(AppError, match="press Explain first"):
        sharpening(tokens, session)
    known = explained(picture, "grid:2x2")
    session.shown = [Shown.of(lambda: known, result_view(known), "toy")]
    with pytest.raises(AppError, match="Select one or more words"):
        sharpening(tokens, session)


@pytest.mark.parametrize(("precision", "model"), [("int8", "toy@int8"), ("served", "toy")])
def test_an_earlier_result_is_sharpened_in_its_own_precision(picture: Pixels, precision: str, model: str) -> None:
    known, session = explained(picture, "grid:2x2"), Session()
    known = replace(known, answer=replace(known.answer, precision=precision))
    session.shown = [Shown.of(lambda: known, result_view(known))]
    assert sharpening([0], session).model == model
