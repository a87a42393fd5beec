"""The lesson's panel as a Gradio component; the browser remembers which steps are done."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mmattr_app.ui.component import Component
from mmattr_app.ui.lesson.steps import STEPS

HERE = Path(__file__).parent
HTML, CSS, SCRIPT = ((HERE / f"lesson.{ending}").read_text(encoding="utf-8") for ending in ("html", "css", "js"))

ON_LOAD = """
const steps = %s;
%s
const panel = lessonPanel(element, steps, {
  onSetUp: (number, seed) => trigger('set_up', { number, seed }),
  onCheck: (number, seed, regions) => trigger('check', { number, seed, regions }),
  onStepDone: (step) => document.dispatchEvent(new CustomEvent('mmattr-step', { detail: { step } })),
});
watch('value', () => panel.showReply(props.value));
"""


class Lesson(Component):
    """Says what to do, step by step; its value is the server's reply to `check`, or None.

    - `set_up`: {"number", "seed"} asks for the example of a step, or for the scene with this seed in its place.
    - `check`: {"number", "seed", "regions"} asks whether the marked regions are the cause.

    Steps and regions are counted from 0. When a step is done, the script sends the event `mmattr-step` on the document,
    for a class; it counts steps from 1.
    """

    holds = "the number of a step, whether it is done, and a sentence"

    def __init__(self, value: dict[str, Any] | None = None, **settings: Any) -> None:
        """Take the settings of any component, such as `elem_id`."""
        steps = json.dumps([asdict(step) for step in STEPS])
        super().__init__(
            value,
            html_template=HTML,
            css_template=CSS,
            js_on_load=ON_LOAD % (steps, SCRIPT),
            apply_default_css=False,
            padding=False,
            **settings,
        )
