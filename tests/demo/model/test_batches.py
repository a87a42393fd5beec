"""Training steps put together ahead, from scenes that are drawn meanwhile."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mmattr_app.demo.model.batches import Batches
from mmattr_app.demo.model.configuration import Configuration, Data
from mmattr_app.demo.model.data import pregenerate
from mmattr_app.demo.model.dense import NO_BACKDROP

DATA = Data(scenes=16, strange=8, shard=8, workers=1)
TINY = Configuration(data=DATA)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return pregenerate(tmp_path_factory.mktemp("scenes"), DATA, 128, 8)


def test_steps_put_together_in_other_processes_are_the_same(shards: list[Path]) -> None:
    drawn = Batches(shards[0].parent, TINY, 4, 65)
    here, there = drawn.serve(5, 0), Batches(shards[0].parent, TINY, 4, 65).serve(5, 1)
    for _ in range(3):
        ours, theirs = next(here), next(there)
        assert torch.equal(ours[0].pixels, theirs[0].pixels)
        assert ours[1] is not None
        assert theirs[1] is not None
        assert torch.equal(ours[1].ids, theirs[1].ids)


def test_scenes_drawn_meanwhile_are_drawn_from(shards: list[Path], tmp_path: Path) -> None:
    (tmp_path / shards[0].name).symlink_to(shards[0])
    drawn = Batches(tmp_path, replace(TINY, data=replace(DATA, strange_share=0.9)), 8, None)
    assert all((drawn[step][0].backdrops != NO_BACKDROP).all() for step in range(8))
    (tmp_path / "strange-000").symlink_to(next(path for path in shards if path.name == "strange-000"))
    (tmp_path / "001.7.part").mkdir()
    later = [drawn[step][0].backdrops for step in range(40)]
    assert (later[-1] == NO_BACKDROP).any()
