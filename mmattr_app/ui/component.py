"""The base class of our own Gradio components: the explorer, the lesson and the lists of buttons."""

from typing import Any

import gradio as gr


class Component(gr.HTML):
    """An HTML component whose value is passed unchanged to a script of its own."""

    holds = ""  # one line that tells programs what the value is
    empty: Any = None  # the value before there is any

    def preprocess(self, payload: Any) -> None:
        """Give event handlers None, never the value that a browser sends back."""

    def postprocess(self, value: Any) -> Any:
        """Send the value unchanged; None becomes `empty`."""
        return self.empty if value is None else value

    def api_info(self) -> dict[str, Any]:
        """Describe the value for programs."""
        return {"type": "object", "description": self.holds}

    def example_payload(self) -> Any:
        """Give an example of what a browser sends."""
        return self.empty

    def example_value(self) -> Any:
        """Give an example of a value to show."""
        return self.empty
