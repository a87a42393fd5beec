"""What the form says: its values by name, in the order in which the page hands them on."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from mmattr_app.domain import Sampling
from mmattr_app.pipeline import Plan
from mmattr_app.ui import asking
from mmattr_app.ui.session import Session


@dataclass(frozen=True)
class Wish:
    """Everything chosen; files are paths in Gradio's cache."""

    image: str | None
    choice: str  # of CHOICES: how to cut
    rows: float
    columns: float
    detail: float
    file: str | None
    prompt: str
    method: str
    occluder: str
    model: str
    budget: float | None
    max_tokens: float
    text: str
    precision: str
    system: str
    temperature: float
    top_p: float
    seed: float | None

    @property
    def named_model(self) -> str:
        """Name the model with its precision, as the queue knows it."""
        return self.model.strip() if self.precision == "auto" else f"{self.model.strip()}@{self.precision}"

    @property
    def sampling(self) -> Sampling:
        """Say how the words of the answer are drawn."""
        return asking.drawn(self.temperature, self.top_p, self.seed)

    @property
    def plan(self) -> Plan:
        """Say how to explain."""
        return Plan(self.method, self.occluder.strip(), int(self.budget) if self.budget else None, int(self.seed or 0))


NAMES = tuple(field.name for field in fields(Wish))


def read(form: Sequence[Any]) -> tuple[Wish, Session]:
    """Take apart what an event hands on: the form's values, and the session last."""
    *values, session = form
    return Wish(*values), session
