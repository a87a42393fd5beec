"""Our engine against Captum and against a plain batched loop: the same model, regions and answer, in one run.

Markdown on standard output, `--json FILE` for the figures. The engines hide a sample of the regions, the same one, in
turns, so that on a machine which others use the ratios hold although the seconds do not.
"""

import argparse
import gc
import json
import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from mmattr_app.models.devices import PRECISIONS
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.scorer import CPU_BATCH
from tests.bench.cases import grid, slices, spare_nothing, spread, tell, wrap
from tests.bench.limits import Seconds, best_rate, device_name, low_precision
from tests.bench.peers import BY_HAND, CAPTUM, ENGINES, OURS, Case
from tests.bench.race import Line, Runner, Weight, compare, race, weigh
from tests.bench.shapes import SCALES, Shape
from tests.bench.tables import print_machine, print_table

LOW = "bfloat16"
TURN = 8  # pictures of a slice on a CPU; a GPU, which nobody shares, does all of them at once
COUNTED = 7  # regions of the pass that counts operations and memory


def main(arguments: Sequence[str] | None = None) -> None:
    """Race on every model of the scale and print a table for each."""
    options = read_options(arguments)
    started = time.monotonic()
    precisions = [options.dtype, *([LOW] if has_low(options) else [])]
    before = {name: matrix_limit(options, name) for name in precisions}
    found: list[Line] = []
    for make in SCALES[options.scale]:
        found += race_on(make(), options)
        gc.collect()
    after = {name: matrix_limit(options, name) for name in precisions}
    best = {name: Seconds(*map(max, *((r.wall, r.cpu) for r in (before[name], after[name])))) for name in precisions}
    found = [line.against(best[line.precision]) for line in found]
    machine = {
        "device": device_name(options.device),
        "low_precision": low_precision() if options.device == "cpu" else "",
        "matrix_limit": {name: asdict(rate) for name, rate in best.items()},
        "seconds": time.monotonic() - started,
    }
    print_machine(machine)
    for model in dict.fromkeys(line.model for line in found):
        print_table([line for line in found if line.model == model])
    if options.json:
        figures = {"machine": machine, "lines": [asdict(line) for line in found]}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def race_on(shape: Shape, options: Any) -> list[Line]:
    """Race with each number of regions."""
    runners, yardstick = line_up(shape, options)
    weights: dict[str, Weight] = {}
    found: list[Line] = []
    for regions in options.regions:
        cut = grid(runners[OURS][0].answer, regions)
        runners = {name: (replace(case, cut=cut), engine) for name, (case, engine) in runners.items()}
        for name, runner in runners.items():
            if name not in weights or name.startswith(OURS):  # the size of a region is nothing to a plain loop
                weights[name] = weigh(options.device, runner, spread(regions, COUNTED))
        sample = spread(regions, options.sample)
        turns = slices(sample, TURN if options.device == "cpu" else len(sample) + 1)
        found += compare(shape.title, runners, race(options.device, runners, turns), weights, yardstick)
    return found


def line_up(shape: Shape, options: Any) -> tuple[dict[str, Runner], str]:
    """Give every engine its model, and name the one that the others are held against."""
    model = shape.build(options.device, PRECISIONS[options.dtype])
    case = ask(wrap(model, shape.processor), options)
    yardstick = CAPTUM
    try:
        list(ENGINES[CAPTUM](case, [[0]]))
    except Exception as error:  # noqa: BLE001  (whatever it is, Captum cannot run this family)
        yardstick = BY_HAND
        print(f"Captum cannot run {shape.title} ({type(error).__name__}): its loop, by hand, stands in.\n")
    unused = BY_HAND if yardstick == CAPTUM else CAPTUM
    runners: dict[str, Runner] = {name: (case, engine) for name, engine in ENGINES.items() if name != unused}
    if options.device != "cpu" or options.scale == "tiny":
        runners[f"{OURS}, batch 1"] = (ask(wrap(model, shape.processor, batch=1), options), ENGINES[OURS])
    if whole := spare_nothing(wrap(model, shape.processor, batch=CPU_BATCH if options.device == "cpu" else None)):
        runners[f"{OURS}, nothing spared"] = (ask(whole, options), ENGINES[OURS])
    if has_low(options):
        lower = wrap(deepcopy(model).to(PRECISIONS[LOW]), shape.processor)
        runners[f"{OURS}, {LOW}"] = (ask(lower, options), ENGINES[OURS])
    return runners, yardstick


def ask(model: HuggingFaceModel, options: Any) -> Case:
    """Let the model score a text of the wished length, with which our engine also finds out how it scores best."""
    side = 64 if options.scale == "tiny" else 512
    answer = tell(model, side, options.answer)
    return Case(model, answer, grid(answer, 4))


def has_low(options: Any) -> bool:
    """Say whether the lower precision runs beside float32: where the CPU has instructions for it."""
    return options.device == "cpu" and options.dtype == "float32" and bool(low_precision())


def matrix_limit(options: Any, precision: str) -> Seconds:
    """Measure the device's best rate with matrices of a size that fills it."""
    side = {"tiny": 256}.get(options.scale, 1536 if options.device == "cpu" else 8192)
    return best_rate(options.device, PRECISIONS[precision], side)


def read_options(arguments: Sequence[str] | None) -> Any:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="250m", help="size of the models (%(default)s)")
    parser.add_argument("--device", default="cpu", help="cpu or cuda (%(default)s)")
    parser.add_argument("--dtype", choices=PRECISIONS, help="float32 on a CPU, bfloat16 elsewhere")
    parser.add_argument("--regions", type=int, nargs="*", default=[20, 100, 400], help="of the grids (%(default)s)")
    parser.add_argument("--sample", type=int, default=11, help="how many of them are hidden; 0 is all (%(default)s)")
    parser.add_argument("--answer", type=int, default=24, help="tokens of the answer (%(default)s)")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    options = parser.parse_args(arguments)
    options.dtype = options.dtype or ("float32" if options.device == "cpu" else "bfloat16")
    return options


if __name__ == "__main__":
    main()
