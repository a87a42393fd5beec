"""Take the README's pictures of the running page: `python -m tests.screenshot` (make screenshot)."""

import argparse
import io
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from mmattr_app.jobs import JobQueue, Store
from mmattr_app.ui.examples import load_examples
from mmattr_app.ui.page import build, launch
from tests.canvas import wait_until_painted
from tests.conftest import FLAGS

FOLDER = Path(__file__).parents[1] / "assets" / "screenshots"
WIDTH, HEIGHT = 1360, 860
SIZES = {"1280": (1280, 720), "1440": (1440, 900), "tablet": (820, 1180), "phone": (390, 844)}  # --all takes them, too
Scheme: TypeAlias = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
COLOURS = 256  # of a picture of the tour: a third of the bytes


def main() -> None:
    """Take the whole page in both schemes, and a part of it for each step of the tour."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--all", type=Path, metavar="FOLDER", help="take the page in every size and scheme, to be looked at"
    )
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        queue = JobQueue.on([], Store(Path(folder)))
        page = build(queue, load_examples())
        _, address, _ = launch(page, queue, port=None, prevent_thread_lock=True, quiet=True)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        wanted: dict[str, tuple[Scheme, tuple[int, int], Path]] = {
            f"{scheme}": (scheme, (WIDTH, HEIGHT), FOLDER) for scheme in SCHEMES
        }
        wanted["phone"] = ("light", SIZES["phone"], FOLDER)
        if options.all:
            options.all.mkdir(exist_ok=True)
            for name, size in SIZES.items():
                wanted |= {f"{name}-{scheme}": (scheme, size, options.all) for scheme in SCHEMES}
        for name, (scheme, (width, height), folder_of_it) in wanted.items():
            visit = open_page(browser, address, scheme, width, height)
            choose(visit, "butterfly")
            rest(visit)
            visit.screenshot(path=folder_of_it / f"{name}.png")
            visit.close()
        visit = open_page(browser, address, "light", WIDTH, 1000)
        for name, (show, parts) in TOUR.items():
            show(visit)
            rest(visit)
            take(visit, name, parts)
        browser.close()
        page.close()


def open_page(browser: Browser, address: str, scheme: Scheme, width: int, height: int) -> Page:
    """Open the page as somebody does who closed the tour."""
    visit = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        device_scale_factor=1,
        is_mobile=width < 500,
        has_touch=width < 500,
    )
    visit.add_init_script("localStorage.setItem('mmattr-tour', 'closed')")
    visit.goto(address)
    visit.wait_for_selector("#explorer [data-state=done]")
    if width < 500:
        visit.locator("#stage").evaluate("node => node.scrollIntoView()")
    return visit


def choose(visit: Page, word: str) -> None:
    """Click a word of the answer."""
    visit.wait_for_selector("#explorer [data-state=done]")
    visit.locator("[data-token]", has_text=word).first.click()
    wait_until_painted(visit)


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
    visit.locator(".stage [data-region='56']").hover()


def see_the_whole_answer(visit: Page) -> None:
    """Open the small maps of all words."""
    visit.mouse.move(0, 0)
    visit.get_by_role("tab", name="All words").click()


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
