"""Links between regions on the stage: lines between those that need each other or do the same, and a sentence."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from mmattr_app.domain import Links
from mmattr_app.explorer import View, message
from mmattr_app.players.regions import Regions
from tests.explorer.conftest import settle
from tests.explorer.moments import CAR, PIECES, RED, REGIONS, done

Show = Callable[..., Page]
LINES = (
    """lines => lines.map(line => [line.getAttribute('d'), line.style.stroke, parseFloat(line.style.strokeWidth)])"""
)
ORANGE, BLUE = "rgb(228, 113, 23)", "rgb(56, 124, 194)"


def linked(values: dict[tuple[int, int], float], view: View | None = None, made_by: str = "grid:3x4") -> View:
    """Give a map for “car” with links between its regions."""
    view = view or done(method="interactions", reads="estimate")
    why = view.attribution
    assert why
    strengths = np.zeros((len(values), len(PIECES)), np.float32)
    strengths[:, CAR] = list(values.values())
    links = Links("Shapley interaction index", np.array(list(values), np.intp).reshape(-1, 2), strengths)
    players = Regions(why.answer.question, replace(why.segmentation, made_by=made_by), why.occluder)
    scores = replace(why.scores, links=links)
    return replace(view, attribution=replace(why, scores=scores, players=players, selection=(CAR,)))


def test_the_strongest_links_are_lines_as_wide_as_they_are_strong(show: Show) -> None:
    tab = show(linked({(5, 6): 2.0, (3, 5): -1.0, (0, 1): 0.1}))
    lines = [line for line in tab.locator(".link").evaluate_all(LINES) if line[1] != "rgb(255, 255, 255)"]
    assert [line[1] for line in lines] == [ORANGE, BLUE]
    assert [line[2] for line in lines] == [7, 3.5]
    starts = [tuple(float(number) for number in line[0][1:].replace("L", " ").split()) for line in lines]
    assert [[abs(one - other) < 1 for one, other in zip(found, wanted, strict=True)] for found, wanted in zip(
        starts, [(48, 48, 80, 48), (112, 16, 48, 48)], strict=True)] == [[True] * 4] * 2  # fmt: skip
    expect(tab.locator(".marks")).to_contain_text("6")


def test_a_sentence_says_what_the_lines_mean(show: Show) -> None:
    tab = show(linked({(5, 6): 2.0, (3, 5): -1.0}))
    expect(tab.locator(".readout")).to_contain_text(
        "In pairs, regions 6 and 7 need each other (+2.00 logits), and regions 4 and 6 can replace each other ("
    )
    expect(show(linked({(5, 6): 0.1})).locator(".readout")).to_contain_text(
        "none of the regions that count most needs another"
    )
    expect(show(done()).locator(".readout")).not_to_contain_text("In pairs")


def test_no_line_leads_to_the_rest_of_the_picture(show: Show) -> None:
    values = {(5, REGIONS - 1): 3.0, (5, 6): 1.0}
    assert show(linked(values)).locator(".link").count() == 4
    assert show(linked(values, made_by="grid:16x16, grouped")).locator(".link").count() == 2


def test_the_rest_of_the_picture_is_named_but_not_painted(show: Show) -> None:
    values = np.zeros((REGIONS, len(PIECES)), np.float32)
    values[[5, REGIONS - 1], CAR] = 1.0, 4.0
    view = done(method="interactions", reads="estimate", scores=values)
    tab = show(linked({(5, 6): 1.0}, view, made_by="grid:16x16, grouped"))
    expect(tab.locator(".readout")).to_contain_text("the rest of the picture")
    painted = """() => { const canvas = document.querySelector('canvas.heatmap');
      const at = (x, y) => canvas.getContext('2d').getImageData(x, y, 1, 1).data[3];
      return [at(48, 48), at(112, 80)]; }"""
    assert tab.evaluate(painted) == [255, 0]
    expect(tab.locator(".high")).to_have_text("supports +1.0 logits")


def test_other_words_than_those_explained_have_no_links(show: Show) -> None:
    tab = show(linked({(5, 6): 2.0}))
    tab.locator(f"[data-token='{RED}']").click()
    settle(tab)
    assert tab.locator(".link").count() == 0
    assert message(done())["links"] is None


def test_the_png_has_the_lines(show: Show) -> None:
    view = done(method="interactions", reads="estimate", scores=np.zeros((REGIONS, len(PIECES)), np.float32))
    tab = show(linked({(0, 11): -2.0}, view))
    tab.get_by_role("tab", name="Export").click()
    with tab.expect_download() as download:
        tab.locator("[data-format=png]").click()
    poster = np.asarray(Image.open(BytesIO(download.value.path().read_bytes())).convert("RGB")).astype(int)
    bluish = np.abs(poster - [56, 124, 194]).max(axis=2) < 12
    rows, columns = np.nonzero(bluish)
    assert np.ptp(columns[rows < 0.85 * len(poster)]) > 0.6 * poster.shape[1]
