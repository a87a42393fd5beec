"""The explorer on a page of its own, watched for errors and for anything it asks of the network."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from mmattr_app.explorer import View, page


@pytest.fixture(scope="module")
def context_of(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Give a context of these options, opened once for all tests of a file: nothing on a page is stored in it."""
    contexts: dict[str, BrowserContext] = {}

    def context(**options: Any) -> BrowserContext:
        settings = {"viewport": {"width": 1112, "height": 900}, **options}
        if (key := repr(settings)) not in contexts:
            contexts[key] = browser.new_context(**settings)
        return contexts[key]

    yield context
    for opened in contexts.values():
        opened.close()


@pytest.fixture
def show(context_of: Callable[..., BrowserContext]) -> Iterator[Callable[..., Page]]:
    """Open a view; at the end nothing may have gone wrong and no request may have left."""
    complaints: list[str] = []
    tabs: list[Page] = []

    def open_view(view: View, **options: Any) -> Page:
        tab = context_of(**options).new_page()
        tabs.append(tab)
        tab.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on(
            "request",
            lambda request: None if request.url.startswith(("data:", "blob:")) else complaints.append(request.url),
        )
        tab.set_content(page(view))
        tab.wait_for_selector(f".explorer[data-state={view.state}]")
        settle(tab)
        return tab

    yield open_view
    for tab in tabs:
        tab.close()
    assert complaints == []


def settle(tab: Page) -> None:
    """Wait until what was asked for is drawn: two frames later at most."""
    tab.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
