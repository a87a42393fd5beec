"""What `write` leaves behind can be read by anybody."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from mmattr_app.demo.scenes import scene, write


def test_a_scene_is_written_as_picture_masks_and_key(tmp_path: Path) -> None:
    drawn = scene(3, 256)
    write(drawn, tmp_path / "three")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "three" / "scene.png")), drawn.image)
    masks = np.load(tmp_path / "three" / "masks.npz")
    key = json.loads((tmp_path / "three" / "key.json").read_text())
    assert key["caption"] == drawn.caption
    for thing in key["objects"]:
        assert masks[thing["mask"]].dtype == bool
        assert masks[thing["mask"]].shape == (256, 256)
    for question in key["questions"]:
        assert {"prompt", "answer", "words"} <= set(question)
        assert all(name in masks for names in question["words"].values() for name in names)
