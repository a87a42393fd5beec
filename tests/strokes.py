"""Strokes of the mouse over the picture, as a person draws regions."""

from playwright.sync_api import Page


def drag(page: Page, *points: tuple[float, float], release: bool = True, picture: int = 0) -> None:
    """Draw through points, in fractions of the picture."""
    pad = page.locator(".pad").nth(picture)
    pad.wait_for()  # it comes and goes with a word from the server
    box = pad.bounding_box()
    assert box
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=3)
    if release:
        page.mouse.up()
