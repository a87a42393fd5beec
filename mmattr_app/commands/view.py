"""The command `view`: read a result from its file, and print it or write it as a file of another kind."""

import argparse
from pathlib import Path

from mmattr_app.commands.words import add_words


def add_view(parser: argparse.ArgumentParser) -> None:
    """Add its options."""
    add = parser.add_argument
    add("file", type=Path, metavar="FILE", help="a .json, .npz or .html file that 'explain' or the page wrote")
    add(
        "--image",
        nargs="+",
        default=[],
        metavar="IMAGE",
        help="the picture that it is about, which JSON and NPZ do not hold; HTML, PNG and SVG need it",
    )
    add("--out", type=Path, metavar="FILE", help="write it to a .json, .npz, .html, .png, .svg or .csv file")
    add_words(parser, "the words of the answer that a PNG or SVG shows (all)")
    add("--top", type=int, default=3, metavar="N", help="how many regions to print for each token (%(default)s)")
    parser.set_defaults(run=run_view)


def run_view(options: argparse.Namespace) -> None:
    """Read the file, and print the report or write the other file."""
    from mmattr_app.commands.terminal import check_top, report  # noqa: PLC0415
    from mmattr_app.pictures import read_picture  # noqa: PLC0415
    from mmattr_app.results import exports, files  # noqa: PLC0415  (--help stays instant)
    from mmattr_app.selection import choose_tokens, read_numbers  # noqa: PLC0415

    check_top(options.top)
    if options.out:
        exports.check_target(options.out, files.WRITERS)
    result = files.read(options.file, *map(read_picture, options.image))
    tokens = choose_tokens(result.answer, options.word, read_numbers(options.tokens))
    if options.out:
        files.write(result, options.out, tokens)
    else:
        print(report(result, top=options.top))
