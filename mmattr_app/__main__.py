"""The command line: the parser of all commands, and the short commands themselves."""

import argparse
import os
import sys
from collections.abc import Sequence
from errno import EACCES, EDQUOT, ENOSPC, EPERM, EROFS
from io import TextIOWrapper
from pathlib import Path

import mmattr_app
from mmattr_app.commands.batch import add_batch
from mmattr_app.commands.compare import add_compare
from mmattr_app.commands.explain import add_explain
from mmattr_app.commands.view import add_view
from mmattr_app.errors import AppError

OF_THE_DISK = (ENOSPC, EDQUOT, EROFS, EACCES, EPERM)  # it is full, or files are not to be read or written


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status; 2 means something that a person can put right."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a letter shows its number
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        options.run(options)
        sys.stdout.flush()
    except AppError as error:
        print(f"mmattr: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # who reads the output wants no more of it, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains at its end
        return 1
    except OSError as error:
        if error.errno not in OF_THE_DISK:
            raise
        what = f"{error.filename or 'A file'} cannot be read or written ({error.strerror})"
        print(f"mmattr: {what}; check its permissions and the room on the disk.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("mmattr: stopped.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mmattr_app", description=mmattr_app.__doc__)
    parser.add_argument("--version", action="version", version=mmattr_app.__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_explain(
        commands.add_parser(
            "explain", help="ask a model about a picture and score every region for every token of its answer"
        )
    )
    add_compare(commands.add_parser("compare", help="explain the same words in several ways and compare the maps"))
    add_batch(commands.add_parser("batch", help="explain many questions from a table; started again it goes on"))
    add_view(commands.add_parser("view", help="read a result from its file, and print it or write it as another kind"))
    _add_scene(commands.add_parser("scene", help="draw a scene whose answer key is known"))
    for name, says in (
        ("models", "models"),
        ("methods", "methods"),
        ("metrics", "metrics"),
        ("segmenters", "ways to cut a picture"),
    ):
        listing = commands.add_parser(name, help=f"list the {says}")
        listing.set_defaults(run=lambda _, name=name: _list(name))
    return parser


def _add_scene(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, required=True, metavar="N", help="below 1000000: never used in training")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="for scene.png, masks.npz, key.json")
    parser.add_argument("--size", type=int, default=512, metavar="PIXELS", help="of its sides (%(default)s)")
    parser.set_defaults(run=_scene)


def _scene(options: argparse.Namespace) -> None:
    from mmattr_app.demo.scenes import scene, write  # noqa: PLC0415
    from mmattr_app.results.exports import make_folder  # noqa: PLC0415

    if options.seed < 0:
        raise AppError(f"The seed is {options.seed}; give a whole number from zero up.")
    if not 32 <= options.size <= 4096:
        raise AppError(f"A scene's sides can have 32 to 4096 pixels, not {options.size}.")
    make_folder(options.out)
    drawn = scene(options.seed, options.size)
    write(drawn, options.out)
    print(drawn.caption)


def _list(what: str) -> None:
    from mmattr_app.methods import METHODS  # noqa: PLC0415
    from mmattr_app.metrics import METRICS  # noqa: PLC0415
    from mmattr_app.models import MODELS  # noqa: PLC0415
    from mmattr_app.models.memory import free, remark, usual_precision  # noqa: PLC0415
    from mmattr_app.segmenters import SEGMENTERS  # noqa: PLC0415

    room, usual = (free(), usual_precision()) if what == "models" else (0.0, "float32")
    lines = {
        "models": {name: f"{remark(card, room, usual)}. {card.summary}" for name, card in MODELS.items()},
        "methods": {name: method.summary for name, method in METHODS.items()},
        "metrics": {name: metric.summary for name, metric in METRICS.items()},
        "segmenters": {segmenter.example: segmenter.summary for segmenter in SEGMENTERS.values()},
    }[what]
    width = max(map(len, lines))
    for name, line in lines.items():
        print(f"{name:{width}}  {line}")


if __name__ == "__main__":
    sys.exit(main())
