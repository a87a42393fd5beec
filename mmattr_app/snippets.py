"""Python code and a command that make a result again, to be copied; what people wrote stands in them as text."""

import re
import shlex
from typing import Any

from mmattr_app.domain import Attribution
from mmattr_app.errors import AppError
from mmattr_app.metrics import METRICS
from mmattr_app.models.catalogue import PRECISIONS
from mmattr_app.players.together import Together
from mmattr_app.players.words import LEFT_OUT, Words

PICTURE, FURTHER = "picture.png", "picture-{}.png"  # to be replaced by whoever runs it
KINDS = {"picture": "regions", "question": "words", "system prompt": "system", "own words": "answer"}
BY_HAND = re.compile(r", (split \d+|merge \d+(\+\d+)*|cut finer|grouped)$")  # how regions say that they were changed
GROUPING = ("coarse-to-fine", "interactions")  # methods that join regions as they go


def to_python(result: Attribution) -> str:
    """Write the call of `mmattr_app.explain`, and how to ask what comes of it."""
    pictures = _pictures(result)
    image = repr(pictures[0] if len(pictures) == 1 else pictures or None)
    given = [image, repr(result.answer.question.prompt)]
    given += [f"{name}={value!r}" for name, value in arguments_of(result).items()]
    lines = "".join(f"    {line},\n" for line in given)
    return f'import mmattr_app\n\nwhy = mmattr_app.explain(\n{lines})\nwhy.save("why.html")\nwhy.top()\n'


def to_command(result: Attribution) -> str:
    """Write the line for a shell such as bash."""
    values: dict[str, Any] = {"prompt": result.answer.question.prompt} | arguments_of(result) | {"out": "why.html"}
    words = ["python", "-m", "mmattr_app", "explain", *_pictures(result)]
    if measured := values.pop("measure", []):
        words += ["--measure", *measured]
    if tokens := values.pop("tokens", []):
        values["tokens"] = ",".join(str(token + 1) for token in tokens)  # people count from 1
    words += [f"--{name.replace('_', '-')}={value}" for name, value in values.items()]
    return " ".join(map(quote, words)) + "\n"


def arguments_of(result: Attribution) -> dict[str, Any]:
    """Give the arguments of `mmattr_app.explain` besides picture and prompt, named like the flags of the command."""
    answer, question = result.answer, result.answer.question
    parts = result.players.parts if isinstance(result.players, Together) else (result.players,)
    playing = _playing(result)
    found: dict[str, Any] = {"model": answer.model, "players": ",".join(playing)}
    if "regions" in playing:
        found |= {"regions": _regions(result), "occluder": result.occluder}
    hidden_by = next((part.occluder for part in parts if isinstance(part, Words)), LEFT_OUT)
    found |= {"method": result.method, "seed": result.seed, "max_tokens": question.max_tokens}
    sampled = question.sampling.temperature > 0  # the same words are drawn on the same machine only
    return found | {
        name: value
        for name, value in (
            ("hide_words", hidden_by if hidden_by != LEFT_OUT else ""),
            ("budget", result.budget),
            ("answer", answer.text if answer.typed or sampled else ""),
            ("tokens", list(result.selection or ())),
            ("instead_of", result.instead_of),
            ("measure", [name for name in result.figures if name in METRICS]),
            ("system", question.system),
            ("dtype", answer.precision if answer.precision in PRECISIONS else ""),
        )
        if value
    }


def quote(text: str) -> str:
    """Quote a word for a shell; characters that a terminal obeys, such as line ends, are spelled out."""
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(map(_spell, text)) + "'"


def _spell(letter: str) -> str:
    if letter in "\\'":
        return f"\\{letter}"
    return letter if letter.isprintable() else "".join(f"\\x{byte:02x}" for byte in letter.encode())


def _pictures(result: Attribution) -> list[str]:
    count = len(result.answer.question.pictures)
    return [PICTURE] if count == 1 else [FURTHER.format(number + 1) for number in range(count)]


def _playing(result: Attribution) -> list[str]:
    """Name who plays as the command does."""
    if result.answer.question.document:
        raise AppError("Texts with a document are not written as code; name the file with --document.")
    kinds = dict.fromkeys(kind.split(" ")[0] if kind.startswith("picture") else kind for kind in result.players.kinds())
    return [KINDS[kind] for kind in kinds]


def _regions(result: Attribution) -> str:
    """Say how the picture was cut, where saying so is enough to cut it again."""
    made_by = result.segmentation.made_by
    if result.method in GROUPING:
        made_by = made_by.removesuffix(", grouped")
    if BY_HAND.search(made_by):
        raise AppError("These regions were changed after they were cut, which no code repeats; export JSON or NPZ.")
    return made_by
