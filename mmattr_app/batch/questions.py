"""Read the questions of a batch from a CSV or JSONL file; a wrong row keeps a sentence that says what is wrong."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mmattr_app.errors import AppError

COLUMNS = ("image", "prompt", "answer", "mask", "model", "regions", "method")

NO_OBJECT = 'The line is no JSON object; write one such as {"image": "photo.jpg", "prompt": "What is this?"}.'


@dataclass(frozen=True)
class Row:
    """One question of a batch."""

    number: int  # from 1
    image: str = ""  # path of the picture, relative to the file's folder; empty for a model that reads text only
    prompt: str = ""
    answer: str = ""  # explain this instead of the model's own answer
    mask: str = ""  # path of a file with a label map or masks, used instead of `regions`
    model: str = ""
    regions: str = ""
    method: str = ""
    problem: str = ""  # what is wrong with it, in a sentence

    def fingerprint(self, folder: Path, how: str) -> str:
        """Hash of all that the result depends on: texts, files and `how` it is explained."""
        said = {name: value for name, value in asdict(self).items() if name in COLUMNS}
        digest = hashlib.blake2b(json.dumps([said, how]).encode(), digest_size=8)
        for name in filter(None, (self.image, self.mask)):
            if (folder / name).is_file():
                digest.update((folder / name).read_bytes())
        return digest.hexdigest()


def read_rows(path: Path, usual: Mapping[str, str]) -> list[Row]:
    """Read the file; `usual` has the values of columns that a row leaves empty."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError:
        raise AppError(f"There is no file {path} that can be read; check the path of the questions.") from None
    except UnicodeDecodeError:
        raise AppError(f"{path.name} is not a text in UTF-8; save it as CSV or JSONL in UTF-8.") from None
    if path.suffix not in READERS:
        raise AppError(f"{path.name} should end in {' or '.join(READERS)}, which says how to read it.")
    rows = [_row(number, found, usual) for number, found in enumerate(READERS[path.suffix](path.name, text), 1)]
    if not rows:
        raise AppError(f"{path.name} has no question; give one in each line below the names of the columns.")
    return rows


def _row(number: int, found: dict[Any, Any] | str, usual: Mapping[str, str]) -> Row:
    if isinstance(found, str):
        return Row(number, problem=found)
    unknown = [name for name in found if name not in COLUMNS]
    if unknown:
        return Row(number, problem=f"It has more than the columns {', '.join(COLUMNS)}; put quotes around commas.")
    if any(isinstance(value, (list, dict)) for value in found.values()):
        return Row(number, problem="A value is a list or an object; give texts only.")
    values = {name: str(value or "").strip() for name, value in found.items()}
    row = replace(Row(number), **(dict(usual) | {name: value for name, value in values.items() if value}))
    return row if row.prompt else replace(row, problem="It has no prompt; ask something.")


def _read_csv(name: str, text: str) -> Iterator[dict[Any, Any] | str]:
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="further")
    titles = [title.strip() for title in reader.fieldnames or ()]
    unknown = [title for title in titles if title not in COLUMNS]
    if "prompt" not in titles or unknown:
        wrong = f"there is no {unknown[0]!r}" if unknown else "prompt is missing"
        raise AppError(f"The first line of {name} should name columns among {', '.join(COLUMNS)}; {wrong}.")
    reader.fieldnames = titles
    yield from reader


def _read_jsonl(name: str, text: str) -> Iterator[dict[Any, Any] | str]:
    del name
    for line in filter(str.strip, text.splitlines()):
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        yield found if isinstance(found, dict) else NO_OBJECT


READERS = {".csv": _read_csv, ".jsonl": _read_jsonl}
