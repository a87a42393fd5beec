"""Gradio's inputs for pictures and files, changed so that a handler gets the path of the file as it was uploaded."""

from typing import Any

import gradio as gr


class Picture(gr.Image):
    """An input for a picture that does not decode it.

    Handlers read the file with `read_picture`, which has a clear sentence for every file that cannot be read.
    """

    def preprocess(self, payload: Any) -> str | None:
        """Give the path in Gradio's cache; Gradio has checked that the file lies there."""
        return payload.path if payload else None

    def get_block_name(self) -> str:
        """Name the component that the browser shows: Gradio's own. By default it would be the name of this class."""
        return "image"


class Upload(gr.File):
    """An input for any file; what is in it is checked where it is read.

    Gradio's own `preprocess` creates an empty temporary file at every event and leaves it there.
    """

    def preprocess(self, payload: Any) -> str | None:
        """Give the path in Gradio's cache; Gradio has checked that the file lies there."""
        return payload.path if payload else None

    def get_block_name(self) -> str:
        """Name the component that the browser shows: Gradio's own. By default it would be the name of this class."""
        return "file"
