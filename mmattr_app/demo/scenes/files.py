"""Write a scene as three files that other programs can read: scene.png, masks.npz and key.json."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from mmattr_app.demo.scenes.answers import Question
from mmattr_app.demo.scenes.scene import Scene


def write(scene: Scene, folder: Path) -> None:
    """Write scene.png, masks.npz (bool [height, width] by name) and key.json (the answer key)."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(scene.image).save(folder / "scene.png")
    np.savez_compressed(folder / "masks.npz", **scene.masks)  # pyright: ignore[reportArgumentType]
    (folder / "key.json").write_text(json.dumps(key(scene), indent=1) + "\n", encoding="utf-8")


def key(scene: Scene) -> dict[str, object]:
    """Give the content of key.json."""
    objects = [
        {
            "kind": o.kind,
            "colour": o.colour,
            "mask": o.name,
            "zone": o.zone.name,
            "box": o.box,
            "visible": round(o.visible, 3),
            "told": o.told,
        }
        for o in scene.objects
    ]
    asked = [_entry(question) for question in (*scene.questions, *scene.further)]
    return {
        "seed": scene.seed,
        "caption": scene.caption,
        "backdrop": scene.backdrop,
        "objects": objects,
        "questions": asked,
    }


def _entry(question: Question) -> dict[str, object]:
    marks = [{"start": mark.start, "end": mark.end, "masks": mark.masks} for mark in question.marks]
    return {
        "type": question.topic,
        "prompt": question.prompt,
        "answer": question.answer,
        "words": question.words,
        "marks": marks,
    }
