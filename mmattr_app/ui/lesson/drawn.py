"""The scenes that the lesson drew by their seeds, so that a result is known to be about one of them."""

import hashlib

from mmattr_app.byte_lru import ByteLRU
from mmattr_app.demo.examples import Chosen
from mmattr_app.domain import Attribution, Pixels

MOST = 10_000  # scenes that are known

_drawn: ByteLRU[bytes, tuple[str, str]] = ByteLRU(MOST, lambda _: 1)  # name and question, by the picture


def note_scene(step_scene: Chosen, seed: int, image: Pixels) -> None:
    """Remember a scene that was drawn as a step's own, with this seed."""
    _drawn[_key(image)] = f"{step_scene.name}, seed {seed}", step_scene.prompt


def name_of_scene(result: Attribution) -> str | None:
    """Name the scene and the answer of a result; None where picture, question or answer are a person's own."""
    answer, question = result.answer, result.answer.question
    if len(question.pictures) != 1 or question.system or question.document or answer.typed:
        return None
    name, prompt = _drawn.get(_key(question.image), ("", None))
    return f"{name}: {answer.text}" if question.prompt == prompt else None


def _key(image: Pixels) -> bytes:
    return hashlib.blake2b(repr(image.shape).encode() + image.tobytes(), digest_size=16).digest()
