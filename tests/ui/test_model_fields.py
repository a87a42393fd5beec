"""The part of the form that says how a model is asked."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from mmattr_app.domain import Sampling
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain, JobQueue
from mmattr_app.models import memory
from mmattr_app.ui import form, visitors
from tests.ui.test_page import ask, state

Visit = Callable[..., Page]


def test_strangers_are_offered_what_is_here() -> None:
    assert visitors.offered(any_model=False) == ["demo", "clever-hans"]
    assert "google/gemma-4-31B-it" in visitors.offered(any_model=True)
    visitors.check_model("demo@int4", any_model=False)
    for model in ("google/gemma-4-31B-it", "/etc"):
        with pytest.raises(AppError, match="This page offers the models demo, clever-hans; choose one of them"):
            visitors.check_model(model, any_model=False)


def test_the_list_of_models_says_what_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free", lambda: 8.0)
    monkeypatch.setattr(memory, "usual_precision", lambda: "bfloat16")
    labels = {value: label for label, value in form.models_here(any_model=True)["choices"]}
    assert labels["demo"] == "demo (5M, 0.1 GB)"
    assert "too large here" in labels["google/gemma-4-31B-it"]


def test_how_to_ask_the_model_reaches_it(visit: Visit, own_picture: Path, queue: JobQueue) -> None:
    page = visit()
    page.get_by_text("More settings").click()
    page.locator("#system textarea").fill("Be brief.")
    page.locator("#seed input").fill("7")
    page.locator("#temperature input[type=number]").fill("0.5")
    ask(page, own_picture)
    state(page, "done")
    request = queue.jobs()[-1].kind
    assert isinstance(request, Explain)
    asked = request.question
    assert (asked.system, asked.sampling) == ("Be brief.", Sampling(0.5, 1.0, 7))
