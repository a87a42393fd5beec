"""The explorer on a Gradio page: messages in, selections out, and nobody's text is run."""

from collections.abc import Iterator
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from mmattr_app.explorer import message
from mmattr_app.ui.explorer import Explorer
from tests.explorer.moments import done, grid, hiding

EVIL = ("<img src=x onerror=\"document.title='owned'\">", " ${7*7}", " {{value}}", " `", " </script>")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve a page of one explorer and three buttons."""

    def told(event: gr.EventData) -> str:
        return str(event.tokens)

    def run() -> Iterator[dict]:
        yield from (message(hiding(asked=asked)) for asked in (0, 3, 6, 9))
        yield message(done())

    with gr.Blocks() as demo:
        explorer = Explorer(elem_id="explorer")
        heard = gr.Textbox(elem_id="heard")
        gr.Button("Run").click(run, outputs=explorer)
        gr.Button("Evil").click(lambda: message(replace(done(EVIL, "".join(EVIL)), says=EVIL[0])), outputs=explorer)
        gr.Button("Clear").click(lambda: None, outputs=explorer)
        explorer.select(told, None, heard, queue=False, trigger_mode="multiple")
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
    yield url
    demo.close(verbose=False)


@pytest.fixture
def tab(browser: Browser, address: str) -> Iterator[Page]:
    """Open it; no error may appear, and no request may leave this machine."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    complaints: list[str] = []
    context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on(
        "request",
        lambda asked: None if asked.url.startswith((address, "data:", "blob:")) else complaints.append(asked.url),
    )
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".explorer[data-state=empty]")
    yield page
    context.close()
    assert complaints == []


def test_partial_results_arrive_and_a_selection_is_told_to_python(tab: Page) -> None:
    tab.get_by_role("button", name="Run").click()
    tab.wait_for_selector(".explorer[data-state=done]")
    tab.locator('[data-token="5"]').click()
    expect(tab.locator("#heard textarea")).to_have_value("[5, 6]")
    expect(tab.locator(".readout")).to_contain_text(
        "“windmill” rests mostly on the upper right (region 4). Hiding region 4 alone"
    )
    assert tab.evaluate(
        "() => document.querySelector('.heatmap').getContext('2d').getImageData(112, 16, 1, 1).data[3]"
    ) == pytest.approx(255, abs=2)
    tab.get_by_role("button", name="Clear").click()
    tab.wait_for_selector(".explorer[data-state=empty]")


def test_what_the_model_or_a_person_said_is_never_run(tab: Page) -> None:
    tab.get_by_role("button", name="Evil").click()
    tab.wait_for_selector(".explorer[data-state=done]")
    expect(tab.locator(".asked")).to_have_text(f"You asked: {''.join(EVIL)}")
    expect(tab.locator(".strip")).to_have_text(EVIL[0])
    assert "owned" not in tab.title()


def test_the_message_is_nobodys_input() -> None:
    component = Explorer(render=False)
    assert component.preprocess({"anything": 1}) is None
    assert component.postprocess(None)["state"] == "empty"
    assert component.api_info()["type"] == "object"


def test_a_message_takes_little_room() -> None:
    regions, tokens = 576, 400
    view = done(["word"] * tokens, segmentation=grid(24, 24), scores=np.zeros((regions, tokens), np.float32))
    assert sum(len(row) for row in message(view)["rows"]) < 1.4 * 2 * regions * tokens
