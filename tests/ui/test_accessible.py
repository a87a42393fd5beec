"""No violation of WCAG AA, by axe-core, on the page and in the file that people take home, light and dark."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from mmattr_app.errors import AppError
from mmattr_app.explorer import page as file_of
from mmattr_app.jobs import JobQueue
from mmattr_app.ui.examples import Example
from mmattr_app.ui.views import result_view
from tests.explorer.test_trusted import COSTS, checked, measured, open_tab
from tests.games import ToyWorker
from tests.ui.acting import stop, unfold
from tests.ui.test_page import choose, state

Visit = Callable[..., Page]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}

SETTLED = """document.getAnimations().every(one => one.playState !== 'running'
    || one.effect.getComputedTiming().iterations === Infinity)"""


def violations(page: Page) -> list[str]:
    """List what axe-core finds once colours have changed, with the first place of each."""
    page.wait_for_function(SETTLED)
    found = (
        Axe().run(page, context={"exclude": [[".toast-wrap"]]}, options=RULES).response["violations"]
    )  # still fading in
    return [f"{each['id']}: {each['help']} {each['nodes'][0]['html'][:160]}" for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_in_each_of_its_states(
    visit: Visit, own_picture: Path, queue: JobQueue, toy: ToyWorker, scheme: str
) -> None:
    page = visit(color_scheme=scheme)
    unfold(page, "more")
    assert violations(page) == [], "a result"
    page.locator("[data-tab=whole]").click()
    assert violations(page) == [], "small maps"
    page.locator("[data-tab=trust]").click()
    page.wait_for_selector(".ask.compare .costs:not(:empty)")
    assert violations(page) == [], "a map that can be measured"
    choose(page, own_picture)
    page.locator("#choice").get_by_text("Superpixels").click()
    page.wait_for_selector("#explorer .numbers", state="visible")
    assert violations(page) == [], "a preview"
    toy.gate.clear()
    page.locator("#prompt textarea").fill("runs")
    page.locator("#explain").click()
    state(page, "hiding")
    assert violations(page) == [], "a run"
    stop(page, "#cancel", queue, toy)
    state(page, "cancelled")
    toy.error = AppError("The model is tired; let it rest.")
    page.locator("#prompt textarea").fill("fails")
    page.locator("#explain").click()
    state(page, "failed")
    assert violations(page) == [], "an error"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tab_of_trust_with_all_that_it_can_hold(browser: Browser, scheme: Literal["light", "dark"]) -> None:
    running = {"what": "compare", "says": "hiding", "done": 1, "of": 2}
    trust = {"costs": COSTS, "running": running}
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.set_content(file_of(checked(measured(-0.1, live=True, trust=trust), 1)))
    open_tab(page)
    page.get_by_text("The numbers as a table").click()
    assert violations(page) == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_file_that_people_take_home(
    browser: Browser, example: Example, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    (tmp_path / "mmattr.html").write_text(file_of(result_view(example.attribution)), encoding="utf-8")
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # axe-core is a script of the test's own
    page = context.new_page()
    page.goto((tmp_path / "mmattr.html").as_uri())
    page.wait_for_selector(".explorer[data-state=done]")
    assert violations(page) == []
    context.close()
