"""The message holds what the page needs, exactly and compactly."""

import base64
import gc
import json
import weakref
from dataclasses import replace

import numpy as np
import pytest

from mmattr_app.explorer import View, message, page
from mmattr_app.explorer.encoding import fill, picture, region_map
from mmattr_app.segmentation import Segmentation
from tests.explorer.moments import REGIONS, done, grid, hiding, overlapping


def atoms_of(encoded: dict) -> np.ndarray:
    kind = {2: "<u2", 4: "<u4"}[encoded["bytes"]]
    runs = np.frombuffer(base64.b64decode(encoded["runs"]), kind).reshape(-1, 2)
    return np.repeat(runs[:, 0], runs[:, 1]).reshape(encoded["height"], encoded["width"])


@pytest.mark.parametrize("cut", [grid(), overlapping().regions])
def test_the_map_says_for_each_pixel_which_regions_hold_it(cut: Segmentation) -> None:
    encoded = region_map(cut)
    atoms = atoms_of(encoded)
    alone = [[region] for region in range(cut.regions)]
    for region in range(cut.regions):
        held = np.array([region in holders for holders in encoded["holders"] or alone])
        assert (held[atoms] == cut.mask(region)).all()


def test_a_pixel_without_a_region_has_an_atom_without_regions() -> None:
    encoded = region_map(Segmentation.from_labels("labels", np.array([[0, -1], [1, 1]])))
    assert encoded["holders"][atoms_of(encoded)[0, 1]] == []


def test_a_large_picture_and_its_map_shrink_together() -> None:
    image = np.zeros((1500, 3000, 3), np.uint8)
    shown, encoded = picture(image), region_map(grid(3, 4, (1500, 3000)))
    assert (shown["width"], shown["height"]) == (encoded["width"], encoded["height"]) == (1024, 512)


def test_scores_arrive_as_halves_and_rows_not_asked_are_absent() -> None:
    rows = message(hiding(asked=6))["rows"]
    assert len(rows) == REGIONS
    assert rows[6:] == [None] * 6
    assert np.frombuffer(base64.b64decode(rows[5]), "<f2").tolist()[:3] == [0, 0.5, 2]


def test_a_score_too_large_for_a_half_stays_finite() -> None:
    rows = message(done(scores=np.full((REGIONS, 8), -np.inf, np.float32)))["rows"]
    assert np.frombuffer(base64.b64decode(rows[0]), "<f2").tolist() == [-60_000.0] * 8


def test_a_score_under_the_noise_of_the_model_is_drawn_as_nothing() -> None:
    rows = [np.frombuffer(base64.b64decode(row), "<f2") for row in message(done(noise=0.4))["rows"]]
    assert (rows[5][1], rows[6][1], rows[10][2]) == (0.5, 0, -0.5), "a quarter of a nat is less than the noise"
    estimated = message(done(noise=0.4, reads="estimate"))["rows"]
    assert np.frombuffer(base64.b64decode(estimated[6]), "<f2")[1] == 0.25, "logits are no nats"


def test_a_partial_result_changes_new_rows_only() -> None:
    before, after = message(hiding(asked=4)), message(hiding(asked=6))
    assert before["rows"][:4] == after["rows"][:4]


@pytest.mark.parametrize("view", [View("empty"), View("failed", says="It failed."), done(), hiding(), overlapping()])
def test_every_message_is_json_without_nan(view: View) -> None:
    json.dumps(message(view), allow_nan=False)


@pytest.mark.parametrize(("occluder", "shows"), [("white", "#ffffff"), ("#102030", "#102030"), ("blur", "data:image")])
def test_the_hidden_region_looks_as_the_model_sees_it(occluder: str, shows: str) -> None:
    assert message(hiding(occluder=occluder))["fill"].startswith(shows)


def test_how_the_scores_are_to_be_read_is_what_the_method_says() -> None:
    assert [message(done(reads=reads))["unit"] for reads in ("measured loss", "estimate")] == ["nats", "logits"]
    assert message(done(method="shapley"))["reads"] == "measured loss"


def test_the_picture_is_encoded_once_and_forgotten_with_its_owner() -> None:
    view = done()
    assert view.asked
    image = view.asked.image
    assert picture(image) is picture(image)
    gone = weakref.ref(image)
    del view, image
    gc.collect()
    assert gone() is None


def test_two_pictures_are_never_confused() -> None:
    one, other = (message(done(image=np.full((96, 128, 3), shade, np.uint8))) for shade in (0, 255))
    assert one["picture"]["url"] != other["picture"]["url"]


def test_no_markup_of_anybody_stands_in_the_page() -> None:
    evil = "</script><img src=x onerror=alert(1)>"
    written = page(replace(done([evil, "<!--"], prompt=evil), says=evil, files={"json": evil}, model_says=evil))
    assert evil not in written
    assert "<!--" not in written


@pytest.mark.parametrize("side", [100, 256, 300])
def test_what_is_remembered_of_a_picture_does_not_hold_it(side: int) -> None:
    image = np.zeros((side, side, 3), np.uint8)
    held = weakref.ref(image)
    picture(image)
    fill(image, "blur")
    del image
    assert held() is None
