"""A click in a large run redraws only what it changes, and once a frame: what keeps it fast, whatever the machine."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mmattr_app.domain import Answer, Attribution, Question, Scores
from mmattr_app.explorer import View
from mmattr_app.players.regions import Regions
from tests.explorer.conftest import settle
from tests.explorer.moments import grid

REGIONS, TOKENS = 24 * 24, 400
WATCH = """() => {
  window.touched = new Set();
  window.painted = window.planned = 0;
  const watch = new MutationObserver(records => {
    for (const {target} of records) if (target.dataset.token || target.dataset.region) touched.add(target);
    for (const {addedNodes} of records) for (const node of addedNodes) touched.add(node);
  });
  const options = {subtree: true, childList: true, attributes: true};
  for (const part of ['.tokens', '.targets', '.shapes']) watch.observe(document.querySelector(part), options);
  const plan = window.requestAnimationFrame;
  window.requestAnimationFrame = draw => plan(draw, window.planned++);
  const paint = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...given) {
    window.painted += this.canvas.matches('.heatmap');
    return paint.apply(this, given);
  };
}"""
PRESS = """(tokens) => {
  for (const token of tokens) {
    const chip = document.querySelector(`[data-token="${token}"]`);
    const how = {bubbles: true, button: 0, pointerType: 'mouse'};
    chip.dispatchEvent(new PointerEvent('pointerdown', how));
    document.dispatchEvent(new PointerEvent('pointerup', how));
  }
}"""


@pytest.fixture
def large(show: Callable[..., Page]) -> Page:
    """Open a run of many regions and tokens, with the first token chosen, and note what is drawn from then on."""
    random = np.random.default_rng(0)
    image = random.integers(0, 255, (768, 1024, 3), np.uint8)
    full = -random.exponential(1, TOKENS).astype(np.float32)
    answer = Answer(
        Question((image,), "?"), tuple(range(TOKENS)), (" word",) * TOKENS, full, False, "toy", "1", "float32"
    )
    scores = random.normal(0, 1, (REGIONS, TOKENS)).astype(np.float32)
    cut = grid(24, 24, (768, 1024))
    players = Regions(answer.question, cut, "mean")
    why = Attribution(answer, players, "ablation", None, 0, Scores(scores), "measured loss", full, full - 1)
    tab = show(View("done", attribution=why))
    expect(tab.locator("[data-token]")).to_have_count(TOKENS)
    tab.evaluate(PRESS, [0])
    settle(tab)
    tab.evaluate(WATCH)
    return tab


def test_a_click_touches_the_two_words_that_change_and_no_region(large: Page) -> None:
    large.evaluate(PRESS, [370])
    settle(large)
    expect(large.locator(".token[aria-selected=true]")).to_have_attribute("data-token", "370")
    assert sorted(large.evaluate("[...touched].map(node => node.dataset.token ?? node.outerHTML)")) == ["0", "370"]
    assert large.evaluate("painted") == 1


def test_many_clicks_within_a_frame_are_drawn_once(large: Page) -> None:
    large.evaluate(PRESS, [37, 74, 111, 370])
    assert large.evaluate("planned") == 1
    settle(large)
    expect(large.locator(".token[aria-selected=true]")).to_have_attribute("data-token", "370")
    assert large.evaluate("painted") == 1
