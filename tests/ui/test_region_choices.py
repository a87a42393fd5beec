"""What the form says becomes the text that cuts the picture, and nothing else that a browser sends does."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from gradio.utils import get_upload_folder
from PIL import Image

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.settings import Settings
from mmattr_app.ui.drawing import Drawing
from mmattr_app.ui.form_values import FormValues
from mmattr_app.ui.previews import regions_view
from mmattr_app.ui.region_choices import Missing, choices, cut, edited, regions_of
from mmattr_app.ui.session import Session
from tests.games import ToyWorker, toy_queue

FILLED = FormValues(
    "a.png", "grid", 6, 4, 20, None, "What?", "ablation", "mean", "demo", 0, 64, "", "auto", "", 0, 1, 0
)
SHAPES = [["rectangle", 0.1, 0.1, 0.5, 0.5]]
OTHERS = [["brush", 0.1, [[0.2, 0.2]]]]


@pytest.fixture
def upload() -> Iterator[Path]:
    """Give a folder where Gradio would keep what this visitor brings."""
    Path(get_upload_folder()).mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=get_upload_folder()) as folder:
        yield Path(folder)


def test_each_choice_has_its_text() -> None:
    session = Session()
    session.drawing = session.drawing.on(FILLED.files).redrawn([SHAPES])
    assert regions_of(FILLED, session) == "grid:6x4"
    assert regions_of(replace(FILLED, choice="superpixels"), session) == "slic:20"
    assert regions_of(replace(FILLED, choice="drawn"), session) == 'drawn:[["rectangle",0.1,0.1,0.5,0.5]]'


def test_every_segmenter_can_be_chosen() -> None:
    assert {"grid", "superpixels", "drawn", "auto", "sam2", "file"} <= set(choices())
    assert regions_of(replace(FILLED, choice="sam2"), Session()) == "sam2"
    assert choices()["sam2"].slow


@pytest.mark.parametrize(
    "choice", ["labels", "labels:/etc/passwd", "masks:/etc/passwd", "saved", "saved:/etc/passwd", "", "grid:2x2"]
)
def test_a_browser_can_only_choose_what_is_offered(choice: str) -> None:
    with pytest.raises(AppError, match="There is no way to cut"):
        regions_of(replace(FILLED, choice=choice), Session())


@pytest.mark.parametrize("inside", ["../../../../etc/passwd.png", "../stolen.png"])
def test_a_path_that_gradio_did_not_store_is_never_read(upload: Path, tmp_path: Path, inside: str) -> None:
    for path in ("/etc/passwd", str(tmp_path / "a.png"), f"{get_upload_folder()}/../{inside}"):
        with pytest.raises(AppError, match="This file was not uploaded here; choose it again"):
            regions_of(replace(FILLED, choice="file", file=path), Session())
    (upload / "link.png").symlink_to("/etc/passwd")
    with pytest.raises(AppError, match="This file was not uploaded here"):
        regions_of(replace(FILLED, choice="file", file=str(upload / "link.png")), Session())


def test_an_uploaded_label_map_cuts_the_picture_and_tells_no_path(upload: Path, picture: Pixels) -> None:
    Image.fromarray((np.arange(56)[None, :] // 28 + np.zeros((48, 1))).astype(np.uint8)).save(upload / "mine.png")
    session = Session()
    made = cut(picture, replace(FILLED, choice="file", file=str(upload / "mine.png")), session)
    assert made is not None
    assert (made.regions, made.made_by) == (2, "labels:mine.png")
    assert str(upload / "mine.png") in session.uploads  # so that "delete" finds it


def test_a_file_of_another_size_is_one_sentence_without_a_path(upload: Path, picture: Pixels) -> None:
    np.savez_compressed(upload / "mine.npz", np.ones((2, 5, 5), bool))
    with pytest.raises(AppError, match=r"^mine\.npz is 5 high and 5 wide"):
        cut(picture, replace(FILLED, choice="file", file=str(upload / "mine.npz")), Session())


@pytest.mark.parametrize("ending", ["npy", "npz"])
def test_a_stack_of_masks_is_taken_as_npy_and_as_npz(upload: Path, picture: Pixels, ending: str) -> None:
    stack = np.zeros((2, *picture.shape[:2]), bool)
    stack[0, :20] = stack[1, 10:] = True
    (np.save if ending == "npy" else np.savez_compressed)(upload / f"mine.{ending}", stack)
    made = cut(picture, replace(FILLED, choice="file", file=str(upload / f"mine.{ending}")), Session())
    assert made is not None
    assert (made.regions, made.made_by) == (2, f"masks:mine.{ending}")


def test_a_file_of_another_kind_is_refused(upload: Path) -> None:
    with pytest.raises(AppError, match=r"mine\.txt is no file of masks"):
        regions_of(replace(FILLED, choice="file", file=str(upload / "mine.txt")), Session())


@pytest.mark.parametrize("choice", ["drawn", "file"])
def test_what_is_still_missing_is_told_without_alarm(choice: str) -> None:
    with pytest.raises(Missing):
        regions_of(replace(FILLED, choice=choice), Session())


@pytest.mark.parametrize("shapes", ["x", None, {"a": 1}, ["x"], [{"a": 1}]])
def test_a_drawing_that_is_none_is_refused(shapes: object) -> None:
    with pytest.raises(AppError, match="The drawing cannot be read"):
        Drawing().redrawn(shapes)


def test_a_strange_shape_meets_the_sentence_of_the_segmenter(picture: Pixels) -> None:
    session = Session()
    session.drawing = session.drawing.on(FILLED.files).redrawn([[["labels:/etc/passwd"]]])
    with pytest.raises(AppError, match="A shape of the drawing cannot be read"):
        cut(picture, replace(FILLED, choice="drawn"), session)


def test_regions_are_cut_once_for_a_picture(picture: Pixels) -> None:
    session = Session()
    assert cut(picture, FILLED, session) is cut(picture, FILLED, session)
    assert cut(picture, replace(FILLED, rows=2), session) is not cut(picture, FILLED, session)


def test_a_drawing_is_not_meant_for_the_next_picture(tmp_path: Path, picture: Pixels) -> None:
    for name, pixels in {"one": picture, "copy": picture, "two": 255 - picture}.items():
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    one, copy, two = (str(tmp_path / f"{name}.png") for name in ("one", "copy", "two"))
    session = Session()
    session.look_at({"image": one, "second": two})
    session.drawing = began = session.drawing.redrawn([SHAPES, OTHERS])
    session.look_at({"image": copy, "second": two})  # Gradio copies files
    assert session.drawing.message() == began.message() == {"number": began.number, "shapes": [SHAPES, OTHERS]}
    session.look_at({"image": one, "third": copy})
    assert session.drawing.message() == {"number": session.drawing.number, "shapes": [SHAPES, []]}
    assert session.drawing.number != began.number, "the browser starts again from these"
    session.look_at({"image": two})
    assert session.drawing.is_empty


def test_regions_are_split_merged_and_taken_back(picture: Pixels) -> None:
    session = Session()
    cut(picture, replace(FILLED, rows=2, columns=2), session)
    first = session.cuts["image"]
    split = edited(first, "split", [3, 0])
    assert split.segmentation.regions == 10
    assert split.segmentation.made_by == "grid:2x2, split 1, split 4"
    merged = edited(split, "merge", [1, 2])
    assert merged.segmentation.made_by.endswith("merge 2+3")
    assert edited(edited(merged, "undo", []), "undo", []).segmentation is first.segmentation
    assert edited(first, "undo", []) is first


def test_what_was_changed_by_hand_is_kept_until_the_form_says_something_else(picture: Pixels) -> None:
    session = Session()
    cut(picture, FILLED, session)
    first = session.cuts["image"]
    session.cuts["image"] = changed = edited(first, "merge", [0, 1])
    assert cut(picture, replace(FILLED, prompt="Another question?"), session) is changed.segmentation
    back = [cut(picture, filled, session) for filled in (replace(FILLED, rows=3), FILLED)][1]
    assert back is not None
    assert back.made_by == "grid:6x4"


@pytest.mark.parametrize(
    ("what", "regions", "says"),
    [
        ("split", [], "Click one or more regions first"),
        ("split", "0", "Click one or more regions first"),
        ("split", [99], "There is no region 100"),
        ("merge", [0], "Choose at least two"),
        ("merge", [0, True], "Click one or more regions first"),
    ],
)
def test_a_change_that_makes_no_sense_is_one_sentence(picture: Pixels, what: str, regions: object, says: str) -> None:
    session = Session()
    cut(picture, FILLED, session)
    first = session.cuts["image"]
    with pytest.raises(AppError, match=says):
        edited(first, what, regions)


def test_splitting_stops_at_the_limit(picture: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    cut(picture, FILLED, session)
    monkeypatch.setattr("mmattr_app.ui.region_choices.settings", lambda: Settings(max_regions=25))
    first = session.cuts["image"]
    with pytest.raises(AppError, match="This would make 27 regions and the limit is 25; merge some first"):
        edited(first, "split", [0])


@pytest.mark.parametrize(("wrong", "says"), [({"budget": 10**9}, "The budget is 1000000000"), ({"seed": -1}, "seed")])
def test_a_preview_says_what_is_wrong_with_the_plan_and_draws_no_masks(
    wrong: dict[str, float], says: str, upload: Path, tmp_path: Path
) -> None:
    Image.fromarray(np.zeros((24, 24, 3), np.uint8)).save(upload / "a.png")
    filled = replace(FILLED, image=str(upload / "a.png"), method="surrogate", **wrong)
    view = regions_view(toy_queue(ToyWorker(), tmp_path), filled, Session())
    assert says in view.says
    assert view.segmentation is not None
    assert view.segmentation.regions == 24
