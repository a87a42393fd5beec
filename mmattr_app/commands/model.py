"""The options --model, --device, --dtype and --max-tokens, by which a command is told which model to ask, and how."""

import argparse

NAMES = "a name that 'models' lists, a hub id or a folder"


def add_model(parser: argparse.ArgumentParser, what_for: str = NAMES) -> None:
    """Add them; `what_for` is the help of --model."""
    add = parser.add_argument_group("which model is asked").add_argument
    add("--model", default="demo", metavar="NAME", help=f"{what_for} (%(default)s)")
    add("--max-tokens", type=int, default=64, metavar="N", help="the longest answer (%(default)s)")
    add(
        "--device",
        default="auto",
        metavar="WHERE",
        help="auto, cpu, cuda, cuda:1, or spread: over all GPUs and the main memory (%(default)s)",
    )
    add(
        "--dtype",
        default="auto",
        metavar="NAME",
        help="precision: float32, bfloat16, float16, int8, int4; auto is float32 on a CPU and bfloat16 on a GPU",
    )
