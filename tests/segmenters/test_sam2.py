"""The real mask-generation pipeline on a tiny random SAM-2: overlaps, limits, progress, and what when there is none."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import pipeline as transformers_pipeline

from mmattr_app.demo.scenes import scene
from mmattr_app.errors import AppError, Cancelled
from mmattr_app.pipeline import Listener
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters.sam2 import generation
from mmattr_app.segmenters.sam2.masks import fewer
from mmattr_app.segmenters.sam2.options import LARGE, SMALL, Options
from tests.segmenters.cutting import cut
from tests.segmenters.tiny_sam2 import SETTINGS

IMAGE = scene(3, 256).image


def stack(segmentation: Segmentation) -> Any:
    return np.stack([segmentation.mask(region) for region in range(segmentation.regions)])


def test_flattened_every_pixel_has_exactly_one_region(sam2: Path) -> None:
    found = cut(IMAGE, f"sam2:{sam2},{SETTINGS}")
    assert found.regions > 3
    assert (stack(found).sum(axis=0) == 1).all()


def test_kept_the_masks_are_those_of_the_pipeline(sam2: Path) -> None:
    found = stack(cut(IMAGE, f"sam2:{sam2},{SETTINGS},most=200,smallest=0,keep"))
    assert found.sum(axis=0).max() > 1, "they overlap"
    pipe: Any = transformers_pipeline("mask-generation", model=str(sam2))
    from PIL import Image

    theirs = pipe(
        Image.fromarray(IMAGE),
        points_per_crop=4,
        points_per_batch=8,
        pred_iou_thresh=-10.0,
        stability_score_thresh=0.0,
        crops_n_layers=1,
        crops_nms_thresh=1.0,
    )["masks"]
    assert {mask.numpy().tobytes() for mask in theirs if mask.any()} == {mask.tobytes() for mask in found}
    assert len(found) == sum(bool(mask.any()) for mask in theirs)


@pytest.mark.parametrize("overlap", ["flatten", "keep"])
def test_too_many_masks_are_merged_and_that_is_said(sam2: Path, overlap: str) -> None:
    everything = cut(IMAGE, f"sam2:{sam2},{SETTINGS},most=200,keep")
    found = cut(IMAGE, f"sam2:{sam2},{SETTINGS},most=5,{overlap}")
    assert 1 < found.regions <= 5
    assert f"{everything.regions} masks were merged into 5." in found.says
    covered = stack(everything).any(axis=0)
    assert stack(found).any(axis=0)[covered].all(), "nothing that a mask held is lost"


def test_the_smallest_mask_joins_the_one_it_overlaps_most_or_else_the_nearest() -> None:
    masks = np.zeros((4, 10, 20), bool)
    masks[0, :5, :5] = masks[1, :9, :9] = masks[2, :, 12:] = True
    masks[3, 9, 11] = True
    three = fewer(masks, 3)
    assert [int(mask.sum()) for mask in three] == [25, 81, 81]
    assert [int(mask.sum()) for mask in fewer(masks, 2)] == [81, 81]


def test_a_picture_in_which_nothing_is_found_is_one_region(sam2: Path) -> None:
    nothing = cut(np.full((30, 50, 3), 255, np.uint8), f"sam2:{sam2},points=4")
    assert nothing.areas.tolist() == [1500]
    assert "found nothing" in nothing.says


def test_a_large_picture_is_looked_at_small_and_cut_in_full(sam2: Path) -> None:
    image = np.asarray(np.tile(IMAGE, (1, 9, 1)))
    found = cut(image, f"sam2:{sam2},{SETTINGS}")
    assert found.shape == image.shape[:2]
    assert found.areas.sum() == image.shape[0] * image.shape[1]


def test_it_tells_how_far_it_is_and_stops_between_batches_of_points(sam2: Path) -> None:
    heard: list[str] = []
    cut(IMAGE, f"sam2:{sam2},{SETTINGS}", Listener(on_segmenting=heard.append))
    assert heard[0].startswith("loading")
    assert heard[2:4] == ["looking for things: 8 of 80 points", "looking for things: 16 of 80 points"]
    assert heard[-1] == "looking for things: 80 of 80 points"
    few: list[str] = []
    with pytest.raises(Cancelled):
        cut(IMAGE, f"sam2:{sam2},{SETTINGS}", Listener(on_segmenting=few.append, cancelled=lambda: len(few) > 3))
    assert len(few) == 4


def test_it_is_loaded_once(sam2: Path) -> None:
    generation._load.cache_clear()
    for _ in range(3):
        cut(IMAGE, f"sam2:{sam2},points=2")
    assert generation._load.cache_info().misses == 1


@pytest.mark.parametrize("regions", ["auto", "sam2", "sam2:points=8"])
def test_without_weights_and_hub_superpixels_take_its_place(regions: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "is_local", lambda _: False)
    found = cut(IMAGE, regions)
    assert found.made_by == "felzenszwalb:48"
    assert found.says.startswith("Cut into superpixels, since the weights of SAM-2")
    tiny = cut(np.zeros((1, 1, 3), np.uint8), regions)
    assert tiny.regions == 1


def test_automatic_is_sam2_where_its_weights_are_at_hand(sam2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmattr_app.segmenters.sam2.options.SMALL", str(sam2))
    found = cut(IMAGE, "auto")
    assert found.made_by.startswith(f"sam2:{sam2}")
    assert found.says.startswith(f"Cut by SAM-2, whose weights ({sam2}) are on this machine.")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("someone/something", "someone/something is not on this machine, and the hub cannot be reached"),
        ("/nowhere", "/nowhere is not on this machine"),
        ("points=0", "points of SAM-2 can be 1 to 128, not 0"),
        ("points=many", "points of SAM-2 is 'many'; give a number"),
        ("most=2.5", "most of SAM-2 is '2.5'"),
        ("keep,circles=3", "no option 'circles=3'"),
    ],
)
def test_what_cannot_be_is_said(settings: str, words: str) -> None:
    with pytest.raises(AppError, match=words):
        cut(IMAGE, f"sam2:{settings}")


def test_a_folder_that_is_no_sam_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="cannot be loaded as a SAM"):
        cut(IMAGE, f"sam2:{tmp_path}")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(AppError, match="cannot be loaded as a SAM"):
        cut(IMAGE, f"sam2:{tmp_path}")


def test_a_gpu_affords_the_large_model_and_what_it_did_can_be_typed_again() -> None:
    assert (Options.read("", "cpu").source, Options.read("", "cuda:0").source) == (SMALL, LARGE)
    options = Options.read("owner/sam,points=8,nms=0.9,keep", "cuda:0")
    assert options.made_by == "sam2:owner/sam,points=8,nms=0.9,keep"
    assert Options.read(options.made_by.removeprefix("sam2:"), "cuda:0") == options


@pytest.mark.parametrize("settings", ["", "keep", "most=96,quality=0.5", "owner/sam,batch=8", "owner/sam,points=16"])
@pytest.mark.parametrize(("here", "there"), [("cuda:0", "cpu"), ("cpu", "cuda:0"), ("cpu", "cpu")])
def test_what_one_device_cut_another_cuts_the_same_when_asked_by_its_name(settings: str, here: str, there: str) -> None:
    options = Options.read(settings, here)
    assert Options.read(options.made_by.removeprefix("sam2:"), there) == options
