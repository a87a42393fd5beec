"""Python code and a command that make a result again, for people to copy. All texts of users in them are quoted.

Data that does not fit into code is read from files; `save_first` says which ones to save.
"""

import shlex
from typing import Any

from mmattr_app.domain import Attribution
from mmattr_app.errors import AppError
from mmattr_app.metrics import METRICS
from mmattr_app.models.catalogue import PRECISIONS
from mmattr_app.players.words import LEFT_OUT, Words
from mmattr_app.results.saved_players import BEFORE, CHANGED, begun_with, cuts_of, parts_of, saved_cuts, ways_of
from mmattr_app.segmentation import FINER, GROUPED, for_picture

PICTURE, FURTHER = "picture.png", "picture-{}.png"  # placeholders, which the user replaces
SAVED, DOCUMENT = "mmattr.npz", "document.txt"
GROUPING = ("coarse-to-fine", "interactions")  # methods that merge regions


def to_python(result: Attribution) -> str:
    """Write Python code that calls `mmattr_app.explain` and uses its result."""
    pictures = _pictures(result)
    image = repr(pictures[0] if len(pictures) == 1 else pictures or None)
    given = [image, repr(result.answer.question.prompt)]
    given += [f"{name}={value!r}" for name, value in arguments_of(result).items()]
    imports = "import mmattr_app\n"
    if result.answer.question.document:
        imports = f"from pathlib import Path\n\n{imports}"
        given += [f'document=Path({DOCUMENT!r}).read_text(encoding="utf-8").strip()']
    lines = "".join(f"    {line},\n" for line in given)
    return f'{imports}\nwhy = mmattr_app.explain(\n{lines})\nwhy.save("why.html")\nwhy.top()\n'


def to_command(result: Attribution) -> str:
    """Write the command for a shell such as bash."""
    values: dict[str, Any] = {"prompt": result.answer.question.prompt} | arguments_of(result) | {"out": "why.html"}
    words = ["python", "-m", "mmattr_app", "explain", *_pictures(result)]
    if result.answer.question.document:
        values["document"] = DOCUMENT
    if measured := values.pop("measure", []):
        words += ["--measure", *measured]
    if tokens := values.pop("tokens", []):
        values["tokens"] = ",".join(str(token + 1) for token in tokens)  # people count from 1
    words += ["--sharpen"] if values.pop("sharpen", False) else []
    for name, value in values.items():
        words += [f"--{name.replace('_', '-')}={one}" for one in _listed(value)]
    return " ".join(map(quote, words)) + "\n"


def save_first(result: Attribution) -> str:
    """Say in a sentence which files to save first, besides the pictures; usually empty."""
    saved = any(one.startswith(f"saved:{SAVED}") for one in _listed(arguments_of(result).get("regions", [])))
    needs = [f"the NPZ as {SAVED}, which has the regions"] if saved else []
    needs += [f"the text to read as {DOCUMENT}"] if result.answer.question.document else []
    return f"First save {', and '.join(needs)}." if needs else ""


def arguments_of(result: Attribution) -> dict[str, Any]:
    """Give the arguments of `mmattr_app.explain` besides picture and prompt; the command's flags are named the same."""
    answer, question = result.answer, result.answer.question
    playing = ways_of(result.players)
    found: dict[str, Any] = {"model": answer.model, "players": ",".join(playing)}
    if "regions" in playing:
        found |= {"regions": _regions(result), "occluder": result.occluder}
    hidden_by = next((part.occluder for part in parts_of(result.players) if isinstance(part, Words)), LEFT_OUT)
    sharp = _is_sharpened(result)  # from what each region loses when it is hidden alone, with a budget of its own
    method = "ablation" if sharp else result.method
    found |= {"method": method, "seed": result.seed, "max_tokens": question.max_tokens}
    sampled = question.sampling.temperature > 0  # the same words are drawn on the same machine only
    return found | {
        name: value
        for name, value in (
            ("hide_words", hidden_by if hidden_by != LEFT_OUT else ""),
            ("budget", None if sharp else result.budget),
            ("sharpen", sharp),
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
    """Quote a word for a shell; control characters, such as newlines, are escaped."""
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


def _regions(result: Attribution) -> str | list[str]:
    """Give the argument `regions`: how the pictures were cut or, if they cannot be cut so again, a file to read."""
    made = [cut.made_by for cut in cuts_of(result.players).values()]
    joined = result.method in GROUPING and any(one.endswith(GROUPED) for one in made)  # by the method, at its end
    ways = [begun_with(one) if joined else one for one in made]
    if not any(map(CHANGED.search, ways)):
        alike = all(for_picture(ways[0], number) == way for number, way in enumerate(ways))
        return ways[0] if alike else ways
    if not joined:
        return f"saved:{SAVED}"
    if BEFORE not in saved_cuts(result.players):
        raise AppError("The regions that its method joined are not in this result; save it as a file instead.")
    return f"saved:{SAVED},before"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]


def _is_sharpened(result: Attribution) -> bool:
    """Say whether regions were cut finer from the map of another method."""
    return any(cut.made_by.endswith(FINER + GROUPED) for cut in cuts_of(result.players).values())
