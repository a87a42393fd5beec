"""The tab "Compare" with another model, with regions that SAM-2 finds, and with several pictures."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from scipy.stats import spearmanr

from mmattr_app import pipeline
from mmattr_app.domain import Answer, Pixels, Question
from mmattr_app.jobs import CompareMethods, JobQueue, Store
from mmattr_app.pipeline import Plan, open_worker
from mmattr_app.studies import side_by_side
from mmattr_app.ui import comparing
from mmattr_app.ui.comparing import comparing_methods, comparison_view
from mmattr_app.ui.examples import load_examples
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.page import build, launch
from mmattr_app.ui.session import Session, Shown
from mmattr_app.ui.views import result_view
from mmattr_app.workers.inline import InlineSlot
from tests.games import ToyWorker, toy_queue
from tests.ui.test_accessible import violations
from tests.ui.test_compare_tab import SOMEBODY
from tests.ui.test_trust_tab import looking_at


class Spelling(ToyWorker):
    """Another model, which cuts "hello!" into "hel" and "lo!"."""

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        assert text == "hello!", "it scores the first one's answer"
        none = np.zeros(2, np.float32)
        yield Answer(question, (1, 2), ("hel", "lo!"), none, False, "demo", "1", "float32")


@pytest.fixture
def toys(tmp_path: Path) -> tuple[dict[str, ToyWorker], JobQueue]:
    """Give two models by their names, and a queue that finds them."""
    known = {"toy": ToyWorker(), "demo": Spelling()}
    open_toy: Callable[..., ToyWorker] = lambda name, **_: known[name]  # noqa: E731
    return known, JobQueue.on([InlineSlot(open_toy)], Store(tmp_path))  # pyright: ignore[reportArgumentType]


def test_another_model_takes_turns_and_scores_the_same_words(
    picture: Pixels, toys: tuple[dict[str, ToyWorker], JobQueue]
) -> None:
    known, queue = toys
    session = looking_at(picture)
    job = queue.submit(comparing_methods([0], ["ablation", "ablation asking demo"], session))
    seen = list(job.follow())
    found = seen[-1].comparison
    assert found, seen[-1].says
    assert isinstance(job.kind, CompareMethods)
    assert [one.name for one in found.maps] == job.kind.names == ["ablation asking toy", "ablation asking demo"]
    assert job.kind.models == ["toy", "demo"]
    assert found.maps[1].attribution.selection == (0, 1), "both of its tokens have letters of the word"
    assert found.maps[1].asked == 18 == known["demo"].masks - found.maps[1].measured[0]
    assert not found.one_measure
    shown = comparison_view(job, job.snapshot, session, queue).compare["found"][-1]["maps"]
    assert [one["model"] for one in shown] == ["toy", "demo"]
    assert all(0 <= one["likely"] < 0.01 for one in shown)


def test_a_comparison_is_stopped_while_another_model_is_asked(
    picture: Pixels, toys: tuple[dict[str, ToyWorker], JobQueue]
) -> None:
    known, queue = toys
    known["demo"].gate.clear()
    job = queue.submit(comparing_methods([0], ["ablation", "ablation asking demo"], looking_at(picture)))
    assert known["demo"].busy.wait(10)
    job.cancel()
    known["demo"].gate.set()
    end = list(job.follow())[-1]
    assert end.state == "cancelled"
    assert end.comparison
    assert len(end.comparison.maps) == 1, "what was made stays"


def test_what_sam2_found_is_found_once(picture: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "whynot_sam2", lambda _: "")
    toy, session = ToyWorker(), looking_at(picture)
    queue = toy_queue(toy, tmp_path)
    toy.gate.clear()  # it cuts no further than its first words until these were heard
    for token in (0, 1):
        job = queue.submit(comparing_methods([token], ["ablation on sam2", "ablation"], session))
        for one in job.follow(pause=0.01):
            if one.says == "ablation: points 1 of 2":
                toy.gate.set()
        found = job.snapshot.comparison
        assert found, job.snapshot.says
        assert [one.name for one in found.maps] == ["ablation", "ablation on grid:4x4"]
        assert found.maps[0].attribution.segmentation.regions == 3
        shown = comparison_view(job, job.snapshot, session, queue).compare["found"][-1]
        assert len(shown["maps"][0]["maps"]) == 1
        assert shown["maps"][1]["maps"] is None
        assert toy.gate.is_set()
    assert toy.cuts == 1


def test_maps_of_several_pictures_show_all_of_them(picture: Pixels, tmp_path: Path) -> None:
    toy, session = ToyWorker(), Session()
    question = Question((picture, picture[:40, :30]), "hello")
    cuts = [pipeline.segment(one, "grid:2x2") for one in question.pictures]
    answer, plan = pipeline.ask(toy, question), Plan("ablation")
    known = pipeline.explain(toy, answer, pipeline.find_all_players(answer, cuts, plan), plan)
    session.shown = [Shown.of(lambda: known, result_view(known), "toy")]
    queue = toy_queue(toy, tmp_path)
    offers = Handlers(queue).offer(SOMEBODY, session)["compare"]
    assert {one["name"] for one in offers["offers"]} > {"ablation", "shapley", "grad-cam"}
    job = queue.submit(comparing_methods([0], ["ablation", "keep-one", "ablation on grid:3x1"], session))
    list(job.follow())
    found = job.snapshot.comparison
    assert found, job.snapshot.says
    assert [[heat.shape for heat in one.heats] for one in found.maps] == [[picture.shape[:2], (40, 30)]] * 3
    pixels = [np.concatenate([heat.ravel() for heat in one.heats]) for one in found.maps]
    expected: Any = spearmanr(np.stack(pixels, axis=1))
    np.testing.assert_allclose(found.correlations, expected.statistic)
    shown = comparison_view(job, job.snapshot, session, queue).compare["found"][-1]["maps"]
    assert [one["maps"] and [each["own"] for each in one["maps"]] for one in shown] == [
        None,
        None,
        [[0, 1, 2], [3, 4, 5]],
    ]
    assert [len(one["weights"]) for one in shown] == [8, 8, 6]
    assert side_by_side.to_picture(found).size[0] > 3 * side_by_side.WIDTH


@pytest.fixture(scope="module")
def models_that_ship(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the page with its examples and the models that ship."""
    queue = JobQueue.on([InlineSlot(open_worker)], Store(tmp_path_factory.mktemp("results")))
    page = build(queue, load_examples())
    _, url, _ = launch(page, queue, port=None, prevent_thread_lock=True, quiet=True)
    yield url
    page.close()


