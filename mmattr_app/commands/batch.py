"""The command `batch`: explain many questions of a table, with the results in a folder; it can be resumed."""

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmattr_app.commands.model import add_model
from mmattr_app.errors import AppError
from mmattr_app.settings import METHOD, REGIONS

if TYPE_CHECKING:
    from mmattr_app.workers.queued import QueuedWorker

WORKERS = ("inline", "ray")


def add_batch(parser: argparse.ArgumentParser) -> None:
    """Add its options; what a row of the table says overrides them."""
    add = parser.add_argument
    add(
        "questions",
        type=Path,
        metavar="FILE",
        help="a .csv or .jsonl file with image and prompt, and perhaps answer, mask, model, regions, method",
    )
    add("--out", type=Path, required=True, metavar="FOLDER", help="for the results, summary.csv and index.html")
    add("--regions", default=REGIONS, metavar="HOW", help="for rows that name none (%(default)s)")
    add("--method", default=METHOD, metavar="NAME", help="for rows that name none (%(default)s)")
    add("--occluder", default="mean", metavar="NAME", help="what hides a region, as for 'explain' (%(default)s)")
    add("--budget", type=int, metavar="N", help="the most masks of each row (each method's own default)")
    add("--seed", type=int, default=0, metavar="N", help="for methods that draw masks (%(default)s)")
    add("--shares", action="store_true", help="measure what came from picture, question and own words, 7 masks a row")
    add("--workers", default="inline", choices=WORKERS, help="in this process, or in Ray actors (%(default)s)")
    add_model(parser, "for rows that name none")
    parser.set_defaults(run=run_batch)


def run_batch(options: argparse.Namespace) -> None:
    """Run every row that has no result yet, and write the summary and the gallery."""
    from tqdm import tqdm  # noqa: PLC0415  (--help stays instant)

    from mmattr_app.batch.questions import read_rows  # noqa: PLC0415
    from mmattr_app.batch.running import Batch, Outcome  # noqa: PLC0415
    from mmattr_app.batch.summary import write_summary  # noqa: PLC0415
    from mmattr_app.pipeline import Plan  # noqa: PLC0415
    from mmattr_app.results.exports import make_folder  # noqa: PLC0415

    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    rows = read_rows(options.questions, {"model": options.model, "regions": options.regions, "method": options.method})
    make_folder(options.out)
    plan = Plan(occluder=options.occluder, budget=options.budget, seed=options.seed)
    outcomes: list[Outcome] = []
    with tqdm(total=len(rows), unit="question", file=sys.stderr) as bar:
        worker_of = _workers(options, on_loading=lambda words: bar.set_postfix_str(words or ""))
        batch = Batch(options.questions.parent, options.out, plan, options.max_tokens, worker_of, options.shares)
        for outcome in batch.run(rows):
            outcomes.append(outcome)
            bar.update()
            if outcome.row.problem:
                bar.write(f"question {outcome.row.number}: {outcome.row.problem}", file=sys.stderr)
    write_summary(outcomes, options.out)
    new, failed = sum(outcome.new for outcome in outcomes), sum(bool(outcome.row.problem) for outcome in outcomes)
    found = len(outcomes) - new - failed
    if failed == len(outcomes):
        raise AppError(f"No question could be explained; {options.out / 'summary.csv'} says why.")
    print(f"{new} answered now, {found} found, {failed} failed; see {options.out / 'index.html'}")


def _workers(options: argparse.Namespace, on_loading: Callable[[str | None], None]) -> Callable[[str], "QueuedWorker"]:
    """Make the slots; give the function that makes a worker of a model's name."""
    from mmattr_app.pipeline import open_worker  # noqa: PLC0415
    from mmattr_app.settings import settings  # noqa: PLC0415
    from mmattr_app.workers.inline import InlineSlot  # noqa: PLC0415
    from mmattr_app.workers.queued import QueuedWorker  # noqa: PLC0415
    from mmattr_app.workers.scheduler import Scheduler  # noqa: PLC0415

    opens = partial(open_worker, device=options.device, dtype=options.dtype)
    slots = _ray_slots(opens) if options.workers == "ray" else [InlineSlot(opens)]
    scheduler = Scheduler(slots, warm=settings().warm_models)
    return lambda model: QueuedWorker(scheduler, "batch", model, look=lambda _: None, on_loading=on_loading)


def _ray_slots(opens: Callable[..., Any]) -> list[Any]:
    """Start Ray actors, which load models with `opens`."""
    from mmattr_app.settings import settings  # noqa: PLC0415

    if find_spec("ray") is None:
        raise AppError("Ray is not installed; run pip install -r requirements-ray.txt, or choose --workers inline.")
    from mmattr_app.workers.ray import ray_slots  # noqa: PLC0415

    return ray_slots(opens, settings().ray_actors)
