"""The values of the form and of events, checked, since a browser may send anything; and the question they make."""

from collections.abc import Sequence
from dataclasses import Field, asdict, dataclass, fields
from html import escape
from typing import Any, NoReturn, TypeVar

import gradio as gr

from mmattr_app.domain import Question, Sampling
from mmattr_app.errors import AppError
from mmattr_app.pipeline import REGIONS, Plan
from mmattr_app.segmentation import HowToCut
from mmattr_app.settings import settings
from mmattr_app.ui.session import Session, picture_of

Thing = TypeVar("Thing")

RANGES: dict[str, tuple[float, float]] = {  # for each number of the form: the least and the largest value
    "rows": (1, 24),
    "columns": (1, 24),
    "detail": (4, 200),
    "budget": (0, 100_000),
    "max_tokens": (1, 256),
    "temperature": (0, 2),
    "top_p": (0.05, 1),
    "seed": (0, 2**53 - 1),  # browsers keep no larger whole number exactly
}
NOTHING = "nothing"
HIDE_TEXT = ("sentences", "paragraphs", NOTHING)  # which pieces of a text to read are hidden
FURTHER = ("second", "third", "fourth")  # names of the fields for the pictures after the first one
PICTURES = ("image", *FURTHER)
TEXT, NAME = 2000, 1000  # most characters of a text to explain, and of a name; the path of a folder may be long


class Refused(AppError, gr.Error):  # noqa: N818  (the request is refused)
    """A value that the page itself never sends. Gradio shows the sentence in a toast and changes nothing else."""

    def __init__(self, sentence: str) -> None:
        """Take one sentence; it is escaped, since Gradio shows it as HTML."""
        self._sentence = sentence
        super().__init__(escape(sentence, quote=False), title="This did not work", print_exception=False)

    def __str__(self) -> str:
        """Give the sentence; `gr.Error` would give its repr, with quotes."""
        return self._sentence


@dataclass(frozen=True)
class FormValues:
    """All values of the form; files are paths in Gradio's cache."""

    image: str | None
    choice: str  # how to cut: a key of region_choices.choices()
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
    measure: tuple[str, ...] = ()  # names of metrics
    players: tuple[str, ...] = ("regions",)  # the kinds of players: what is hidden
    document: str = ""  # a text to read before the question
    hide_text: str = "sentences"  # one of HIDE_TEXT: which pieces of that text are hidden
    second: str | None = None  # further pictures
    third: str | None = None
    fourth: str | None = None

    @property
    def files(self) -> dict[str, str]:
        """Give the pictures by the names of their fields, in the order in which the model sees them."""
        return {name: file for name in PICTURES if (file := getattr(self, name))}

    @property
    def further(self) -> tuple[str, ...]:
        """List the pictures after the first one."""
        return tuple(file for name, file in self.files.items() if name in FURTHER)

    @property
    def named_model(self) -> str:
        """Name the model and its precision as the queue does, such as "demo" or "demo@int8"."""
        return self.model.strip() if self.precision == "auto" else f"{self.model.strip()}@{self.precision}"

    @property
    def sampling(self) -> Sampling:
        """Say how the tokens of the answer are drawn: temperature, top-p and seed."""
        return Sampling(float(self.temperature), float(self.top_p), int(self.seed or 0))

    @property
    def plan(self) -> Plan:
        """Say how to explain: method, occluder, budget, seed, metrics and players."""
        return Plan(
            self.method,
            self.occluder.strip(),
            int(self.budget) if self.budget else None,
            int(self.seed or 0),
            self.measure,
            self._all_players,
        )

    @property
    def _all_players(self) -> tuple[str, ...]:
        """List the kinds of players: with a text its pieces, too; with a text and no picture, no regions."""
        if not self.document.strip():
            return self.players
        pictured = bool(self.image or self.further)
        players = tuple(name for name in self.players if pictured or name != REGIONS)
        return players if self.hide_text == NOTHING else (*players, self.hide_text)


def question_of(filled: FormValues, session: Session) -> Question:
    """Make the question of the form. A picture is needed only if regions are players or a further picture is given."""
    plays = REGIONS in filled.plan.players
    first = session.look_at(filled.files) if filled.image or filled.further or plays else None
    for file in filled.further:
        session.uploads.add(file)
    return Question(
        () if first is None else (first, *(picture_of(file)[0] for file in filled.further)),
        filled.prompt.strip(),
        filled.system.strip(),
        int(filled.max_tokens),
        filled.sampling,
        None if first is None else session.original,
        filled.document.strip(),
    )


def values_of_form(filled: FormValues, regions: HowToCut) -> dict[str, Any]:
    """Give the values of the form as a dictionary, and under "regions" what says how to cut."""
    return {**asdict(filled), "regions": regions}


NAMES = tuple(field.name for field in fields(FormValues))


def read(form: Sequence[Any]) -> tuple[FormValues, Session]:
    """Split the arguments of an event into the form's values, checked, and the session, which comes last."""
    *values, session = form
    return FormValues(*map(_checked, fields(FormValues), values)), session


def event_value(event: gr.EventData, name: str) -> Any:
    """Read one value of an event's data by its name; None if it is missing."""
    data = event._data  # noqa: SLF001  (the public attributes raise an error where a value is missing)
    return data.get(name) if isinstance(data, dict) else None


def chosen(things: Sequence[Thing], number: Any) -> Thing:
    """Give the item of a list that was clicked, by its number from 0."""
    if type(number) is not int or not 0 <= number < len(things):
        raise Refused("There is no such thing in the list any more; reload the page.")
    return things[number]


def _checked(field: Field[Any], value: Any) -> Any:
    """Check a value of the form: its type, its length and its range, as `FormValues` declares them."""
    if field.name == "measure":
        return _names("Measure", value)
    if field.name == "players":
        return _names("Hide", value) or _refuse("Choose what is hidden: regions of the picture, words, or both.")
    optional = field.type in (float | None, str | None)
    if field.type in (float, float | None):
        return _number(field.name, value, optional=optional)
    if value is None:
        return None if optional else ""
    label = field.name.replace("_", " ").capitalize()
    if not isinstance(value, str):
        raise Refused(f"{label} is not text; reload the page and fill it in again.")
    if field.name == "hide_text" and value not in HIDE_TEXT:
        raise Refused("There is no such piece of a text to hide; reload the page.")
    limits = {"prompt": None, "document": None, "system": settings().max_prompt, "text": TEXT}
    most = limits.get(field.name, NAME)
    if most is not None and len(value) > most:  # the pipeline checks the length of a prompt and of a document
        raise Refused(f"{label} has {len(value)} characters and the limit is {most}; shorten it.")
    return value


def _refuse(sentence: str) -> NoReturn:
    raise Refused(sentence)


def _names(label: str, value: Any) -> tuple[str, ...]:
    names: list[Any] = value if isinstance(value, list) else []
    if value and not (names and all(isinstance(name, str) and len(name) <= NAME for name in names)):
        raise Refused(f"{label} is not a list of names; reload the page and fill it in again.")
    return tuple(dict.fromkeys(names))


def _number(name: str, value: Any, *, optional: bool) -> float | None:
    if value is None and optional:
        return None
    least, most = RANGES[name]
    # NaN fails this test, too, since it lies in no range.
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not least <= value <= most:
        label = name.replace("_", " ").capitalize()
        raise Refused(f"{label} is not a number from {least} to {most}; choose one.")
    return value
