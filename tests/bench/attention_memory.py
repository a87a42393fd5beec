"""How much memory attention maps take beside a plain forward, each in a process of its own, as Markdown.

`python -m tests.bench.attention_memory --scale 250m`, on Linux, which tells a process's peak.
"""

import argparse
import ctypes
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from mmattr_app.methods.attention_last import last_layer
from mmattr_app.methods.attention_rollout import Rollout
from mmattr_app.methods.attention_x_gradient import relevance
from mmattr_app.models.opened_answer import OpenedAnswer
from tests.bench.cases import tell, wrap
from tests.bench.shapes import SCALES

SIDE, TOKENS = 640, 24


def plain(opened: OpenedAnswer) -> None:
    """Score the answer once."""
    with torch.no_grad():
        opened._run()


WAYS: dict[str, Callable[[OpenedAnswer], object]] = {
    "plain forward": plain,
    "attention-last": lambda opened: opened.attentions(last_layer),
    "attention-rollout": lambda opened: opened.attentions(Rollout()),
    "attention-x-gradient": lambda opened: opened.attentions(relevance, with_gradients=True),
}


def main() -> None:
    """Print a table for each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="250m")
    options = parser.parse_args()
    for number in range(len(SCALES[options.scale])):
        rows: dict[str, tuple[str, float, float]] = {}
        for way in WAYS:
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                rows[way] = pool.submit(measure, options.scale, number, way).result()
        title, _, usual = rows["plain forward"]
        print(f"\n{title}, {TOKENS} tokens, float32.\n")
        print("| | MB above the weights | times a plain forward |\n|---|---|---|")
        for way, (_, _, above) in rows.items():
            print(f"| {way} | {above:.0f} | {above / usual:.2f} |", flush=True)


def measure(scale: str, number: int, way: str) -> tuple[str, float, float]:
    """Give the model's title, and the megabytes that it takes at rest, and at most besides."""
    torch.set_num_threads(1)
    shape = SCALES[scale][number]()
    model = wrap(shape.build("cpu", torch.float32), shape.processor)
    opened = model.open(tell(model, SIDE, TOKENS))
    plain(opened)  # what is made once and stays
    np.eye(SIDE, dtype=np.float32).dot(np.eye(SIDE, dtype=np.float32))  # and NumPy's buffers
    ctypes.CDLL("libc.so.6").malloc_trim(0)  # gives back what is free
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    rest = _status("VmRSS")
    WAYS[way](opened)
    return shape.title, rest, _status("VmHWM") - rest


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1e3 for line in lines if line.startswith(name))


if __name__ == "__main__":
    main()
