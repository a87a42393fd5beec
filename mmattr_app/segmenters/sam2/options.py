"""The options of SAM-2, as typed after the colon."""

import re
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from mmattr_app.errors import AppError

SMALL, LARGE = "facebook/sam2.1-hiera-tiny", "facebook/sam2.1-hiera-large"
EXAMPLE = "sam2:facebook/sam2.1-hiera-large,points=32,most=64,keep"


@dataclass(frozen=True)
class Options:
    """Which SAM, how it searches, and what is done with its masks; each option is typed as name=value."""

    source: str  # a hub id or a folder
    points: int = 32  # query points along a side of the picture
    batch: int = 0  # points at once; 0 is chosen by the device. It changes no mask
    quality: float = 0.88  # least quality (IoU) of a mask, as SAM predicts it
    stability: float = 0.95  # least stability of a mask when its threshold changes
    nms: float = 0.7  # masks whose boxes overlap more (IoU) count as the same
    crops: int = 0  # 1 searches four parts of the picture besides the whole
    smallest: float = 0.0005  # share of the picture: smaller masks are left out
    most: int = 64  # regions, at most
    overlap: Literal["flatten", "keep"] = "flatten"  # make masks disjoint, or keep their overlaps

    @classmethod
    def read(cls, settings: str, device: str) -> "Options":
        """Read what was typed; on a GPU the default is the large model and more points."""
        on_gpu = device.startswith("cuda")
        options = cls(LARGE if on_gpu else SMALL, points=32 if on_gpu else 16)
        source, *others = _parts(settings)
        options = replace(options, source=source or options.source)
        for option in others:
            options = replace(options, **_read(option))
        options.check()
        return options

    @property
    def made_by(self) -> str:
        """Write the options as they are typed, such that any device cuts the same: `points` is always written."""
        default = Options(self.source)
        changed = [
            f"{field.name}={getattr(self, field.name):g}"
            for field in fields(self)[1:-1]
            if field.name == "points" or getattr(self, field.name) != getattr(default, field.name)
        ]
        return ",".join([f"sam2:{self.source}", *changed, *(["keep"] if self.overlap == "keep" else [])])

    def check(self) -> None:
        """Refuse numbers that make no sense, or would take hours."""
        ranges = {"points": (1, 128), "batch": (0, 4096), "crops": (0, 2), "most": (1, 100_000), "smallest": (0, 1)}
        for name, (least, greatest) in ranges.items():
            if not least <= getattr(self, name) <= greatest:
                raise AppError(f"{name} of SAM-2 can be {least} to {greatest}, not {getattr(self, name):g}.")


NUMBERS: dict[str, type] = {"points": int, "batch": int, "crops": int, "most": int} | dict.fromkeys(
    ("quality", "stability", "nms", "smallest"), float
)


def _parts(settings: str) -> list[str]:
    """Split at commas into model and options; the model is empty (the default one) if the first part is an option."""
    parts = settings.split(",")
    is_option = parts[0] in ("keep", "flatten") or re.match(r"[a-z]+=", parts[0])
    return ["", *parts] if is_option and not Path(settings).is_dir() else parts


def _read(option: str) -> dict[str, Any]:
    if option in ("keep", "flatten"):
        return {"overlap": option}
    name, _, value = option.partition("=")
    if name not in NUMBERS:
        raise AppError(
            f"SAM-2 has no option {option[:40]!r}; use keep, flatten, or a number for {', '.join(NUMBERS)}, as in "
            f"{EXAMPLE}."
        )
    number = r"[0-9]{1,6}" if NUMBERS[name] is int else r"-?[0-9]{1,4}(\.[0-9]{1,9})?"
    if not re.fullmatch(number, value):
        raise AppError(f"{name} of SAM-2 is {value[:40]!r}; give a number, as in {EXAMPLE}.")
    return {name: NUMBERS[name](value)}
