"""A result in the frame of another page: `?embed=1`, and without hints."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from mmattr_app.jobs import JobQueue
from mmattr_app.ui.examples import Example

RESULT = "E" * 22
AROUND = ("#header", "#footer", "#form", ".tour", ".guide", ".further")
HINTS = (".key", ".readout", ".foot")
# What browsers do in a frame of another site when its cookies are blocked.
NO_STORAGE = """for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });"""


@pytest.fixture
def embedded(
    visit: Callable[..., Page], address: str, queue: JobQueue, example: Example
) -> Iterator[Callable[..., Page]]:
    """Open the link to a result with more in its address."""
    queue.store.put(RESULT, example.attribution)

    def open_link(more: str, *, storage: bool = True) -> Page:
        page = visit()
        if not storage:
            page.add_init_script(NO_STORAGE)
        page.goto(f"{address}?result={RESULT}&words=0-0{more}")
        page.wait_for_selector("#explorer [data-state=done]")
        expect(page.locator("#explorer .asked")).to_contain_text("A yellow house")
        return page

    yield open_link
    queue.store.delete(RESULT)


def test_a_frame_shows_the_result_and_nothing_around_it(embedded: Callable[..., Page]) -> None:
    page = embedded("&embed=1")
    for part in AROUND:
        expect(page.locator(part).first).to_be_hidden()
    for part in (".stage .heatmap", "[data-tab=export]", *HINTS):
        expect(page.locator(f"#explorer {part}")).to_be_visible()
    expect(page.locator("[data-token='0']").first).to_have_attribute("aria-selected", "true")
    page.locator("[data-token='1']").first.click()
    expect(page.locator("[data-token='1']").first).to_have_attribute("aria-selected", "true")


def test_a_frame_without_hints_says_not_how_to_read_it(embedded: Callable[..., Page]) -> None:
    page = embedded("&embed=1&hints=0")
    for part in (*AROUND, *HINTS):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.locator(".stage .heatmap")).to_be_visible()


def test_a_plain_link_shows_the_whole_page(embedded: Callable[..., Page]) -> None:
    page = embedded("")
    for part in ("#header", "#footer", "#form", ".guide", *HINTS):
        expect(page.locator(part).first).to_be_visible()


def test_a_frame_shows_the_result_where_the_browser_allows_no_storage(embedded: Callable[..., Page]) -> None:
    page = embedded("&embed=1", storage=False)
    expect(page.locator("#explorer .stage .heatmap")).to_be_visible()
    expect(page.locator("#header")).to_be_hidden()
