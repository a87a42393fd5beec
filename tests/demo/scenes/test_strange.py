"""Pictures that are no scenes, and scenes that a camera has seen."""

import ast
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmattr_app.demo.scenes import Staging, camera, scene
from mmattr_app.demo.scenes import strange as package
from mmattr_app.demo.scenes.strange import FAMILIES, strange


@pytest.mark.parametrize("family", FAMILIES)
def test_a_strange_picture_is_the_same_for_the_same_seed_and_no_two_are_alike(family: str) -> None:
    drawn = [strange(seed, 64, family) for seed in range(20)]
    assert np.array_equal(drawn[3], strange(3, 64, family))
    assert all(one.shape == (64, 64, 3) and one.dtype == np.uint8 for one in drawn)
    assert len({one.tobytes() for one in drawn}) == 20


@pytest.mark.parametrize(("family", "name"), [(family, name) for family, makers in FAMILIES.items() for name in makers])
def test_every_way_to_draw_one_works_at_every_size(family: str, name: str) -> None:
    for seed, side in enumerate((64, 100, 163)):
        picture = FAMILIES[family][name](np.random.default_rng(seed), side)
        assert picture.convert("RGB").size[0] >= side - 3


def test_they_are_made_without_any_photograph() -> None:
    """No file is opened and no package that ships photographs is imported."""
    for path in Path(package.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {module for module in modules if module.startswith(("skimage", "sklearn", "urllib"))}
        assert "open(" not in path.read_text(encoding="utf-8")


def test_a_degraded_scene_keeps_what_is_where() -> None:
    plain, seen = scene(5, 128), scene(5, 128, Staging(camera=True))
    assert not np.array_equal(plain.image, seen.image)
    assert np.sum([*seen.masks.values()], axis=0).max() == 1


def test_what_a_crop_cuts_away_is_no_longer_told() -> None:
    lost = kept = 0
    for seed in range(80):
        plain, seen = scene(seed, 128), scene(seed, 128, Staging(camera=True))
        for before, after in zip(plain.objects, seen.objects, strict=True):
            lost += before.told and not after.told
            kept += after.told
            assert after.told == (after.visible >= 0.4)
    assert lost > 3
    assert kept > 100


def test_a_picture_off_a_screen_has_a_frame_that_nobody_owns() -> None:
    owner, picture = np.zeros((128, 128), np.int8), Image.new("RGB", (128, 128), "orange")
    shares = []
    for seed in range(60):
        _, owners, scale = camera.photographed(picture, owner, np.random.default_rng(seed), outside=-3)
        assert set(np.unique(owners)) <= {0, -3}
        shares.append((owners == 0).mean())
        assert scale >= 1 or scale == pytest.approx(shares[-1], abs=0.02)
    assert min(shares) < 0.9


def test_several_of_a_kind_can_be_asked_for() -> None:
    def most(*, twins: bool) -> float:
        drawn = [[thing.kind for thing in scene(seed, 64, Staging(twins=twins)).objects] for seed in range(150)]
        return float(np.mean([max(map(kinds.count, kinds)) > 1 for kinds in drawn]))

    assert most(twins=True) > 0.5 > most(twins=False)
