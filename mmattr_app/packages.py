"""Optional packages, imported when they are needed."""

from importlib import import_module
from typing import Any

from mmattr_app.errors import AppError


def import_package(module: str, what: str) -> Any:
    """Import a module that `what` needs, such as "plot()", or say how to install it."""
    try:
        return import_module(module)
    except ImportError:
        package = module.split(".", maxsplit=1)[0]
        raise AppError(f"{what} needs {package}, which is not here; install it: pip install {package}") from None
