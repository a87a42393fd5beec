"""Two explorers on one page, as in a notebook: each with its own script, and neither touches the other."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from mmattr_app.explorer import html, js, message
from tests.explorer.conftest import settle
from tests.explorer.moments import CAR, WIND, done, grid

ADD = """([html, js, message]) => {
  const host = document.body.appendChild(document.createElement('div'));
  host.innerHTML = html;
  const script = document.createElement('script');
  script.textContent = `{ ${js}; window.mountAnother = mountExplorer; }`;
  document.body.append(script);
  mountAnother(host, {}).update(message);
}"""
# Ids that stand twice, and references to an id that lead out of the explorer in which they stand.
ASTRAY = """() => {
  const ids = [...document.querySelectorAll('[id]')].map(node => node.id);
  const astray = ids.filter((id, i) => ids.indexOf(id) !== i);
  const names = ['aria-controls', 'aria-labelledby', 'aria-describedby', 'aria-activedescendant', 'for', 'clip-path'];
  for (const name of names) {
    for (const node of document.querySelectorAll(`[${name}]`)) {
      const id = node.getAttribute(name).replace(/^url\\(#(.*)\\)$/, '$1');
      const found = document.getElementById(id);
      if (!found || found.closest('.explorer') !== node.closest('.explorer')) astray.push(`${name}=${id}`);
    }
  }
  return astray;
}"""


@pytest.fixture
def two(show: Callable[..., Page]) -> tuple[Page, Locator, Locator]:
    """Give the page, and both explorers; regions of the second are cut otherwise."""
    tab = show(done(live=True))
    tab.evaluate(ADD, [html(), js(), message(done(live=True, segmentation=grid(2, 6)))])
    explorers = tab.locator(".explorer")
    expect(explorers).to_have_count(2)
    settle(tab)
    return tab, explorers.nth(0), explorers.nth(1)


def test_no_id_stands_twice_and_every_reference_stays_inside(two: tuple[Page, Locator, Locator]) -> None:
    tab, first, second = two
    for explorer in (first, second):
        explorer.locator(f"[data-token='{CAR}']").click()
    settle(tab)
    assert tab.locator("[aria-activedescendant]").count() == 2
    assert tab.locator("[aria-describedby]").count() == 2
    assert tab.locator("[clip-path]").count() == 2
    assert tab.evaluate(ASTRAY) == []


def test_what_is_chosen_in_one_changes_nothing_in_the_other(two: tuple[Page, Locator, Locator]) -> None:
    tab, first, second = two
    for explorer, token in ((first, CAR), (second, WIND)):
        explorer.locator(f"[data-token='{token}']").click()
    second.get_by_role("tab", name="All words").click()
    second.get_by_role("radio", name="Model tokens").click()
    settle(tab)
    expect(first.locator(f"[data-token='{CAR}']")).to_have_attribute("aria-selected", "true")
    expect(first.get_by_role("radio", name="Words", exact=True)).to_be_checked()
    expect(first.locator(".why")).to_be_visible()
    expect(second.locator(f"[data-token='{WIND}']")).to_have_attribute("aria-selected", "true")
    expect(second.locator(".all-words")).to_be_visible()
    first.locator(f"[data-token='{CAR}']").focus()
    tab.keyboard.press("Escape")
    expect(second.locator(f"[data-token='{WIND}']")).to_have_attribute("aria-selected", "true")
