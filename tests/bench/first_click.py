"""What a person waits for on the page, in Chromium: the first heatmap, an example, a click on a word, a run.

`python -m tests.bench.first_click` starts an `app.py` of its own and prints Markdown. Its browser takes a share of the
same processors, as at home.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from mmattr_app.demo.scenes import scene
from tests.bench.page import served
from tests.conftest import FLAGS

SIZE = (640, 480)  # pixels of the scene that is explained
LOOKED = 1  # seconds for which a person looks at a picture before pressing Explain
# Notes when the second frame after a map was drawn is on the screen, in seconds since 1970, and the state by then. To
# ask for the canvas's pixels again and again instead would take the page more time than all else that it does.
WATCH = """
window.maps = [];
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (image, ...place) {
  put.call(this, image, ...place);
  const shown = this.canvas.closest('#explorer [data-state]');
  if (!shown || !this.canvas.classList.contains('heatmap') || !image.data.some(value => value)) return;
  const note = () => maps.push([shown.dataset.state, (performance.timeOrigin + performance.now()) / 1000]);
  requestAnimationFrame(() => requestAnimationFrame(note));
};"""
MAPS = "([since, states]) => maps.filter(([state, at]) => at > since && states.includes(state))[0]?.[1]"
# A word is pressed; the second frame after it is surely on the screen.
PRESS = """(token) => new Promise(done => {
  const chip = document.querySelector(`[data-token="${token}"]`);
  const how = {bubbles: true, button: 0, pointerType: 'mouse'};
  const before = performance.now();
  chip.dispatchEvent(new PointerEvent('pointerdown', how));
  document.dispatchEvent(new PointerEvent('pointerup', how));
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - before)));
})"""
LOADED = """() => {
  const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  return [all.length, all.reduce((sum, one) => sum + one.transferSize, 0) / 1e6];
}"""


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="loads, examples and runs (%(default)s)")
    parser.add_argument("--port", type=int, default=7893)
    options = parser.parse_args()
    print("| what a person waits for | median | longest |\n|---|---|---|")
    async with served(options.port, threads=2), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        address = f"http://127.0.0.1:{options.port}/"
        loads = [await load(browser, address) for _ in range(options.repeats)]
        page = loads[-1][0]
        requests, size = await page.evaluate(LOADED)
        tell(f"load to first heatmap, s ({size:.2f} MB, {requests} requests)", [seconds for _, seconds in loads])
        examples = [await take_example(page, number) for number in range(1, options.repeats + 1)]
        tell("example to its heatmap, s", examples)
        tokens = await page.locator(".token[data-token]").evaluate_all("all => all.map(one => one.dataset.token)")
        tell("click on a word to the second frame, ms", [await page.evaluate(PRESS, token) for token in tokens * 3])
        page, _ = await load(browser, address)  # with the first example's question, which any scene answers
        runs = [await explain(page, seed) for seed in range(1000, 1000 + options.repeats)]
        tell("Explain to the first map so far, s", [first for first, _ in runs])
        tell("Explain to the last map, s", [last for _, last in runs])


def tell(what: str, measured: list[float]) -> None:
    """Print one line."""
    print(f"| {what} | {np.median(measured):.3g} | {max(measured):.3g} |", flush=True)


async def load(browser: Browser, address: str) -> tuple[Page, float]:
    """Open the page with nothing cached, and wait for its first heatmap."""
    context = await browser.new_context(viewport={"width": 1280, "height": 720})
    await context.add_init_script(WATCH)
    page, started = await context.new_page(), time.time()
    await page.goto(address)
    return page, await map_drawn(page, started) - started


async def take_example(page: Page, number: int) -> float:
    """Take one of the examples, and wait for its heatmap."""
    button = page.locator("#examples button").nth(number % await page.locator("#examples button").count())
    started = time.time()
    await button.click()
    return await map_drawn(page, started) - started


async def explain(page: Page, seed: int) -> tuple[float, float]:
    """Drop a scene that nobody asked about yet, press Explain, and wait for the first map and for the last one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{seed}.png"
        Image.fromarray(scene(seed, max(SIZE)).image).resize(SIZE).save(path)
        await page.locator("#image input[type=file]").set_input_files(path)
        await page.wait_for_selector("#explorer [data-state=empty]")
    await asyncio.sleep(LOOKED)
    started = time.time()
    await page.locator("#explain").click()
    first = await map_drawn(page, started, "hiding", "done")
    return first - started, await map_drawn(page, started) - started


async def map_drawn(page: Page, since: float, *states: str) -> float:
    """Wait until a map is on the screen, the last one of a run unless other states are named; give the time."""
    found = await page.wait_for_function(MAPS, arg=[since, states or ["done"]], polling=20)
    return float(await found.json_value())


if __name__ == "__main__":
    asyncio.run(main())
