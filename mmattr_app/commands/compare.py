"""The command `compare`: the same words explained in several ways, as a table and side by side."""

import argparse
import os
from collections.abc import Sequence
from contextlib import closing
from itertools import product
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING

from mmattr_app.commands.model import add_model
from mmattr_app.commands.words import add_words
from mmattr_app.errors import AppError
from mmattr_app.settings import METHODS_COMPARED, REGIONS

if TYPE_CHECKING:
    from mmattr_app.domain import Answer, Pixels, Question
    from mmattr_app.segmentation import Mask
    from mmattr_app.studies.setups import Setup


def add_compare(parser: argparse.ArgumentParser) -> None:
    """Describe its options; every way that they can be combined makes a map."""
    add = parser.add_argument
    add("images", nargs="+", metavar="IMAGE", help="the picture, such as a PNG or JPEG file, or several")
    add("prompt", metavar="PROMPT", help="what to ask about it")
    add(
        "--methods",
        default=METHODS_COMPARED,
        metavar="NAMES",
        help="with commas between (%(default)s); each may say what differs, such as 'smooth hidden by blur', 'smooth "
        "with seed 1', 'ablation on grid:8x8', 'smooth with 32 masks', 'smooth asking demo@bfloat16'",
    )
    add("--regions", nargs="+", default=[REGIONS], metavar="HOW", help=f"ways to cut the picture ({REGIONS})")
    add("--occluders", default="mean", metavar="NAMES", help="with commas between (%(default)s)")
    add("--seeds", default="0", metavar="N", help="with commas between (%(default)s)")
    add("--budget", type=int, metavar="N", help="the most masks of each map (each method's own default)")
    add("--answer", metavar="TEXT", help="explain this text instead of letting the model answer")
    add(
        "--named",
        type=Path,
        metavar="FILE",
        help="a picture, white where the words point to: shows which "
        "maps do; known by itself for examples and for scenes with their key beside them",
    )
    add("--out", type=Path, metavar="FILE", help="write the maps side by side to a .html or .png file")
    add_words(parser, "compare the maps of these words of the answer")
    add_model(parser)
    parser.set_defaults(run=run_compare)


def run_compare(options: argparse.Namespace) -> None:
    """Explain in every way, print the tables and write the file."""
    from mmattr_app import pipeline  # noqa: PLC0415  (--help stays instant)
    from mmattr_app.commands.terminal import ProgressBar, lay_out, printable  # noqa: PLC0415
    from mmattr_app.results.exports import check_target  # noqa: PLC0415
    from mmattr_app.selection import choose_tokens, read_numbers  # noqa: PLC0415
    from mmattr_app.studies import side_by_side  # noqa: PLC0415  (--help stays instant)
    from mmattr_app.studies.comparison import CompareListener, Known, compare, cut_and_check  # noqa: PLC0415

    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    if options.out:
        check_target(options.out, side_by_side.WRITERS)
    question, numbers, setups = _read_question(options), read_numbers(options.tokens), _read_setups(options)
    marked = _read_named(options.named, question.pictures) if options.named else None
    known = Known(cuts=cut_and_check(question, setups, selects=bool(options.word or numbers)))
    with closing(ProgressBar()) as progress:
        on_loading = progress.listener.on_loading
        worker = pipeline.open_worker(options.model, device=options.device, dtype=options.dtype, on_loading=on_loading)
        answer = pipeline.ask(worker, question, options.answer, progress.listener)
        chosen = choose_tokens(answer, options.word, numbers)
        named = _find_named(options, answer, chosen) if marked is None else marked
        hears = CompareListener(on_loading, on_words=on_loading)
        found = compare(worker, answer, setups, selection=chosen, named=named, known=known, listener=hears)
    tables = (side_by_side.figures_of(found), side_by_side.correlations_of(found))
    print(printable(answer.text), *map(lay_out, tables), side_by_side.says(found), sep="\n\n")
    if options.out:
        side_by_side.write(found, options.out)


def _read_question(options: argparse.Namespace) -> "Question":
    """Read the pictures and the question about them."""
    from mmattr_app.domain import Question  # noqa: PLC0415
    from mmattr_app.pictures import read_all  # noqa: PLC0415

    if isfile(options.prompt):  # noqa: PTH113  (Path.is_file raises an error for a long question)
        raise AppError(f"The question is missing: {options.prompt} is a file; write the question behind the pictures.")
    pictures, original = read_all(options.images)
    return Question(pictures, options.prompt, max_tokens=options.max_tokens, original=original)


def _read_setups(options: argparse.Namespace) -> list["Setup"]:
    """Combine the methods with regions, occluders and seeds; what a method says itself stays."""
    from mmattr_app.plan import Plan  # noqa: PLC0415
    from mmattr_app.studies.setups import Setup, read_setup  # noqa: PLC0415

    methods, occluders, seeds = _split(options.methods), _split(options.occluders), _read_seeds(options.seeds)
    if not (methods and occluders and seeds):
        raise AppError("Nothing is named to compare; name one or more in --methods, --occluders and --seeds.")
    plans = [Plan(occluder=occluder, budget=options.budget, seed=seed) for occluder, seed in product(occluders, seeds)]
    usual = [Setup(regions, plan) for regions, plan in product(options.regions, plans)]
    return list(dict.fromkeys(read_setup(text, setup) for text in methods for setup in usual))


def _read_named(file: Path, pictures: Sequence["Pixels"]) -> "Mask":
    """Read a picture that is white where the words point to."""
    from mmattr_app.pictures import read_picture  # noqa: PLC0415

    if len(pictures) > 1:
        raise AppError("What the words name is known for one picture only; leave --named out, or give one picture.")
    named = read_picture(file).mean(axis=2) > 127
    if named.shape != pictures[0].shape[:2]:
        raise AppError(f"{file} has another size than the picture; draw it over the picture itself.")
    return named


def _find_named(options: argparse.Namespace, answer: "Answer", chosen: tuple[int, ...] | None) -> "Mask | None":
    """Find what the words name in the answer key of a scene, where there is one; of several pictures none is known."""
    from mmattr_app.demo.answer_key import find_key, read_key  # noqa: PLC0415

    if len(options.images) > 1:
        return None
    picture = Path(options.images[0])
    key = (picture.name == "scene.png" and read_key(picture.parent)) or find_key(answer.question.image)
    return key.named(answer, chosen) if key and chosen else None


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _read_seeds(text: str) -> list[int]:
    seeds = _split(text)
    if not all(seed.isdecimal() for seed in seeds):
        raise AppError(f"The seeds are {text!r}; give whole numbers with commas between, such as 0,1,2.")
    return [int(seed) for seed in seeds]
