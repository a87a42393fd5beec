"""The figures of a race as Markdown."""

from collections.abc import Sequence
from typing import Any

from tests.bench.race import Line

HEAD = (
    "regions",
    "engine",
    "CPU s",
    "wall s",
    "faster, CPU",
    "faster, wall",
    "peak MB",
    "max difference",
    "rank correlation",
    "of the matrix limit, CPU",
    "wall",
)


def print_machine(machine: dict[str, Any]) -> None:
    """Say where it was measured."""
    rates = ", ".join(f"{rate['wall'] / 1e9:,.0f} GFLOP/s in {name}" for name, rate in machine["matrix_limit"].items())
    low = f" Instructions for bfloat16: {machine['low_precision']}." if machine["low_precision"] else ""
    print(f"{machine['device']}; its best matrix product: {rates}.{low} The run took {machine['seconds']:.0f} s.\n")


def print_table(lines: Sequence[Line]) -> None:
    """Print the lines of one model; times are those of one picture."""
    hidden = ", ".join(str(count) for count in dict.fromkeys(line.hidden for line in lines))
    print(f"{lines[0].model} ({lines[0].precision}; {hidden} regions hidden by each engine):\n")
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}")
    for line in lines:
        memory = "" if line.memory is None else f"{line.memory / 1e6:,.0f}"
        faster = f"{line.faster_cpu:.2f} | {line.faster_wall:.2f}"
        limit = f"{line.limit_cpu:.0%} | {line.limit_wall:.0%}"
        print(
            f"| {line.regions} | {line.engine} | {line.cpu:.3g} | {line.wall:.3g} | {faster} | {memory} | "
            f"{line.difference:.1e} | {line.ranks:.3f} | {limit} |"
        )
    print()
