"""The command `explain`: ask a model, explain its answer, print the result and write it to a file."""

import argparse
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import mmattr_app
from mmattr_app.commands.model import add_model
from mmattr_app.commands.words import add_words
from mmattr_app.errors import AppError
from mmattr_app.settings import METHOD, REGIONS

if TYPE_CHECKING:
    from mmattr_app.explanation import Explanation
    from mmattr_app.pipeline import Listener
EXAMPLES = """examples:
  python -m mmattr_app explain photo.jpg --prompt "What is this?" --out why.npz
  python -m mmattr_app explain photo.jpg --prompt "What is this?" --answer "A dog." --regions grid:12x12
  python -m mmattr_app explain photo.jpg --prompt "What is this?" --answer "A dog." --word dog --instead-of cat
  python -m mmattr_app explain photo.jpg --prompt "What is this?" --model HuggingFaceTB/SmolVLM2-500M-Video-Instruct
  python -m mmattr_app explain photo.jpg --prompt "What is this?" --players regions,words,answer
  python -m mmattr_app explain --document report.txt --prompt "What went wrong?" --model Qwen/Qwen3-0.6B
"""


def add_explain(parser: argparse.ArgumentParser) -> None:
    """Add its options."""
    parser.epilog, parser.formatter_class = EXAMPLES, argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "images", nargs="*", metavar="IMAGE", help="the picture, such as a PNG or JPEG file; several, or none for text"
    )
    _add_question(parser)
    add_model(parser)
    _add_hiding(parser)
    _add_scoring(parser)
    add_words(parser, "explain these words of the answer only")
    add = parser.add_argument_group("what comes of it").add_argument
    add("--out", type=Path, metavar="FILE", help="write the result to a .json, .npz, .html, .png, .svg or .csv file")
    add("--top", type=int, default=3, metavar="N", help="how many regions to print for each token (%(default)s)")
    parser.set_defaults(run=_run)


def _add_question(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("what is asked and answered").add_argument
    add("--prompt", required=True, metavar="TEXT", help="what to ask about it")
    add("--document", type=Path, metavar="FILE", help="a text for the model to read before the question")
    add("--system", default="", metavar="TEXT", help="what to tell the model before the question")
    add("--answer", metavar="TEXT", help="explain this text instead of letting the model answer")
    add(
        "--temperature", type=float, default=0.0, metavar="T", help="0 takes the likeliest word each time (%(default)s)"
    )
    add("--top-p", type=float, default=1.0, metavar="P", help="draw from the likeliest words only (%(default)s)")
    add("--seed", type=int, default=0, metavar="N", help="for a temperature, and methods that draw masks (%(default)s)")


def _add_hiding(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("what is hidden").add_argument
    add(
        "--players",
        metavar="NAMES",
        help="what is hidden, with commas between: regions, words (of the question), system, sentences or paragraphs "
        "(of the document), answer (its own earlier words) (regions; without a picture sentences, or words)",
    )
    add(
        "--regions",
        action="append",
        metavar="HOW",
        help=f"how to cut the picture; see 'segmenters'; of several pictures once for all or once for each ({REGIONS})",
    )
    add(
        "--occluder",
        default="mean",
        metavar="NAME",
        help="what hides a region: white, black, mean, blur, noise, noise:SEED or #rrggbb (%(default)s)",
    )
    add(
        "--hide-words",
        default="out",
        metavar="TEXT",
        help="what is said in the place of a hidden word, such as _; out leaves it out (%(default)s)",
    )


def _add_scoring(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("how it is scored").add_argument
    add("--method", default=METHOD, metavar="NAME", help="how to score the regions; see 'methods' (%(default)s)")
    add("--budget", type=int, metavar="N", help="the most masks the method may ask about (its own default)")
    add(
        "--fuse",
        nargs="+",
        default=[],
        metavar="HOW",
        help="fuse the map with those of further regions, or of the same at three 'sizes' of the picture",
    )
    add("--sharpen", action="store_true", help="then hide smaller regions where the words depend on the picture")
    add(
        "--instead-of",
        default="",
        metavar="TEXT",
        help="explain why the chosen words, or the whole answer, were said and not this",
    )
    add("--measure", nargs="+", default=[], metavar="NAME", help="how to measure the map; see 'metrics' (not at all)")


def _run(options: argparse.Namespace) -> None:
    from mmattr_app.commands.terminal import ProgressBar, check_top, report  # noqa: PLC0415
    from mmattr_app.results import exports, files  # noqa: PLC0415  (--help stays instant)

    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    check_top(options.top)
    if options.out:
        exports.check_target(options.out, files.WRITERS)
    with closing(ProgressBar()) as progress:
        attribution = _explain(options, progress.listener)
    print(report(attribution, top=options.top))
    if options.out:
        files.write(attribution, options.out)


def _explain(options: argparse.Namespace, listener: "Listener") -> "Explanation":
    from mmattr_app.selection import read_numbers  # noqa: PLC0415  (--help stays instant)

    return mmattr_app.explain(
        options.images,
        options.prompt,
        model=options.model,
        players=options.players,
        regions=options.regions or REGIONS,
        method=options.method,
        occluder=options.occluder,
        hide_words=options.hide_words,
        document=_read(options.document) if options.document else "",
        answer=options.answer,
        budget=options.budget,
        measure=options.measure,
        word=options.word,
        tokens=read_numbers(options.tokens),
        instead_of=options.instead_of,
        fuse=options.fuse,
        sharpen=options.sharpen,
        seed=options.seed,
        max_tokens=options.max_tokens,
        system=options.system,
        temperature=options.temperature,
        top_p=options.top_p,
        device=options.device,
        dtype=options.dtype,
        listener=listener,
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        raise AppError(f"There is no file {path} that can be read; check the path of the document.") from None
    except UnicodeDecodeError:
        raise AppError(f"{path.name} is not a text in UTF-8; save it as plain text.") from None
