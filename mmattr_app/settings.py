"""Limits of one installation, each set by an environment variable that begins with MMATTR_."""

import os
from dataclasses import dataclass, fields
from functools import cache

from mmattr_app.errors import AppError

VERSION = "0.1.0"


@dataclass(frozen=True)
class Settings:
    """The defaults suit one person's machine; a host lowers them."""

    max_megabytes: int = 20  # of a picture file
    max_megapixels: int = 50  # of a picture, read from its header before anything is decoded
    max_prompt: int = 20_000  # characters
    max_regions: int = 1024  # of one segmentation
    max_tokens: int = 1024  # of one answer


@cache
def settings() -> Settings:
    """Read the environment once."""
    return Settings(**{field.name: _whole_number(field.name, field.default) for field in fields(Settings)})


def _whole_number(name: str, default: object) -> int:
    variable = f"MMATTR_{name.upper()}"
    text = os.environ.get(variable, str(default))
    if not text.isdecimal() or int(text) == 0:
        raise AppError(f"{variable} is {text!r}; give a whole number above zero, such as {default}.")
    return int(text)
