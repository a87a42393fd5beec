"""How much memory a model needs in each precision, and how much is free here."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from mmattr_app.models.catalogue import ModelCard

GB = 1e9
# Bytes for each weight, on average; int8 and int4 are more than 1 and 0.5, since embeddings are not quantized.
BYTES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0, "int8": 1.15, "int4": 0.75}
WORK = 1.2  # memory of a run, as a multiple of the weights'
SAFE = 0.8  # share of the free memory to use: a batch of n takes a little more than n times the memory of one
LESSER = ("int8", "int4")
SHOWN = ("float32", "bfloat16", *LESSER)
CONTROL_GROUP = Path("/sys/fs/cgroup")  # files with a container's memory limit, which psutil does not know


def needs(billions: float, precision: str) -> float:
    """Estimate the gigabytes that a model of this many billion weights takes while it runs."""
    return billions * BYTES[precision] * WORK


def free() -> float:
    """Measure the free memory in gigabytes: that of the GPUs, or main memory if there are none."""
    on_gpus = gpu_memory()
    return main_memory() if on_gpus is None else on_gpus


def gpu_memory() -> float | None:
    """Measure the free memory of all GPUs together in gigabytes; None if there are none."""
    import torch  # noqa: PLC0415  (listing the catalogue does not need it)

    if not torch.cuda.is_available():
        return None
    return sum(torch.cuda.mem_get_info(gpu)[0] for gpu in range(torch.cuda.device_count())) / GB


def copies_that_fit(run: Callable[[], object], device: Any) -> int:
    """Run something on a GPU once, measure its memory, and say how many such runs fit at the same time."""
    import torch  # noqa: PLC0415

    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    run()
    took = torch.cuda.max_memory_allocated(device) - before
    cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)  # torch keeps it for reuse
    return int(SAFE * (torch.cuda.mem_get_info(device)[0] + cached) / max(took, 1))


def usual_precision() -> str:
    """Give the precision that `auto` stands for on this machine."""
    import torch  # noqa: PLC0415

    return "bfloat16" if torch.cuda.is_available() else "float32"


def main_memory() -> float:
    """Measure the free main memory in gigabytes, within the limit of a container."""
    available = psutil.virtual_memory().available
    try:
        limit, used = ((CONTROL_GROUP / name).read_text() for name in ("memory.max", "memory.current"))
        available = min(available, int(limit) - int(used))
    except (OSError, ValueError):  # no container, or one without a limit
        pass
    return available / GB


def best_precision(card: "ModelCard", room: float, usual: str) -> str:
    """Give the best precision in which the model fits into `room` gigabytes; empty if it fits in none."""
    return next((name for name in (usual, *LESSER) if needs(card.billions, name) <= room), "")


def size(card: "ModelCard") -> str:
    """Write the number of weights, such as "2.2B" or "5M"."""
    return f"{card.billions:.2g}B" if card.billions >= 0.1 else f"{card.billions * 1000:.0f}M"


def row(name: str, card: "ModelCard") -> str:
    """Write a model as a row of docs/models.md: its size, and the gigabytes that a run takes in each precision."""
    taken = " | ".join(f"{max(needs(card.billions, precision), 0.1):.1f}" for precision in SHOWN)
    return f"| `{name}` | {card.summary} | {size(card)} | {taken} |"


def remark(card: "ModelCard", room: float, usual: str) -> str:
    """Say in a few words how large a model is, and whether it fits into `room` gigabytes."""
    best = best_precision(card, room, usual)
    if not best:
        least = LESSER[-1]
        return (
            f"{size(card)}, too large here: {needs(card.billions, least):.0f} GB even as {least}, {room:.0f} are free"
        )
    how = f"{max(needs(card.billions, best), 0.1):.1f} GB"
    return f"{size(card)}, {how}" if best == usual else f"{size(card)}, fits as {best}: {how}"
