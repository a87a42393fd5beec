"""What the searches for chosen words cost and find on scenes whose answer key is known; Markdown on standard output.

Each map is of the word for a scene's first object. Masks are all that a method needs, also those that are remembered.
"""

import argparse

import numpy as np

from mmattr_app.pipeline import Plan
from mmattr_app.selection import find_tokens
from mmattr_app.studies.comparison import compare
from mmattr_app.studies.setups import Setup
from tests.bench.pointing import caption
from tests.bench.resuming import lone_worker

METHODS = ("eagle", "eagle-lazy", "lima", "ablation")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=8, help="seeds 0 to this number (%(default)s)")
    parser.add_argument("--regions", default="grid:5x5", help="(%(default)s)")
    options = parser.parse_args()
    setups = [Setup(options.regions, Plan(method)) for method in METHODS]
    rows: list[list[tuple[float, int, float]]] = []
    for seed in range(options.scenes):
        captioned = caption(seed)
        if captioned is None or captioned[0].objects[0].kind not in captioned[1].text:
            continue
        drawn, answer = captioned
        first = drawn.objects[0]
        chosen, named = find_tokens(answer, first.kind), drawn.masks[first.name]
        found = compare(lone_worker("demo"), answer, setups, selection=chosen, named=named)
        rows.append([(m.insertion - m.deletion, m.asked + m.remembered, m.pointing or 0.0) for m in found.maps])
    means = np.mean(rows, axis=0)
    print(f"{len(rows)} scenes, {options.regions}.\n")
    print("| method | insertion - deletion | masks | top inside |\n|---|---|---|---|")
    for method, (gap, masks, inside) in zip(METHODS, means.tolist(), strict=True):
        print(f"| {method} | {gap:.3f} | {masks:.0f} | {inside:.2f} |")


if __name__ == "__main__":
    main()
