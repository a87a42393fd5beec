"""What a run is held against: the device's best matrix product, the operations done, and the memory it peaked at."""

import ctypes
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import local
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

LOW = ("avx512_bf16", "amx_bf16")  # what lets a CPU multiply in bfloat16


@dataclass(frozen=True)
class Seconds:
    """Time of a piece of work, on the clock and over all threads."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: "Seconds") -> "Seconds":
        return Seconds(self.wall + other.wall, self.cpu + other.cpu)


def take_time(device: str, work: Callable[[], Any]) -> tuple[Any, Seconds]:
    """Do the work, to its end on the device, and say how long it took.

    Each piece runs in a thread of its own, as our engine's does anyway: OpenMP's threads wait for those of the first
    thread in a busy loop, for those of later ones asleep, and the clock of all threads counts the busy loop.
    """
    _finish(device)
    wall, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(1) as thread:
        result = thread.submit(work).result()
    _finish(device)
    return result, Seconds(time.perf_counter() - wall, time.process_time() - cpu)


def best_rate(device: str, dtype: torch.dtype, side: int, tries: int = 12) -> Seconds:
    """Give the operations a second of the fastest of a few large matrix products, by each clock."""
    left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    took = [take_time(device, lambda: left @ right)[1] for _ in range(tries)]
    wall, cpu = min(each.wall for each in took), min(each.cpu for each in took)
    operations = 2 * side**3
    return Seconds(operations / wall, operations / (cpu if device == "cpu" else wall))  # a GPU leaves the CPU idle


def count_operations(work: Callable[[], Any]) -> int:
    """Count the floating-point operations of every module that the work calls, in whatever thread."""
    counts: list[int] = []
    honest, inside = nn.Module.__call__, local()

    def call(module: nn.Module, *given: Any, **named: Any) -> Any:
        if getattr(inside, "yes", False):
            return honest(module, *given, **named)
        inside.yes = True
        counter = FlopCounterMode(display=False)
        try:
            with counter:
                return honest(module, *given, **named)
        finally:
            inside.yes = False
            counts.append(counter.get_total_flops())

    nn.Module.__call__ = call
    try:
        work()
    finally:
        nn.Module.__call__ = honest
    return sum(counts)


def peak_memory(device: str, work: Callable[[], Any]) -> float | None:
    """Give the bytes at the work's peak above those before it; None where the system does not tell."""
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        work()
        return torch.cuda.max_memory_allocated() - before
    if sys.platform != "linux":
        work()
        return None
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # sets the peak to what is held now
    before = _status("VmRSS")
    work()
    return _status("VmHWM") - before


def low_precision() -> str:
    """Name the CPU's instructions for bfloat16; empty where it has none or does not tell."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return ""
    return " and ".join(name for name in LOW if name in flags)


def device_name(device: str) -> str:
    """Name the GPU, or the CPU and its threads."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if sys.platform == "linux" else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else 'CPU'}, {torch.get_num_threads()} threads"


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def _finish(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()
