"""The tab "Can I trust it?": a map is measured, and compared with another occluder's, while it stays on show."""

from pathlib import Path

from playwright.sync_api import Page, expect

from mmattr_app.jobs import JobQueue
from tests.games import ToyWorker
from tests.ui.test_page import Visit, state
from tests.ui.test_regions import begin, explain


def open_tab(page: Page) -> None:
    page.get_by_role("tab", name="Can I trust it?").click()


def test_a_map_is_measured_while_it_stays_on_show(
    visit: Visit, own_picture: Path, queue: JobQueue, toy: ToyWorker
) -> None:
    page = begin(visit, own_picture)
    explain(page, queue, "on show")
    page.locator("[data-token='0']").first.click()
    open_tab(page)
    expect(page.locator(".ask.measure .costs")).to_contain_text("masks")
    toy.gate.clear()
    page.locator(".ask.measure button").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    state(page, "done")
    expect(page.locator("[data-token='0']").first).to_have_attribute("aria-selected", "true")
    toy.gate.set()
    expect(page.locator(".curves svg")).to_have_count(2)
    expect(page.locator(".verdict")).to_be_focused()
    expect(page.locator("[data-token='0']").first).to_have_attribute("aria-selected", "true")
    page.locator("[data-token='1']").first.click()
    expect(page.locator(".curves svg")).to_have_count(0)
    expect(page.locator(".ask.measure button")).to_be_visible()


def test_what_was_measured_is_there_after_a_reload_and_in_the_file(
    visit: Visit, own_picture: Path, queue: JobQueue
) -> None:
    page = begin(visit, own_picture)
    explain(page, queue, "measured")
    page.locator("[data-token='0']").first.click()
    open_tab(page)
    page.locator(".ask.measure button").click()
    expect(page.locator(".curves svg")).to_have_count(2)
    page.reload()
    state(page, "done")
    page.locator("[data-token='0']").first.click()
    open_tab(page)
    expect(page.locator(".curves svg")).to_have_count(2)
    result = queue.store.get(queue.jobs()[-2].id)
    assert result
    assert [one.tokens for one in result.measured] == [(0,)]


def test_two_occluders_are_compared_and_it_can_be_stopped(
    visit: Visit, own_picture: Path, queue: JobQueue, toy: ToyWorker
) -> None:
    page = begin(visit, own_picture)
    explain(page, queue, "compared")
    page.locator("[data-token='0']").first.click()
    open_tab(page)
    expect(page.locator(".ask.compare .costs")).to_contain_text("About 66 masks")
    toy.gate.clear()
    page.locator(".ask.compare button").click()
    page.get_by_role("button", name="Stop").click()
    toy.gate.set()
    expect(page.locator(".ask.compare .costs")).to_contain_text("ancelled")
    page.locator(".ask.compare button").click()
    expect(page.locator(".pair canvas")).to_have_count(2)
    expect(page.locator(".compared .verdict")).to_contain_text("The ranks of all places correlate by 1.00")
    asked = toy.masks
    page.locator("[data-token='1']").first.click()
    expect(page.locator(".ask.compare .costs")).to_have_text("Nothing new has to be asked.")
    page.locator(".ask.compare button").click()
    expect(page.locator(".pair canvas")).to_have_count(2)
    assert toy.masks == asked
