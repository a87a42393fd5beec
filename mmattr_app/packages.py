"""Packages that mmattr itself does not need, imported where somebody asks for what they do."""

from importlib import import_module
from typing import Any

from mmattr_app.errors import AppError


def import_package(module: str, what: str) -> Any:
    """Import a module for what somebody called, or say how to get it."""
    try:
        return import_module(module)
    except ImportError:
        package = module.split(".", maxsplit=1)[0]
        raise AppError(f"{what} needs {package}, which is not here; install it: pip install {package}") from None
