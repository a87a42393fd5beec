"""Regions that a person draws, splits and merges on each of several pictures, and what is kept of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from mmattr_app import pipeline
from mmattr_app.errors import AppError
from mmattr_app.jobs import JobQueue
from mmattr_app.ui.drawing import Drawing
from mmattr_app.ui.filling import fill, values_of_result
from mmattr_app.ui.form_values import NAMES, FormValues
from mmattr_app.ui.previews import regions_view
from mmattr_app.ui.region_choices import edit, fields_of, regions_of, resume
from mmattr_app.ui.session import Session, Shown
from mmattr_app.ui.views import result_view
from tests.games import ToyWorker, toy_queue
from tests.strokes import drag
from tests.ui.acting import unfold
from tests.ui.test_form_question import asked, files, kind_of
from tests.ui.test_page import Visit, state
from tests.ui.test_regions import begin, cut_by, explain, says

__all__ = ["files"]

ONE, OTHER = [["rectangle", 0.1, 0.1, 0.5, 0.5]], [["brush", 0.2, [[0.5, 0.5]]]]


def drawn_on(files: list[str], first: list[Any], second: list[Any]) -> Session:
    session = Session()
    session.drawing = Drawing({"image": files[0], "second": files[1]}).redrawn([first, second])
    return session


def made(filled: FormValues, session: Session) -> list[str]:
    kind = kind_of(filled, session)
    return [cut.made_by for cut in (kind.segmentation, *kind.further) if cut]


@pytest.mark.parametrize(
    ("first", "second", "ways"),
    [(ONE, [], ["drawn", "grid:2x3"]), ([], OTHER, ["grid:2x3", "drawn"]), (ONE, OTHER, ["drawn", "drawn"])],
)
def test_each_picture_has_the_regions_that_were_drawn_on_it_or_a_grid(
    files: list[str], tmp_path: Path, first: list[Any], second: list[Any], ways: list[str]
) -> None:
    filled, session = asked(files, choice="drawn"), drawn_on(files, first, second)
    cuts = made(filled, session)
    assert [way.partition(":[")[0] for way in cuts] == ways
    view = regions_view(toy_queue(ToyWorker(), tmp_path), filled, session)
    assert view.drawing == {"number": session.drawing.number, "shapes": [first, second]}
    assert ("A picture on which nothing is drawn is cut into a grid of 2x3." in view.says) == ("grid:2x3" in ways)


def test_regions_are_changed_in_each_picture_and_taken_back_in_the_order_of_the_changes(files: list[str]) -> None:
    filled, session = asked(files), Session()
    made(filled, session)
    edit(filled, session, "split", 1, [0])
    edit(filled, session, "merge", 0, [0, 1])
    edit(filled, session, "split", 1, [2])
    assert made(filled, session) == ["grid:2x3, merge 1+2", "grid:2x3, split 1, split 3"]
    assert made(replace(filled, prompt="Another?"), session) == ["grid:2x3, merge 1+2", "grid:2x3, split 1, split 3"]
    edit(filled, session, "undo", 0, [])
    assert made(filled, session) == ["grid:2x3, merge 1+2", "grid:2x3, split 1"]
    edit(filled, session, "undo", 0, [])
    assert made(filled, session) == ["grid:2x3", "grid:2x3, split 1"]
    moved = replace(filled, second=None, third=files[1])
    assert made(moved, session) == ["grid:2x3", "grid:2x3"], "another field may hold another picture"
    for wrong in (2, -1, "1", None, True):
        with pytest.raises(AppError, match="Click one or more regions first"):
            edit(filled, session, "split", wrong, [0])


def test_two_questions_that_differ_in_the_second_pictures_regions_are_two(files: list[str]) -> None:
    filled, session = asked(files), Session()
    before = kind_of(filled, session)
    assert before.same(kind_of(filled, session))
    edit(filled, session, "split", 1, [0])
    assert not before.same(kind_of(filled, session))


def test_a_result_gives_back_the_drawing_and_its_changed_regions(files: list[str]) -> None:
    filled, session = asked(files, choice="drawn"), drawn_on(files, [], OTHER)
    made(filled, session)
    edit(filled, session, "split", 1, [0])
    kind, told = kind_of(filled, session), list[object]()
    toy: Any = ToyWorker()
    result = kind.run(toy, {}, pipeline.SILENT, lambda **changes: told.append(changes))["attribution"]
    later = Session()  # after a reload
    updates = dict(zip(NAMES, fill(values_of_result(result, files[0]), later, lambda _: True), strict=False))
    assert (updates["choice"], updates["rows"], updates["columns"]) == ("drawn", 2, 3)
    again = replace(filled, second=updates["second"])
    assert made(again, later) == ["grid:2x3", kind.regions[1]], "the drawing, before it was changed"
    later.shown = [Shown.of(lambda: result, result_view(result))]
    resume(again, later)
    assert made(again, later) == ["grid:2x3", f"{kind.regions[1]}, split 1"]
    with pytest.raises(AppError, match="This result is of other pictures; choose these again"):
        resume(replace(again, second=None), later)


def test_the_fields_are_those_of_the_first_picture_unless_another_one_was_drawn_on() -> None:
    grid, drawing = {"rows": 2, "columns": 3}, {"choice": "drawn"}
    assert fields_of(("drawn:[[1]]", "grid:2x3")) == grid | drawing
    assert fields_of(("grid:4x4", "drawn:[[1]]")) == {"rows": 4, "columns": 4} | drawing
    assert fields_of(("labels:mine.png", "grid:2x3")) == grid, "the file stays chosen"
    assert fields_of(("grid:2x3, split 1", "grid:2x3")) == grid
    assert fields_of(("slic:9, split 1", "slic:9")) == {}


def test_what_a_slow_way_found_for_one_picture_is_kept_while_the_other_is_found(files: list[str]) -> None:
    filled = asked(files, choice="sam2")
    kind = kind_of(filled)
    second = pipeline.segment(kind.question.pictures[1], "grid:1x2")
    toy: Any = ToyWorker()
    result = replace(kind, further=(second,)).run(toy, {}, pipeline.SILENT, lambda **_: None)["attribution"]
    assert toy.cuts == 1
    assert result.players.kinds() == ["picture 1"] * 3 + ["picture 2"] * 2
    assert regions_of(filled, Session()) == "sam2"


def test_a_person_draws_on_the_second_picture_and_sees_its_map_there(
    visit: Visit, own_picture: Path, files: list[str], queue: JobQueue
) -> None:
    page = begin(visit, own_picture)
    unfold(page, "with-pictures")
    page.locator("#second input[type=file]").set_input_files(files[1])
    says(page, "512 regions")
    cut_by(page, "Draw")
    says(page, "Draw on a picture")
    page.locator(".enlarge").nth(1).click()
    drag(page, (0.1, 0.1), (0.4, 0.5), picture=1)
    says(page, "258 regions")
    page.get_by_role("button", name="Done").click()
    second = page.locator(".pane").nth(1)
    second.locator("[data-region='257']").click(position={"x": 3, "y": 3})  # the background
    page.get_by_role("button", name="Split").click()
    says(page, "261 regions")
    explain(page, queue, "What did I draw?")
    expect(second.locator("[data-region]")).to_have_count(5)
    expect(second.locator(".mapped .heatmap")).to_be_visible()
    second.locator("[data-region='256']").hover()
    expect(second.locator(".tag")).to_contain_text("Picture 2, region 1")
    page.reload()
    state(page, "done")
    page.get_by_role("button", name="Edit regions").click()
    says(page, "261 regions")
    expect(second.locator(".pad rect")).to_have_count(1)
