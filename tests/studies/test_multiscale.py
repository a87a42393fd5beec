"""Maps of several segmentations are fused as sums over pixels written out."""

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.listener import Listener
from mmattr_app.pipeline import Plan
from mmattr_app.segmentation import Segmentation
from mmattr_app.studies.multiscale import explain_at_scales, segment_at_sizes, shares_of
from tests.games import ToyWorker, explain_regions


def test_a_region_gets_its_pixels_part_of_every_map(picture: Pixels) -> None:
    toy = ToyWorker()
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    cuts = [pipeline.segment(picture, cut) for cut in ("grid:2x2", "grid:3x4", "grid:1x3")]
    fused = explain_at_scales(toy, answer, cuts, Plan("ablation", measure=("insertion",)))
    pixels = np.zeros(picture.shape[:2])
    totals: list[float] = []
    for cut in cuts:
        scores = explain_regions(toy, answer, cut, Plan("ablation")).scores.values[:, 0]
        totals.append(float(scores.sum()))
        for region in range(cut.regions):
            pixels[cut.mask(region)] += scores[region] / cut.mask(region).sum() / len(cuts)
    expected = [pixels[cuts[1].mask(region)].sum() for region in range(12)]
    np.testing.assert_allclose(fused.scores.values[:, 0], expected, atol=1e-4)
    assert fused.scores.values[:, 0].sum() == pytest.approx(np.mean(totals), abs=1e-3)
    assert fused.segmentation is cuts[1]
    assert list(fused.figures) == ["insertion"]


def test_regions_that_overlap_or_leave_pixels_out_share_by_their_pixels() -> None:
    rows, columns = np.indices((8, 8))
    fine = Segmentation.from_masks("f", np.stack([rows < 5, columns > 2]))
    coarse = Segmentation.from_masks("c", np.stack([rows < 4, (rows > 2) & (columns < 6)]))
    expected = [
        [(fine.mask(one) & coarse.mask(other)).sum() / coarse.mask(other).sum() for other in range(2)]
        for one in range(2)
    ]
    np.testing.assert_allclose(shares_of(fine, coarse), expected)


def test_superpixels_come_out_otherwise_at_smaller_sizes_and_a_grid_the_same() -> None:
    rng = np.random.default_rng(0)
    picture = np.kron(rng.integers(0, 255, (12, 12, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    cuts = segment_at_sizes(picture, "felzenszwalb:100")
    assert all(cut.shape == picture.shape[:2] for cut in cuts)
    assert [cut.made_by for cut in cuts] == [f"felzenszwalb:100 at {size}" for size in ("1", "0.5", "0.25")]
    quarters = cuts[2].atoms[::4, ::4]
    np.testing.assert_array_equal(cuts[2].atoms, np.kron(quarters, np.ones((4, 4), int)))
    assert [cut.regions for cut in segment_at_sizes(picture, "grid:4x4")] == [16]


def test_progress_counts_over_all_maps(picture: Pixels) -> None:
    toy, told = ToyWorker(), list[tuple[int, int]]()
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    cuts = [pipeline.segment(picture, cut) for cut in ("grid:2x2", "grid:2x4")]
    listener = Listener(on_result=lambda _, progress: told.append((progress.done, progress.total)))
    explain_at_scales(toy, answer, cuts, Plan("ablation"), listener=listener)
    assert told[-1] == (16, 16)
    assert told == sorted(told)
    assert toy.masks == 14, "everything and nothing are the same questions for both"


def test_orders_cannot_be_fused(picture: Pixels) -> None:
    toy = ToyWorker()
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    with pytest.raises(AppError, match="Maps of eagle on different regions cannot be fused"):
        explain_at_scales(toy, answer, [pipeline.segment(picture, "grid:2x2")], Plan("eagle"), selection=(0,))
