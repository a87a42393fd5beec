"""Choosing, drawing and changing regions on the page, in a real browser."""

from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from mmattr_app.domain import Pixels
from mmattr_app.jobs import JobQueue
from tests.games import ToyWorker
from tests.strokes import drag
from tests.ui.acting import unfold
from tests.ui.test_page import Visit, choose, state


def begin(visit: Visit, picture: Path, **options: object) -> Page:
    """Open the page with a picture of one's own."""
    page = visit(**options)
    choose(page, picture)
    says(page, "256 regions")
    return page


def says(page: Page, words: str) -> None:
    expect(page.locator(".strip")).to_contain_text(words)


def cut_by(page: Page, label: str) -> None:
    page.locator("#choice label", has_text=label).click()


def by_method(page: Page, name: str) -> None:
    page.locator("#method input").click()
    page.get_by_role("option", name=name).click()


def explain(page: Page, queue: JobQueue, prompt: str) -> str:
    """Run to the end and tell how its regions were made."""
    page.locator("#prompt textarea").fill(prompt)
    page.locator("#explain").click()
    expect(page.locator("#explorer .asked")).to_contain_text(prompt)
    state(page, "done")
    return queue.store.get(queue.jobs()[-1].id).segmentation.made_by  # pyright: ignore[reportOptionalMemberAccess]


def test_each_choice_shows_its_controls_and_its_regions_at_once(
    visit: Visit, own_picture: Path, queue: JobQueue
) -> None:
    page = begin(visit, own_picture)
    expect(page.locator("#rows")).to_be_visible()
    cut_by(page, "Superpixels")
    expect(page.locator("#detail")).to_be_visible()
    expect(page.locator("#rows")).to_be_hidden()
    expect(page.locator(".strip")).to_contain_text("regions; 66 masks to ask")
    expect(page.locator(".numbers span").first).to_have_text("1")
    assert explain(page, queue, "by superpixels") == "slic:48"
    cut_by(page, "Colours")
    says(page, "masks to ask")
    expect(page.locator("#detail")).to_be_visible()
    assert explain(page, queue, "by colours") == "felzenszwalb:48"


def test_masks_of_ones_own_are_read_and_a_wrong_one_loses_nothing(
    visit: Visit, own_picture: Path, tmp_path: Path, picture: Pixels, queue: JobQueue
) -> None:
    page = begin(visit, own_picture)
    page.locator("#prompt textarea").fill("kept")
    cut_by(page, "My masks")
    says(page, "Choose a file of masks")
    expect(page.locator(".toast-body")).to_have_count(0)
    np.save(tmp_path / "wrong.npy", np.zeros((3, 3), int))
    page.locator("#masks input[type=file]").set_input_files(tmp_path / "wrong.npy")
    says(page, "wrong.npy is 3 high and 3 wide")
    expect(page.locator(".strip")).not_to_contain_text("/")
    expect(page.locator("#prompt textarea")).to_have_value("kept")
    expect(page.locator("#explorer .picture")).to_be_visible()
    page.locator("#masks button[aria-label='Remove this file'], #masks button[aria-label='Clear']").first.click()
    says(page, "Choose a file of masks")
    halves = np.zeros(picture.shape[:2], int)
    halves[:, 28:] = 1
    np.save(tmp_path / "halves.npy", halves)
    page.locator("#masks input[type=file]").set_input_files(tmp_path / "halves.npy")
    says(page, "2 regions")
    assert explain(page, queue, "my own") == "labels:halves.npy"


def test_regions_are_drawn_taken_back_and_explained(visit: Visit, own_picture: Path, queue: JobQueue) -> None:
    page = begin(visit, own_picture)
    cut_by(page, "Draw")
    says(page, "Draw on the picture")
    drag(page, (0.1, 0.1), (0.4, 0.5))
    says(page, "2 regions")
    page.get_by_role("radio", name="Lasso").click()
    drag(page, (0.6, 0.1), (0.9, 0.1), (0.75, 0.5), (0.6, 0.1))
    says(page, "3 regions")
    page.get_by_role("radio", name="Brush").click()
    drag(page, (0.2, 0.8), (0.8, 0.8))
    says(page, "4 regions")
    page.get_by_role("button", name="Undo").click()
    says(page, "3 regions")
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".pad")).to_be_hidden()
    made_by = explain(page, queue, "what I drew")
    assert made_by.startswith('drawn:[["rectangle",0.1')
    assert made_by.count("lasso") == 1


def test_explain_says_that_nothing_is_drawn_and_the_next_picture_starts_empty(
    visit: Visit, own_picture: Path, example: object
) -> None:
    page = begin(visit, own_picture)
    cut_by(page, "Draw")
    says(page, "Draw on the picture")
    page.locator("#explain").click()
    expect(page.locator(".toast-body")).to_contain_text("Draw on the picture")
    title = "node => [getComputedStyle(node).visibility, getComputedStyle(node, '::before').content]"
    assert page.locator(".toast-title").evaluate(title) == ["hidden", '"This did not work"']
    drag(page, (0.1, 0.1), (0.4, 0.5))
    says(page, "2 regions")
    choose(page, example.picture)  # pyright: ignore[reportAttributeAccessIssue]
    says(page, "Draw on the picture")
    expect(page.locator(".pad *")).to_have_count(0)


