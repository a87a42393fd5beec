"""Some words of the answer on show, explained by a method for chosen words or against another text; words that play."""

import re
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from mmattr_app import pipeline
from mmattr_app.domain import Attribution, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain, JobQueue
from mmattr_app.pipeline import Plan
from mmattr_app.ui.chosen_words import contrast_job, explain_words_job
from mmattr_app.ui.filling import values_of_result
from mmattr_app.ui.form_values import FormValues
from mmattr_app.ui.handlers import Handlers, explain_job
from mmattr_app.ui.session import Session, Shown
from mmattr_app.ui.views import result_view
from tests.games import ToyWorker, explain_regions, toy_queue
from tests.tabs import told
from tests.ui.test_page import Visit
from tests.ui.test_region_choices import FILLED
from tests.ui.test_regions import begin, explain


@pytest.fixture
def file(picture: Pixels, tmp_path: Path) -> str:
    Image.fromarray(picture).save(tmp_path / "a.png")
    return str(tmp_path / "a.png")


def asked(file: str, **changes: object) -> FormValues:
    return replace(FILLED, image=file, prompt="hello", rows=2, columns=2, method="eagle", **changes)


def looking_at(picture: Pixels) -> tuple[Session, Attribution]:
    toy, session = ToyWorker(), Session()
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    known = explain_regions(toy, answer, pipeline.segment(picture, "grid:2x2"), Plan("ablation"))
    session.shown = [Shown.of(lambda: known, result_view(known), "toy")]
    return session, known


def test_a_method_for_chosen_words_goes_on_from_the_answer_on_show(picture: Pixels, file: str, tmp_path: Path) -> None:
    queue, (session, known) = toy_queue(ToyWorker(), tmp_path), looking_at(picture)
    session.selected = [1]
    job = queue.submit(explain_job(asked(file), session))
    last, _ = told(Handlers(queue).follow(job, session, gr.Request(session_hash="a tab", client=None)))[-1]
    assert last["says"].startswith("For “!” alone, by eagle: ")
    assert (last["selection"], last["reads"], last["pieces"]) == ([1], "order", ["hello", "!"])
    assert [shown.result.method for shown in session.shown] == ["ablation", "eagle"]
    session.selected = [0]
    again = explain_words_job(asked(file), session)
    assert again.base is known, "it goes on from the map for all words"


@pytest.mark.parametrize("change", [{"prompt": "another question"}, {"system": "Be brief."}])
def test_a_question_that_was_not_answered_yet_has_no_words_to_choose(
    picture: Pixels, file: str, change: dict[str, str]
) -> None:
    session, _ = looking_at(picture)
    session.selected = [0]
    for there in (Session(), session):
        with pytest.raises(AppError, match=r"eagle explains words that you choose: explain with another method first"):
            explain_job(replace(asked(file), **change), there)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("selected", [None, [], [2], ["0"], {"a": 1}])
def test_without_words_that_are_selected_it_says_so(picture: Pixels, file: str, selected: object) -> None:
    session, _ = looking_at(picture)
    session.selected = selected
    with pytest.raises(AppError, match="Select one or more words of the answer first"):
        explain_job(asked(file), session)


def test_another_text_is_compared_by_the_method_of_the_form_where_it_can(picture: Pixels, file: str) -> None:
    session, _ = looking_at(picture)
    for method, by in (("eagle", "smooth"), ("grad-cam", "smooth"), ("ablation", "ablation"), ("no such", "smooth")):
        kind = contrast_job([0], " bye ", replace(asked(file), method=method), session)
        assert (kind.plan.method, kind.instead_of, kind.tokens) == (by, "bye", (0,))
    assert kind.remark == "For “hello” and not “bye”, by smooth"
    for text in ("", None, ["x"], "x" * 3000):
        with pytest.raises(AppError, match="Name something else that could be said"):
            contrast_job([0], text, asked(file), session)
    with pytest.raises(AppError, match="press Explain first"):
        contrast_job([0], "bye", asked(file), Session())


def test_a_model_that_reads_text_alone_needs_no_picture() -> None:
    kind = explain_job(replace(FILLED, image=None, players=("words",)), Session())
    assert isinstance(kind, Explain)
    assert (kind.question.pictures, kind.segmentation) == ((), None)
    with pytest.raises(AppError, match="Choose a picture first"):
        explain_job(replace(FILLED, image=None), Session())


def test_words_play_on_the_page_and_are_filled_in_again(visit: Visit, own_picture: Path, queue: JobQueue) -> None:
    page = begin(visit, own_picture)
    page.locator("#players label", has_text="Words of the question").click()
    explain(page, queue, "three small words")
    expect(page.locator(".said")).to_have_text(["three", "small", "words"])
    expect(page.locator(".share-list")).to_contain_text("question")
    result = queue.jobs()[-1].snapshot.result
    assert result is not None
    assert values_of_result(result, "a.png")["players"] == ["regions", "words"]
    assert result.players.count == 259
    assert np.isfinite(result.scores.values).all()
    page.locator(".said").first.focus()
    expect(page.locator("[data-token='0']").first).to_have_attribute("aria-label", re.compile(r", three: .*logits"))
