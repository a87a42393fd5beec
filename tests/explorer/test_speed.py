"""How long a click takes to draw in a large run: reported, never asserted, for it is the machine's."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mmattr_app.domain import Answer, Question
from mmattr_app.explorer import View
from tests.explorer.moments import grid

CLICKS = """async () => {
  const frames = [], draws = [];
  const frame = () => new Promise(done => requestAnimationFrame(done));
  const chips = [...document.querySelectorAll('[data-token]')];
  const press = (chip, shiftKey) =>
    chip.dispatchEvent(new PointerEvent('pointerdown', {bubbles: true, button: 0, shiftKey, pointerType: 'mouse'}));
  for (let i = 0; i < 15; i++) {
    await frame();
    let start;
    requestAnimationFrame(() => { start = performance.now(); });
    press(chips[(i * 37) % chips.length], i % 3 === 2);  // every third click makes a long span
    await frame();  // the drawing stands between the two
    draws.push(performance.now() - start);
    document.body.offsetHeight;
    frames.push(performance.now() - start);
    document.dispatchEvent(new PointerEvent('pointerup'));
  }
  const middle = list => list.sort((a, b) => a - b)[7].toFixed(1);
  return [middle(draws), middle(frames), frames[14].toFixed(1)];
}"""


def test_a_click_in_a_large_run(show: Callable[..., Page], capsys: pytest.CaptureFixture[str]) -> None:
    regions, tokens = 24 * 24, 400
    random = np.random.default_rng(0)
    image = random.integers(0, 255, (768, 1024, 3), np.uint8)
    full = -random.exponential(1, tokens).astype(np.float32)
    answer = Answer(Question(image, "?"), tuple(range(tokens)), (" word",) * tokens, full, False, "toy", "1", "float32")
    scores = random.normal(0, 1, (regions, tokens)).astype(np.float32)
    cut = grid(24, 24, (768, 1024))
    tab = show(View("done", "", answer.question, "", answer, cut, scores, full, full - 1))
    expect(tab.locator("[data-token]")).to_have_count(tokens)
    draw, layout, worst = tab.evaluate(CLICKS)
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{regions} regions x {tokens} tokens: click to drawn {draw} ms (median), with layout {layout} ms, "
            f"worst {worst} ms"
        )
