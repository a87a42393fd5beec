"""How much memory a model needs in each precision, and how much is free here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from mmattr_app.contracts import ModelCard

GB = 1e9
BYTES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0, "int8": 1.15, "int4": 0.75}  # a weight; embeddings stay whole
WORK = 1.2  # what a run adds, as a factor
SAFE = 0.8  # of the free memory, since several in one batch take a little more than so many times one
LESSER = ("int8", "int4")
SHOWN = ("float32", "bfloat16", *LESSER)
CONTROL_GROUP = Path("/sys/fs/cgroup")  # where a container's limit is, which the machine's own figures do not know


def needs(billions: float, precision: str) -> float:
    """Estimate the gigabytes that a run takes."""
    return billions * BYTES[precision] * WORK


def free() -> float:
    """Measure the gigabytes that are free: of the GPUs where there are some, else of the main memory."""
    there = gpu_memory()
    return main_memory() if there is None else there


def gpu_memory() -> float | None:
    """Measure the free memory of all GPUs together in gigabytes; None where there are none."""
    import torch  # noqa: PLC0415  (the list of models is to be had without it)

    if not torch.cuda.is_available():
        return None
    return sum(torch.cuda.mem_get_info(gpu)[0] for gpu in range(torch.cuda.device_count())) / GB


def copies_that_fit(run: Callable[[], object], device: Any) -> int:
    """Run something on a GPU once, and say how many of its kind the free memory holds at the same time."""
    import torch  # noqa: PLC0415

    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    run()
    took = torch.cuda.max_memory_allocated(device) - before
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)  # ready to be used again
    return int(SAFE * (torch.cuda.mem_get_info(device)[0] + kept) / max(took, 1))


def usual_precision() -> str:
    """Say which precision `auto` is here."""
    import torch  # noqa: PLC0415

    return "bfloat16" if torch.cuda.is_available() else "float32"


def main_memory() -> float:
    """Measure the free main memory in gigabytes, within the limit of a container."""
    there = psutil.virtual_memory().available
    try:
        limit, used = ((CONTROL_GROUP / name).read_text() for name in ("memory.max", "memory.current"))
        there = min(there, int(limit) - int(used))
    except (OSError, ValueError):  # no container, or one without a limit
        pass
    return there / GB


def best_precision(card: ModelCard, room: float, usual: str) -> str:
    """Name the best precision in which the model fits into `room` gigabytes: the usual one, a lesser one, or none."""
    return next((name for name in (usual, *LESSER) if needs(card.billions, name) <= room), "")


def size(card: ModelCard) -> str:
    """Write the number of weights as people say it."""
    return f"{card.billions:.2g}B" if card.billions >= 0.1 else f"{card.billions * 1000:.0f}M"


def row(name: str, card: ModelCard) -> str:
    """Write a model as a row of docs/models.md: its size, and the gigabytes a run takes in each precision."""
    taken = " | ".join(f"{max(needs(card.billions, precision), 0.1):.1f}" for precision in SHOWN)
    return f"| `{name}` | {card.says} | {size(card)} | {taken} |"


def remark(card: ModelCard, room: float, usual: str) -> str:
    """Say in a few words how large a model is and whether it fits."""
    best = best_precision(card, room, usual)
    if not best:
        least = LESSER[-1]
        return (
            f"{size(card)}, too large here: {needs(card.billions, least):.0f} GB even as {least}, {room:.0f} are free"
        )
    how = f"{max(needs(card.billions, best), 0.1):.1f} GB"
    return f"{size(card)}, {how}" if best == usual else f"{size(card)}, fits as {best}: {how}"
