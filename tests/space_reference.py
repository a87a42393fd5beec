"""What Hugging Face's Spaces Configuration Reference lists, read from its state of 2026-08-22.

huggingface.co/docs/hub/spaces-config-reference: the keys of a Space's front matter, and what each may say.
"""

import re
from collections.abc import Callable
from typing import Any

COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
HARDWARE = (
    {"cpu-basic", "cpu-upgrade", "t4-small", "t4-medium", "l4x1", "l4x4", "l40sx1", "l40sx4", "l40sx8"}
    | {"a10g-small", "a10g-large", "a10g-largex2", "a10g-largex4"}
    | {"a100-large", "a100x4", "a100x8"}
)


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda value: type(value) is kind


def _one_of(*values: str) -> Callable[[Any], bool]:
    return lambda value: value in values


def _like(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


REFERENCE: dict[str, Callable[[Any], bool]] = {
    "title": _is(str),
    "emoji": _like(r"[^\w\s]+"),
    "colorFrom": _one_of(*COLOURS),
    "colorTo": _one_of(*COLOURS),
    "sdk": _one_of("gradio", "docker", "static"),
    "python_version": _like(r"3\.[0-9]+(\.[0-9]+)?"),
    "sdk_version": _like(r"[0-9]+\.[0-9]+\.[0-9]+"),
    "suggested_hardware": _one_of(*HARDWARE),
    "suggested_storage": _one_of("small", "medium", "large"),
    "app_file": _is(str),
    "app_build_command": _is(str),
    "app_port": _is(int),
    "base_path": _like("/.*"),
    "fullWidth": _is(bool),
    "header": _one_of("mini", "default"),
    "short_description": _is(str),
    "models": _texts,
    "datasets": _texts,
    "tags": _texts,
    "thumbnail": _like("https?://.*"),
    "pinned": _is(bool),
    "hf_oauth": _is(bool),
    "hf_oauth_scopes": _texts,
    "hf_oauth_expiration_minutes": lambda value: type(value) is int and 0 < value <= 43200,
    "hf_oauth_authorized_org": lambda value: isinstance(value, str) or _texts(value),
    "disable_embedding": _is(bool),
    "startup_duration_timeout": _like("[0-9]+[smhd]"),
    "custom_headers": lambda value: (
        isinstance(value, dict)
        and set(value) <= {f"cross-origin-{policy}-policy" for policy in ("embedder", "opener", "resource")}
    ),
    "preload_from_hub": _texts,
    # Of the card that every repository has: docs/hub/repositories-licenses lists its values.
    "license": _one_of("apache-2.0"),
}


def complaints(front: dict[str, Any]) -> list[str]:
    """List the keys that the reference does not know, and those whose value it does not allow."""
    return [key for key, value in front.items() if key not in REFERENCE or not REFERENCE[key](value)]
