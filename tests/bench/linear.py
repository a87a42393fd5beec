"""What a run costs against the number of regions and the picture's size, and a picture against the answer's length.

Regions are counted with the demo model, whole runs from the page's side; lengths with the 221M LLaVA, beside one plain
forward of the model over the same tokens; sizes with a model that costs nothing, from a JPEG to the map. All figures
are seconds of all threads; each is the least of its tries. It ends in tables and a plot.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mmattr_app import pipeline
from mmattr_app.demo.scenes import scene
from mmattr_app.domain import Question
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.pictures import read_with_size
from mmattr_app.pipeline import Plan
from mmattr_app.workers.inline import InlineWorker
from tests.bench.cases import PROMPT, grid, spread, tell, wrap
from tests.bench.limits import take_time
from tests.bench.peers import Case, ours, unknown
from tests.bench.plot import Panel, draw
from tests.bench.shapes import SCALES
from tests.games import FreeModel, explain_regions
from tests.pictures import photograph

PLOT = Path("assets/plots/cost.svg")
REGIONS = (16, 36, 64, 100, 196, 256, 400)
LENGTHS = (4, 8, 16, 32, 64)
MEGAPIXELS = (1, 2, 4, 8, 12, 20, 30, 40)
HIDDEN = 7  # regions for each length: with the whole picture, two batches of four


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=("tiny", "250m"), default="250m", help="of the model for lengths")
    parser.add_argument("--regions", type=int, nargs="*", default=REGIONS, help="(%(default)s)")
    parser.add_argument("--lengths", type=int, nargs="*", default=LENGTHS, help="(%(default)s)")
    parser.add_argument("--megapixels", type=int, nargs="*", default=MEGAPIXELS, help="(%(default)s)")
    parser.add_argument("--only-megapixels", action="store_true", help="leave out regions and lengths, and the plot")
    parser.add_argument("--tries", type=int, default=2, help="(%(default)s)")
    parser.add_argument("--plot", type=Path, default=PLOT, help="(%(default)s)")
    options = parser.parse_args(arguments)
    tell_megapixels(options.megapixels, *cost_of_megapixels(options.megapixels, options.tries))
    if options.only_megapixels:
        return
    runs = cost_of_regions(options.regions, options.tries)
    shape = SCALES[options.scale][0]()
    model = wrap(shape.build("cpu", torch.float32), shape.processor)
    side = 64 if options.scale == "tiny" else 512
    pictures, forwards = cost_of_lengths(model, side, options.lengths, options.tries)
    tell_regions(options.regions, runs)
    tell_lengths(options.lengths, pictures, forwards)
    regions = Panel("regions", "CPU seconds of a run", list(options.regions), {"ours": runs})
    lengths = Panel(
        "answer tokens",
        "CPU seconds of a picture",
        list(options.lengths),
        {"ours": pictures, "a plain forward": forwards},
    )
    options.plot.parent.mkdir(parents=True, exist_ok=True)
    options.plot.write_text(draw([regions, lengths]), encoding="utf-8")


def cost_of_regions(counts: list[int], tries: int) -> list[float]:
    """Explain the demo model's answer about a scene with each number of regions, the whole matrix."""
    worker = pipeline.open_worker("demo", device="cpu")
    answer = pipeline.ask(worker, Question((scene(3, 512).image,), "Describe the picture."))
    cuts = [grid(answer, count) for count in counts]
    return least(
        tries, [lambda cut=cut: explain_regions(worker, unknown(answer), cut, Plan("ablation")) for cut in cuts]
    )


