"""The scenes that the lesson has drawn, so that a result about one of them can be recognised later."""

import hashlib

from mmattr_app.byte_lru import ByteLRU
from mmattr_app.demo.examples import Chosen
from mmattr_app.domain import Attribution, Pixels

MOST = 10_000  # scenes that are remembered

_drawn: ByteLRU[bytes, tuple[str, str]] = ByteLRU(MOST, lambda _: 1)  # hash of a picture -> name of the scene, question


def note_scene(step_scene: Chosen, seed: int, image: Pixels) -> None:
    """Remember the picture of a scene that was drawn for a step with this seed."""
    _drawn[_key(image)] = f"{step_scene.name}, seed {seed}", step_scene.prompt


def name_of_scene(result: Attribution) -> str | None:
    """Name the scene and the answer of a result; None if picture, question or answer do not come from the lesson."""
    answer, question = result.answer, result.answer.question
    if len(question.pictures) != 1 or question.system or question.document or answer.typed:
        return None
    name, prompt = _drawn.get(_key(question.image), ("", None))
    return f"{name}: {answer.text}" if question.prompt == prompt else None


def _key(image: Pixels) -> bytes:
    return hashlib.blake2b(repr(image.shape).encode() + image.tobytes(), digest_size=16).digest()
