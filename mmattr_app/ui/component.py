"""What the explorer, the lesson and the lists have in common as Gradio components of our own."""

from typing import Any

import gradio as gr


class Component(gr.HTML):
    """A component whose value goes to its own script as it is."""

    holds = ""  # what the value is, for programs
    empty: Any = None  # the value where there is none yet

    def preprocess(self, payload: Any) -> None:
        """Keep the value out of event handlers: what a browser sends back is nobody's input."""

    def postprocess(self, value: Any) -> Any:
        """Send the value as it is."""
        return self.empty if value is None else value

    def api_info(self) -> dict[str, Any]:
        """Describe the value to programs."""
        return {"type": "object", "description": self.holds}

    def example_payload(self) -> Any:
        """Give an example of what a browser sends."""
        return self.empty

    def example_value(self) -> Any:
        """Give an example of what is shown."""
        return self.empty
