"""What reaches a person: a numbered message for the explorer, or a sentence in a toast."""

from html import escape
from itertools import count
from typing import Any, TypeAlias

import gradio as gr

from mmattr_app.errors import AppError
from mmattr_app.explorer import View
from mmattr_app.explorer import message as encode

Message: TypeAlias = dict[str, Any]
_serials = count(1)


def message(view: View) -> Message:
    """Give the message a number, since the explorer shows none that is older than what it shows."""
    return {**encode(view), "serial": next(_serials)}


def tell(error: AppError | str) -> str:
    """Say what went wrong in a toast, which Gradio would read as HTML."""
    gr.Warning(escape(str(error), quote=False), title="This did not work")
    return str(error)