def cost_of_megapixels(sizes: list[int], tries: int) -> tuple[list[float], list[float]]:
    """Read a photograph of each size, and explain it on a grid of 16x16 from the file to the map."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{size}.jpg" for size in sizes]
        for file, size in zip(files, sizes, strict=True):
            photograph(size).save(file, quality=85)
        works = [
            *(lambda file=file: read_with_size(file) for file in files),
            *(lambda file=file: explain_file(file) for file in files),
        ]
        took = least(tries, works)
    return took[: len(sizes)], took[len(sizes) :]


def explain_file(file: Path) -> None:
    """Explain with a model that costs nothing."""
    model: Any = FreeModel()
    worker = InlineWorker(model)
    pixels, original = read_with_size(file)
    answer = pipeline.ask(worker, Question((pixels,), PROMPT, original=original))
    explain_regions(worker, answer, pipeline.segment(pixels, "grid:16x16"), Plan("ablation"))


def cost_of_lengths(
    model: HuggingFaceModel, side: int, lengths: list[int], tries: int
) -> tuple[list[float], list[float]]:
    """Score a few pictures, and run the model once, for answers of each length."""
    answers = [tell(model, side, length) for length in lengths]
    cases = [Case(model, answer, grid(answer, 100)) for answer in answers]
    slices = [spread(100, HIDDEN)]
    inputs = [read(model, side, case.answer.token_ids) for case in cases]
    works = [
        *(lambda case=case: list(ours(case, slices)) for case in cases),
        *(lambda read=read: forward(model, read) for read in inputs),
    ]
    took = least(tries, works)
    return [seconds / (HIDDEN + 1) for seconds in took[: len(lengths)]], took[len(lengths) :]


def least(tries: int, works: list[Callable[[], Any]]) -> list[float]:
    """Let the works take turns, a few times, and give the least CPU time of each; the first time warms up."""
    took = [[take_time("cpu", work)[1].cpu for work in works] for _ in range(1 + tries)]
    return [min(times) for times in zip(*took[1:], strict=True)]


def read(model: HuggingFaceModel, side: int, ids: tuple[int, ...]) -> dict[str, Any]:
    """Encode the picture, the prompt and the answer, as the model reads them."""
    inputs = model._encode(Question((scene(3, side).image,), PROMPT), [scene(3, side).image])
    whole = torch.cat([inputs["input_ids"], torch.tensor([ids])], dim=1)
    return {**inputs, "input_ids": whole, "attention_mask": torch.ones_like(whole)}


@torch.inference_mode()
def forward(model: HuggingFaceModel, inputs: dict[str, Any]) -> None:
    """Run the model as it is, with logits for every position."""
    model._model(**inputs, use_cache=False)


def tell_regions(counts: list[int], runs: list[float]) -> None:
    """Print what a region costs, and how far the runs lie from a straight line."""
    slope, start = np.polyfit(counts, runs, 1)
    off = float(np.abs(np.polyval((slope, start), counts) - runs).max() / max(runs))
    print("| regions | CPU s of a run | ms a region |\n|---|---|---|")
    for count, seconds in zip(counts, runs, strict=True):
        print(f"| {count} | {seconds:.3g} | {1000 * seconds / count:.1f} |")
    print(
        f"\nA line of {start:.2f} s and {1000 * slope:.1f} ms a region is at most {off:.1%} of the longest run off.\n"
    )


def tell_megapixels(sizes: list[int], reads: list[float], runs: list[float]) -> None:
    """Print what a larger picture costs."""
    print("| megapixels | CPU s to read it | CPU s from the file to the map |\n|---|---|---|")
    for size, reading, run in zip(sizes, reads, runs, strict=True):
        print(f"| {size} | {reading:.2f} | {run:.2f} |")
    print()


def tell_lengths(lengths: list[int], pictures: list[float], forwards: list[float]) -> None:
    """Print what a picture costs beside a plain forward."""
    print("| answer tokens | CPU s of a picture | CPU s of a plain forward | ratio |\n|---|---|---|---|")
    for length, ours_took, plain in zip(lengths, pictures, forwards, strict=True):
        print(f"| {length} | {ours_took:.3g} | {plain:.3g} | {ours_took / plain:.2f} |")
    growth = pictures[-1] / pictures[0], forwards[-1] / forwards[0]
    print(f"\nFrom the shortest to the longest: ours {growth[0]:.2f} times, a plain forward {growth[1]:.2f} times.")


if __name__ == "__main__":
    main()
