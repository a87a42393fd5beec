"""The command `compare`: the same words explained in several ways, as a table and side by side."""

import argparse
import os
from contextlib import closing
from itertools import product
from pathlib import Path

from mmattr_app.errors import AppError
from mmattr_app.settings import METHODS_COMPARED, REGIONS


def add_compare(parser: argparse.ArgumentParser) -> None:
    """Describe its options; every way that they can be combined makes a map."""
    add = parser.add_argument
    add("image", metavar="IMAGE", help="the picture, such as a PNG or JPEG file")
    add("prompt", metavar="PROMPT", help="what to ask about it")
    add("--methods", default=METHODS_COMPARED, metavar="NAMES", help="with commas between (%(default)s)")
    add("--regions", nargs="+", default=[REGIONS], metavar="HOW", help="ways to cut the picture (%(default)s)")
    add("--occluders", default="mean", metavar="NAMES", help="with commas between (%(default)s)")
    add("--seeds", default="0", metavar="N", help="with commas between (%(default)s)")
    add("--budget", type=int, metavar="N", help="the most masks of each map (each method's own default)")
    add("--word", default="", metavar="TEXT", help="compare the maps of these words of the answer")
    add("--tokens", default="", metavar="N", help="... or of these tokens, counted from 1, such as 2 or 2-4 or 1,3")
    add("--answer", metavar="TEXT", help="explain this text instead of letting the model answer")
    add("--named", type=Path, metavar="FILE", help="a picture, white where the words point to: shows which maps do")
    add("--out", type=Path, metavar="FILE", help="write the maps side by side to a .html or .png file")
    add(
        "--model", default="demo", metavar="NAME", help="a name that 'models' lists, a hub id or a folder (%(default)s)"
    )
    add("--max-tokens", type=int, default=64, metavar="N", help="the longest answer (%(default)s)")
    add("--device", default="auto", metavar="WHERE", help="as for 'explain' (%(default)s)")
    add("--dtype", default="auto", metavar="NAME", help="as for 'explain' (%(default)s)")
    parser.set_defaults(run=run_compare)


def run_compare(options: argparse.Namespace) -> None:
    """Explain in every way, print the tables and write the file."""
    from mmattr_app import pipeline  # noqa: PLC0415  (--help stays instant)
    from mmattr_app.commands.terminal import ProgressBar, lay_out, printable  # noqa: PLC0415
    from mmattr_app.domain import Question  # noqa: PLC0415
    from mmattr_app.pictures import read_picture, read_with_size  # noqa: PLC0415
    from mmattr_app.results.exports import check_target  # noqa: PLC0415
    from mmattr_app.selection import choose_tokens, read_numbers  # noqa: PLC0415
    from mmattr_app.studies import side_by_side  # noqa: PLC0415  (--help stays instant)
    from mmattr_app.studies.comparison import CompareListener, Setup, compare  # noqa: PLC0415

    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    if options.out:
        check_target(options.out, side_by_side.WRITERS)
    pixels, original = read_with_size(options.image)
    question = Question((pixels,), options.prompt, max_tokens=options.max_tokens, original=original)
    numbers = read_numbers(options.tokens) if options.tokens else ()
    setups = [
        Setup(regions, pipeline.Plan(method, hidden, options.budget, seed))
        for method, regions, hidden in product(_split(options.methods), options.regions, _split(options.occluders))
        for seed in _read_seeds(options.seeds)
    ]
    for setup in setups:
        pipeline.check(question, None, setup.plan, selects=bool(options.word or numbers))
    named = None
    if options.named and (named := read_picture(options.named).mean(axis=2) > 127).shape != pixels.shape[:2]:
        raise AppError(f"{options.named} has another size than the picture; draw it over the picture itself.")
    with closing(ProgressBar()) as progress:
        says = progress.listener.on_loading
        worker = pipeline.open_worker(options.model, device=options.device, dtype=options.dtype, says=says)
        answer = pipeline.ask(worker, question, options.answer, progress.listener)
        chosen = choose_tokens(answer, options.word, numbers)
        found = compare(worker, answer, setups, selection=chosen, named=named, listener=CompareListener(says))
    tables = (side_by_side.figures_of(found), side_by_side.correlations_of(found))
    print(printable(answer.text), *map(lay_out, tables), sep="\n\n")
    if options.out:
        side_by_side.write(found, options.out)


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _read_seeds(text: str) -> list[int]:
    if not all(seed.isdecimal() for seed in _split(text)):
        raise AppError(f"The seeds are {text!r}; give whole numbers with commas between, such as 0,1,2.")
    return [int(seed) for seed in _split(text)]
