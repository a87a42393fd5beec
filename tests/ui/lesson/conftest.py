"""The page with the examples that come with the app, and in place of the models a worker that answers at once."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from mmattr_app.domain import Answer, Keeps, LogProbs, Question, Task
from mmattr_app.jobs import JobQueue
from mmattr_app.ui.examples import load_examples
from mmattr_app.ui.page import build, launch
from tests.games import WORTH, ToyWorker, toy_queue

SAYS = {"What colour is the cup?": ("The", " cup", " is", " green", ".")}
USUALLY = ("A", " white", " fish", " and", " a", " crown", ",", " under", " a", " sky", ".")


class Learned(ToyWorker):
    """Says a sentence; every word needs every player alike, but for the last two, which need nothing."""

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        pieces = (text,) if text else SAYS.get(question.prompt, USUALLY)
        full = np.full(len(pieces), -0.01, np.float32)
        yield Answer(
            question,
            tuple(range(len(pieces))),
            pieces,
            full,
            cut_off=False,
            model="toy",
            revision="1",
            precision="float32",
        )

    def score(self, task: Task, keeps: Keeps, *, blank: bool) -> LogProbs:
        self.masks += len(keeps)
        hidden = np.hstack([~keeps, np.full((len(keeps), 1), blank)])
        lost = np.repeat(WORTH * hidden.sum(axis=1)[:, None], len(task.answer.tokens), axis=1)
        lost[:, -2:] = 0
        return (-0.01 - lost).astype(np.float32)


@pytest.fixture(scope="module")
def lesson_queue(tmp_path_factory: pytest.TempPathFactory) -> JobQueue:
    """Give the queue behind the page."""
    return toy_queue(Learned(), tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def steps_done() -> list[Any]:
    """Collect what whoever hears `mmattr-step` is told."""
    return []


@pytest.fixture(scope="module")
def lesson_address(lesson_queue: JobQueue) -> Iterator[str]:
    """Serve the page."""
    page = build(lesson_queue, load_examples())
    _, url, _ = launch(page, lesson_queue, port=None, prevent_thread_lock=True, quiet=True)
    yield url
    page.close()


@pytest.fixture
def learn(browser: Browser, lesson_address: str, steps_done: list[Any]) -> Iterator[Callable[..., Page]]:
    """Open the page with an address's end such as "?lesson=1", as a new learner; at the end nothing may have failed."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def hear(step: int) -> None:
        steps_done.append(step)

    def open_page(address: str = "", **options: Any) -> Page:
        settings: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, **options}
        context = browser.new_context(**settings)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.expose_function("hearStep", hear)
        page.add_init_script("document.addEventListener('mmattr-step', ({ detail }) => hearStep(detail.step))")
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(f"{lesson_address}{address}")
        page.wait_for_selector("#explorer [data-state=done]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []
