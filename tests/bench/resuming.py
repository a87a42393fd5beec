"""Work on many scenes, spread over processes; what is done is kept, so that a long run can be stopped and goes on."""

import json
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch

from mmattr_app import pipeline
from mmattr_app.demo.scenes import scene
from mmattr_app.domain import Question
from mmattr_app.models import load
from mmattr_app.workers.inline import InlineWorker

FOLDER = Path("build/bench")
SMALL = ("demo", "clever-hans")  # models that a CPU is good for


@cache
def lone_worker(name: str) -> InlineWorker:
    """Load the model for one thread: two processes of one are faster than one of two on so small a model.

    A small model computes in float32 on a GPU as well, so that its figures do not depend on the machine.
    """
    torch.set_num_threads(1)
    if name not in SMALL:
        return InlineWorker(load(name))
    return InlineWorker(load(name, device="cuda" if torch.cuda.is_available() else "cpu", dtype="float32"))


def revision(name: str) -> str:
    """Name the weights of a model, on which all results depend."""
    return pipeline.ask(lone_worker(name), Question((scene(0, 512).image,), "Describe the picture.")).revision


def for_each_seed(name: str, work: Callable[[int], Any], seeds: Iterable[int], processes: int) -> list[Any]:
    """Give the work's results in the order of the seeds.

    `name` must change with whatever changes the results; one line of JSON a scene stands in the file of that name.
    """
    path = FOLDER / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    seeds, done = list(seeds), _read(path)
    missing = [seed for seed in seeds if seed not in done]
    if missing:
        with path.open("a", encoding="utf-8") as file:
            file.write("\n")  # ends the line that a stop has cut off
            for seed, result in zip(missing, _spread(processes)(work, missing), strict=True):
                line = json.dumps([seed, result])
                done[seed] = json.loads(line)[1]  # fresh or read, a result looks the same
                file.write(line + "\n")
                file.flush()
                print(f"\r{name}: {len(done)} scenes", end="", file=sys.stderr)
    return [done[seed] for seed in seeds]


@cache
def _spread(processes: int) -> Callable[[Callable[[int], Any], list[int]], Iterable[Any]]:
    """Give a map over so many processes; one is this process. Either way a model is loaded once for all that is run."""
    return map if processes == 1 else ProcessPoolExecutor(processes, get_context("spawn")).map


def forget() -> None:
    """Begin anew: what was kept is out of date once scenes, players or methods have changed."""
    for path in FOLDER.glob("*.jsonl"):
        path.unlink()


def _read(path: Path) -> dict[int, Any]:
    """Skip empty lines and what a stop has cut off."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            seed, result = json.loads(line)
        except ValueError:
            continue
        found[seed] = result
    return found
