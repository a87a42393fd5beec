"""What a person does on the page, at the speed at which a person can do it."""

from playwright.sync_api import Page

from mmattr_app.jobs import JobQueue
from tests.games import ToyWorker

FRAMES = """() => new Promise(drawn => { let frames = 20;
  const count = () => frames-- ? requestAnimationFrame(count) : drawn(); count(); })"""


def unfold(page: Page, name: str) -> None:
    """Open a closed part of the form, and wait until a third of a second is drawn.

    Gradio makes the fields only then, and sets their values once more a moment after they have appeared: what is typed
    quicker than a person can is lost.
    """
    page.locator(f"#{name} > button").click()
    page.locator(f"#{name} :is(input, textarea)").first.wait_for(state="attached")
    page.evaluate(FRAMES)


def stop(page: Page, button: str, queue: JobQueue, toy: ToyWorker) -> None:
    """Press a button that stops a job; the worker goes on only when the click has arrived, else it would end before."""
    page.locator(button).click()
    assert any(queue.jobs()[-1].unwanted() for _ in range(10_000) if page.title()), "the click should arrive"
    toy.gate.set()
