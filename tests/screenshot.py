"""Take the README's pictures of the running page: `python -m tests.screenshot` (make screenshot)."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from mmattr_app.jobs import Desk, Store
from mmattr_app.ui.examples import load_examples
from mmattr_app.ui.page import build, launch
from tests.conftest import FLAGS

FOLDER = Path(__file__).parents[1] / "assets" / "screenshots"
PAINTED = """() => {
  const c = document.querySelector('canvas#heatmap');
  return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v);
}"""
WIDTH, HEIGHT = 1360, 860


def main() -> None:
    """Open the first example, choose a word, and take it in both schemes."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        desk = Desk.on([], Store(Path(folder)))
        page = build(desk, load_examples())
        _, address, _ = launch(page, desk, port=None, prevent_thread_lock=True, quiet=True)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for scheme in ("light", "dark"):
            visit = browser.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme, device_scale_factor=1
            )
            visit.goto(address)
            visit.wait_for_selector("#explorer [data-state=done]")
            visit.locator("[data-token]", has_text="owl").or_(visit.locator("[data-token='2']")).first.click()
            visit.wait_for_function(PAINTED)
            visit.wait_for_function("[...document.images].every(image => image.complete)")
            visit.wait_for_function("document.getAnimations().every(one => one.playState === 'finished')")
            visit.screenshot(path=FOLDER / f"{scheme}.png")
        browser.close()
        page.close()


if __name__ == "__main__":
    main()
