"""Take the README's pictures of the running page: `python -m tests.screenshot` (make screenshot)."""

import io
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from mmattr_app.jobs import JobQueue, Store
from mmattr_app.ui.examples import load_examples
from mmattr_app.ui.page import build, launch
from tests.conftest import FLAGS

FOLDER = Path(__file__).parents[1] / "assets" / "screenshots"
PAINTED = """() => {
  const c = document.querySelector('canvas.heatmap');
  return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v);
}"""
WIDTH, HEIGHT = 1360, 860
COLOURS = 256  # of a picture of the tour: a third of the bytes


def main() -> None:
    """Take the whole page in both schemes, and a part of it for each step of the tour."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        queue = JobQueue.on([], Store(Path(folder)))
        page = build(queue, load_examples())
        _, address, _ = launch(page, queue, port=None, prevent_thread_lock=True, quiet=True)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for scheme in ("light", "dark"):
            visit = browser.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme, device_scale_factor=1
            )
            visit.goto(address)
            choose(visit, "butterfly")
            rest(visit)
            visit.screenshot(path=FOLDER / f"{scheme}.png")
        visit = browser.new_page(viewport={"width": WIDTH, "height": 1000}, color_scheme="light", device_scale_factor=1)
        visit.goto(address)
        for name, (show, parts) in TOUR.items():
            show(visit)
            rest(visit)
            take(visit, name, parts)
        browser.close()
        page.close()


def choose(visit: Page, word: str) -> None:
    """Click a word of the answer."""
    visit.wait_for_selector("#explorer [data-state=done]")
    visit.locator("[data-token]", has_text=word).first.click()
    visit.wait_for_function(PAINTED)


def rest(visit: Page) -> None:
    """Wait until nothing loads or moves."""
    visit.wait_for_function("[...document.images].every(image => image.complete)")
    visit.wait_for_function("document.getAnimations().every(one => one.playState === 'finished')")


def take(visit: Page, name: str, parts: tuple[str, ...]) -> None:
    """Save what lies between the first and the last of some parts, with a margin."""
    boxes = [box for part in parts if (box := visit.locator(part).first.bounding_box())]
    left, top = (min(box[side] for box in boxes) - 12 for side in ("x", "y"))
    right, bottom = max(box["x"] + box["width"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    clip = {"x": left, "y": top, "width": right - left + 12, "height": bottom - top + 12}
    picture = Image.open(io.BytesIO(visit.screenshot(clip=clip)))  # pyright: ignore[reportArgumentType]
    whole = picture.convert("RGB")
    few = whole.quantize(palette=whole.quantize(COLOURS, kmeans=2), dither=Image.Dither.FLOYDSTEINBERG)
    few.save(FOLDER / f"{name}.png", optimize=True)


def point(visit: Page) -> None:
    """Point at a wing of the butterfly."""
    visit.locator(".stage").hover(position={"x": 270, "y": 150})


def see_the_whole_answer(visit: Page) -> None:
    """Open the matrix of all regions and all words."""
    visit.mouse.move(0, 0)
    visit.get_by_role("tab", name="Whole answer").click()


def cut_otherwise(visit: Page) -> None:
    """Have superpixels in place of the grid."""
    visit.get_by_text("Superpixels", exact=True).click()
    visit.wait_for_selector("#explorer .numbers", state="visible")


TOUR: dict[str, tuple[Callable[[Page], None], tuple[str, ...]]] = {
    "1-word": (lambda visit: choose(visit, "crown"), (".asked", ".answer", ".readout", ".stage", ".legend")),
    "2-region": (point, (".answer", ".readout", ".stage")),
    "3-answer": (see_the_whole_answer, (".reasons",)),
    "4-regions": (cut_otherwise, ("#image", "#choice", ".asked", ".stage")),
}


if __name__ == "__main__":
    main()
