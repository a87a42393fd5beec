"""The page, served to a browser with a toy model that waits when told to."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from mmattr_app import pipeline
from mmattr_app.demo.scenes import scene
from mmattr_app.domain import Pixels, Question
from mmattr_app.jobs import JobQueue
from mmattr_app.pipeline import Plan
from mmattr_app.ui.examples import Example
from mmattr_app.ui.page import build, launch
from tests.games import ToyWorker, explain_regions, toy_queue

# Gradio asks how far an upload is; of one that was refused or is over there is nothing to say (404), and it logs
# the reply.
OF_AN_UPLOAD = "upload_progress"
REPLY = "Response"
OF_A_RELOAD = ("AbortError", "Connection errored out")  # Gradio's own words when a page is left while it listens


@pytest.fixture(scope="session")
def toy() -> ToyWorker:
    """Give the worker behind the page."""
    return ToyWorker()


@pytest.fixture(scope="session")
def example(toy: ToyWorker, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """Give a result that the page shows at once."""
    image = scene(12, 256).image
    path = tmp_path_factory.mktemp("examples") / "scene.png"
    Image.fromarray(image).save(path)
    answer = pipeline.ask(toy, Question((image,), "A yellow house"))
    return Example(path, explain_regions(toy, answer, pipeline.segment(image, "grid:3x4"), Plan("ablation")))


@pytest.fixture(scope="session")
def queue(toy: ToyWorker, tmp_path_factory: pytest.TempPathFactory) -> JobQueue:
    """Give the queue behind the page."""
    return toy_queue(toy, tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="session")
def address(queue: JobQueue, example: Example) -> Iterator[str]:
    """Serve the page once for all tests."""
    page = build(queue, [example])
    _, url, _ = launch(page, queue, port=None, prevent_thread_lock=True, quiet=True)
    yield url
    page.close()


@pytest.fixture
def visit(browser: Browser, address: str, toy: ToyWorker) -> Iterator[Callable[..., Page]]:
    """Open the page as a new person; at the end nothing may have failed in the console or left this machine."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def note(text: str) -> None:
        if not any(words in text for words in OF_A_RELOAD):
            troubles.append(text)

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error" and said.text != REPLY and OF_AN_UPLOAD not in said.location.get("url", ""):
            note(said.text)

    def watch(page: Page) -> None:
        page.on("console", hear)
        page.on("pageerror", lambda error: note(str(error)))
        page.on("request", lambda asked: None if _at_home(asked.url, address) else troubles.append(asked.url))

    def open_page(**options: Any) -> Page:
        settings: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, **options}
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto(address)
        page.wait_for_selector("#explorer [data-state=done]")
        return page

    yield open_page
    toy.gate.set()
    toy.error = None
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def own_picture(tmp_path: Path, picture: Pixels) -> Path:
    """Give a picture file that nobody else has."""
    own = picture.copy()
    own[0, :5] = np.frombuffer(uuid4().bytes[:15], np.uint8).reshape(5, 3)
    Image.fromarray(own).save(tmp_path / "own.png")
    return tmp_path / "own.png"


def _at_home(url: str, address: str) -> bool:
    return url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))
