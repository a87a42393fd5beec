"""From a result one goes on: to a finer map for the selection, back to the map before, back to the regions."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mmattr_app.explorer import View, message
from tests.explorer.conftest import settle
from tests.explorer.moments import CAR, RED, done, grid, hiding

Show = Callable[..., Page]
LISTEN = """() => { window.told = [];
  const host = document.createElement('div');
  host.append(document.querySelector('.explorer').cloneNode(true));
  document.querySelector('.explorer').remove();
  document.body.append(host);
  window.explorer = mountExplorer(host, {
    onSharpen: tokens => told.push(['sharpen', tokens]),
    onUnsharpen: () => told.push(['unsharpen']),
    onRecut: () => told.push(['recut']),
  });
  explorer.update(JSON.parse(document.getElementById('message').textContent)); }"""


def open_live(show: Show, **changes: Any) -> Page:
    tab = show(done(live=True, **changes))
    tab.evaluate(LISTEN)
    settle(tab)
    return tab


def update(tab: Page, view: View) -> None:
    tab.evaluate("message => explorer.update(message)", message(view))
    settle(tab)


def test_a_file_that_nobody_listens_to_offers_nothing(show: Show) -> None:
    expect(show(done()).locator(".further")).to_be_hidden()


def test_the_selection_is_told_and_kept_while_its_map_becomes_finer(show: Show) -> None:
    tab = open_live(show)
    tab.locator(f"[data-token='{CAR}']").click()
    tab.locator(".sharpen").click()
    finer = {"job": "two", "base": "one", "sharpened": (CAR,), "live": True}
    update(tab, hiding(0, **finer))
    expect(tab.locator(".sharpen")).to_be_focused()
    expect(tab.locator(".sharpen")).to_be_disabled()
    update(tab, done(says="Sharpened for “car”.", segmentation=grid(2, 6), **finer))
    expect(tab.locator(f"[data-token='{CAR}']")).to_have_attribute("aria-selected", "true")
    expect(tab.locator(".hint")).to_have_text("Sharpened for “car”.")
    expect(tab.locator(".sharpen")).to_be_disabled()
    tab.locator(f"[data-token='{RED}']").click()
    expect(tab.locator(".sharpen")).to_be_enabled()
    tab.get_by_role("button", name="Back to the map before").click()
    tab.get_by_role("button", name="Edit regions").click()
    assert tab.evaluate("told") == [["sharpen", [CAR]], ["unsharpen"], ["recut"]]


def test_a_map_that_stays_as_it_was_says_so_beside_the_button(show: Show) -> None:
    tab = open_live(show)
    tab.locator(f"[data-token='{CAR}']").click()
    update(tab, done(live=True, says="The map stays as it was.", sharpened=(CAR,)))
    expect(tab.locator(".hint")).to_have_text("The map stays as it was.")
    expect(tab.locator(".unsharpen")).to_be_hidden()
    expect(tab.locator(".sharpen")).to_be_disabled()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "hardly needs the picture"),
        ({"state": "cancelled"}, "Only a finished run"),
    ],
)
def test_what_cannot_be_sharpened_says_why(show: Show, changes: dict[str, Any], says: str) -> None:
    tab = open_live(show, **changes)
    tab.locator("[data-token='0']").click()
    expect(tab.locator(".sharpen")).to_be_disabled()
    expect(tab.locator(".hint")).to_contain_text(says)
    tab.locator(".sharpen").click(force=True)
    assert tab.evaluate("told") == []