def compare_models(page: Page, address: str) -> None:
    """Compare the demo model with clever-hans on the latter's example, by one method."""
    page.goto(address)
    page.wait_for_selector("#explorer [data-state=done]")
    page.locator("#examples button").last.click()
    expect(page.locator("#explorer .asked")).to_contain_text("Describe the picture.")
    page.locator(".tokens [role=option]", has_text="fish").first.click()
    page.get_by_role("tab", name="Compare").click()
    boxes = page.locator(".choice > label")
    for name in ("ablation", "surrogate"):
        boxes.filter(has_text=name).locator("input").uncheck()
    page.locator(".choice summary").click()
    page.locator(".varied.models label", has_text="demo").first.locator("input").check()
    expect(page.locator(".compare-methods .costs")).to_contain_text("2 maps, at most")
    page.locator(".compare-methods .act button").click()


def test_the_demo_model_is_compared_with_clever_hans(browser: Browser, models_that_ship: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    compare_models(page, models_that_ship)
    expect(page.locator(".several canvas")).to_have_count(2, timeout=90_000)
    expect(page.locator(".several figcaption strong")).to_have_text(["smooth asking clever-hans", "smooth asking demo"])
    captions = page.locator(".several figcaption")
    expect(captions.first).to_contain_text(re.compile(r"At most \+[1-9.]"))
    expect(captions.last).to_contain_text(re.compile(r"At most \+0\.[0-9]"))
    expect(captions.nth(0)).to_contain_text("clever-hans finds these words")
    expect(captions.nth(1)).to_contain_text("demo finds these words")
    expect(page.locator(".compare-methods .verdict")).to_contain_text("or ask different models")
    assert violations(page) == []
    context.close()
