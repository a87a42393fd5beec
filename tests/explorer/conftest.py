"""The explorer on a page of its own, watched for errors and for anything it asks of the network."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from mmattr_app.explorer import View, page


@pytest.fixture
def show(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a view; at the end nothing may have gone wrong and no request may have left."""
    complaints: list[str] = []
    contexts = []

    def open_view(view: View, **context: Any) -> Page:
        contexts.append(browser.new_context(**{"viewport": {"width": 1112, "height": 900}, **context}))
        contexts[-1].on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        contexts[-1].on("weberror", lambda error: complaints.append(str(error.error)))
        contexts[-1].on(
            "request",
            lambda request: None if request.url.startswith(("data:", "blob:")) else complaints.append(request.url),
        )
        tab = contexts[-1].new_page()
        tab.set_content(page(view))
        tab.wait_for_selector(f".explorer[data-state={view.state}]")
        settle(tab)
        return tab

    yield open_view
    for context in contexts:
        context.close()
    assert complaints == []


def settle(tab: Page) -> None:
    """Wait until what was asked for is drawn: two frames later at most."""
    tab.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
