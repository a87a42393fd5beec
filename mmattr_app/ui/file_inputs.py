"""The inputs for files: Gradio's own, but they hand on the file as it was uploaded."""

from typing import Any

import gradio as gr


class Picture(gr.Image):
    """Reads nothing itself, so that every strange file meets `read_picture` and its sentences."""

    def preprocess(self, payload: Any) -> str | None:
        """Hand on the path in Gradio's cache; Gradio has checked that it lies there."""
        return payload.path if payload else None

    def get_block_name(self) -> str:
        """Let the browser treat it as what it is."""
        return "image"


class Upload(gr.File):
    """Any file, judged where it is read; Gradio's own input leaves an empty file behind at every event."""

    def preprocess(self, payload: Any) -> str | None:
        """Hand on the path in Gradio's cache; Gradio has checked that it lies there."""
        return payload.path if payload else None

    def get_block_name(self) -> str:
        """Let the browser treat it as what it is."""
        return "file"
