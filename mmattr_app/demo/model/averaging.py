"""Average two checkpoints of one run, each from the end of a cool-down; the mean is better than either.

`python -m mmattr_app.demo.model.averaging FIRST SECOND --out FOLDER` reads two checkpoint folders and writes a run: a
model for the app, and a checkpoint from which another run can start.
"""

import argparse
from pathlib import Path

import torch
from torch import nn

from mmattr_app.demo.model import checkpoint
from mmattr_app.demo.model.configuration import CONFIGURATION, Configuration
from mmattr_app.demo.model.dense import DenseHeads
from mmattr_app.demo.model.learning import optimisers
from mmattr_app.demo.model.network import network


def average(first: Path, second: Path, out: Path, configuration: Configuration = CONFIGURATION) -> None:
    """Average the weights of model and heads; the optimisers start from scratch."""
    parts = []
    for path in (first, second):
        model, heads = network(configuration.network, 0), DenseHeads(configuration.network.width)
        checkpoint.resume(path, model, heads)
        parts.append((model, heads))
    (model, heads), (other, other_heads) = parts
    _average_into(model, other)
    _average_into(heads, other_heads)
    fresh = optimisers(model, heads, configuration.weight_decay)
    checkpoint.keep(out, model, heads, fresh, checkpoint.Clock())
    checkpoint.export(out / "model", model, configuration.network)


def _average_into(here: nn.Module, there: nn.Module) -> None:
    with torch.no_grad():
        for mine, theirs in zip(here.parameters(), there.parameters(), strict=True):
            mine.lerp_(theirs, 0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    average(chosen.first, chosen.second, chosen.out)


if __name__ == "__main__":
    main()