def test_a_finger_draws_on_a_phone_and_the_rest_of_the_page_scrolls(visit: Visit, own_picture: Path) -> None:
    page = begin(visit, own_picture, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.locator("#choice label", has_text="Draw").tap()
    says(page, "Draw on the picture")
    expect(page.locator(".pad")).to_be_in_viewport()
    expect(page.locator(".pad")).to_have_css("touch-action", "none")
    expect(page.locator("#explorer .body")).to_have_css("touch-action", "auto")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("radio", name="Brush").tap()
    page.locator(".pad").tap()
    says(page, "2 regions")


def test_regions_are_clicked_merged_split_and_explained_until_the_form_changes(
    visit: Visit, own_picture: Path, queue: JobQueue
) -> None:
    page = begin(visit, own_picture)
    expect(page.get_by_role("button", name="Split")).to_be_disabled()
    for region in (0, 1):
        page.locator(f"[data-region='{region}']").click()
    expect(page.locator(".chosen")).to_have_text("2 regions selected")
    page.get_by_role("button", name="Merge").click()
    says(page, "255 regions")
    expect(page.locator(".chosen")).to_have_text("Click regions to split or merge them.")
    page.locator("[data-region='0']").click()
    page.get_by_role("button", name="Split").click()
    says(page, "256 regions")  # what is long is cut across only
    page.locator(".edits .back").click()
    says(page, "255 regions")
    assert explain(page, queue, "with my own cut") == "grid:16x16, merge 1+2"
    cut_by(page, "Superpixels")
    says(page, "regions; 66 masks")
    assert explain(page, queue, "and now by another") == "slic:48"


def test_a_drawing_can_be_gone_on_with(visit: Visit, own_picture: Path) -> None:
    page = begin(visit, own_picture)
    cut_by(page, "Draw")
    says(page, "Draw on the picture")
    drag(page, (0.1, 0.1), (0.4, 0.5))
    says(page, "2 regions")
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Draw more").click()
    drag(page, (0.6, 0.6), (0.9, 0.9))
    says(page, "3 regions")


def test_regions_that_take_their_time_are_found_by_a_button_and_used_by_explain(
    visit: Visit, own_picture: Path, toy: ToyWorker, queue: JobQueue
) -> None:
    page = begin(visit, own_picture)
    expect(page.locator("#find")).to_be_hidden()
    cut_by(page, "SAM-2")
    says(page, "Press Find regions")
    toy.gate.clear()
    before = toy.cuts
    page.locator("#find").click()
    says(page, "finding regions: points 1 of 2")
    expect(page.locator("#find")).to_be_hidden()
    page.locator("#cancel").click()
    state(page, "cancelled")
    toy.gate.set()
    page.locator("#find").click()
    says(page, "3 regions")
    assert explain(page, queue, "with what was found") == "sam2"
    assert toy.cuts == before + 2
    page.locator("#prompt textarea").fill("and again")
    assert explain(page, queue, "and again") == "sam2"
    assert toy.cuts == before + 2


def test_explain_finds_the_regions_itself(visit: Visit, own_picture: Path, toy: ToyWorker, queue: JobQueue) -> None:
    page = begin(visit, own_picture)
    cut_by(page, "Automatic")
    says(page, "Press Find regions")
    toy.gate.clear()
    page.locator("#prompt textarea").fill("at once")
    page.locator("#explain").click()
    says(page, "finding regions: points 1 of 2")
    toy.gate.set()
    state(page, "done")
    assert queue.jobs()[-1].snapshot.segmentation is not None


def test_from_coarse_to_fine_fewer_masks_are_asked_than_there_are_regions(
    visit: Visit, own_picture: Path, queue: JobQueue
) -> None:
    page = begin(visit, own_picture)
    by_method(page, "Coarse to fine")
    says(page, "256 regions; 64 masks to ask")
    assert explain(page, queue, "finer") == "grid:16x16, grouped"
    expect(page.locator(".foot")).to_contain_text("Approximate")


def test_a_map_is_measured_and_its_figures_are_shown(visit: Visit, own_picture: Path, queue: JobQueue) -> None:
    page = begin(visit, own_picture)
    unfold(page, "more")
    page.locator("#measure").get_by_label("Insertion", exact=True).check()
    says(page, "256 regions; 86 masks to ask")
    page.locator("#measure").get_by_label("Deletion", exact=True).check()
    says(page, "256 regions; 106 masks to ask")
    explain(page, queue, "how good is it")
    expect(page.locator(".foot")).to_contain_text("Measured: insertion 0.000, deletion 0.000.")


def test_the_cost_follows_the_method_and_the_budget(visit: Visit, own_picture: Path) -> None:
    page = begin(visit, own_picture)
    unfold(page, "more")
    page.locator("#budget input").fill("20")
    says(page, "256 regions; 22 masks to ask")
    by_method(page, "Ablation")
    says(page, "256 regions; 258 masks to ask")


def test_from_a_result_one_goes_back_to_its_regions_and_pays_for_new_ones_only(
    visit: Visit, own_picture: Path, toy: ToyWorker, queue: JobQueue
) -> None:
    page = begin(visit, own_picture)
    by_method(page, "Ablation")
    explain(page, queue, "edited later")
    page.get_by_role("button", name="Edit regions").click()
    says(page, "256 regions; 258 masks")
    expect(page.locator("[data-region='0']")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Split").click()
    says(page, "259 regions")
    before = toy.masks
    page.locator("#explain").click()
    state(page, "done")
    assert queue.jobs()[-1].snapshot.attribution.segmentation.made_by == "grid:16x16, split 1"  # pyright: ignore[reportOptionalMemberAccess]
    assert toy.masks - before == 4
