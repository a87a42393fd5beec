"""Procedural scenes: since we draw them, we know which pixels each word of an answer is about."""

from mmattr_app.demo.scenes.answers import Mark, Question
from mmattr_app.demo.scenes.files import key, write
from mmattr_app.demo.scenes.kinds import KINDS
from mmattr_app.demo.scenes.language import BACKGROUND
from mmattr_app.demo.scenes.paints import COLOURS
from mmattr_app.demo.scenes.scene import FIRST_TRAINING_SEED, FISH, TAG, Scene, SceneObject, Staging, scene

__all__ = [
    "BACKGROUND",
    "COLOURS",
    "FIRST_TRAINING_SEED",
    "FISH",
    "KINDS",
    "TAG",
    "Mark",
    "Question",
    "Scene",
    "SceneObject",
    "Staging",
    "key",
    "scene",
    "write",
]
