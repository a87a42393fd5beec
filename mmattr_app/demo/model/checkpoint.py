"""Checkpoints, from which a training run can resume; they are written as a whole or not at all.

A checkpoint is a folder of pieces, each small enough for machines that exchange only small files.
"""

import io
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import nn
from transformers import AutoTokenizer, LlavaForConditionalGeneration

from mmattr_app.demo.model.configuration import Network
from mmattr_app.demo.model.learning import Optimisers
from mmattr_app.demo.model.words import processor, tokenizer

NAME = "checkpoint"
_PIECE = 15 * 2**20


@dataclass
class Clock:
    """The progress of a run: stage, steps done and seconds spent, summed over interruptions."""

    stage: str = "vision"
    step: int = 0
    seconds: float = 0.0


def keep(folder: Path, model: nn.Module, heads: nn.Module, optimisers: Optimisers, clock: Clock) -> None:
    state = {
        "model": model.state_dict(),
        "heads": heads.state_dict(),
        "optimisers": optimisers.state(),
        "clock": asdict(clock),
    }
    buffer = io.BytesIO()
    torch.save(state, buffer)
    part = _fresh(folder / NAME)
    for begin in range(0, buffer.tell(), _PIECE):
        (part / f"{begin // _PIECE:02}").write_bytes(buffer.getbuffer()[begin : begin + _PIECE])
    _replace(folder / NAME, part)


def find(folder: Path) -> Path | None:
    """Find the newest whole checkpoint of a run: the old one, if the run stopped while replacing it."""
    return next((path for path in (folder / NAME, folder / f"{NAME}.old") if path.exists()), None)


def resume(path: Path, model: nn.Module, heads: nn.Module, optimisers: Optimisers | None = None) -> Clock:
    """Load the weights of model and heads, and the optimisers' state if they are given; give the run's progress."""
    pieces = b"".join(piece.read_bytes() for piece in sorted(path.iterdir()))
    state = torch.load(io.BytesIO(pieces), map_location="cpu", weights_only=True)
    model.load_state_dict(state["model"])
    heads.load_state_dict(state["heads"])
    if optimisers:
        optimisers.load(state["optimisers"])
    return Clock(**state["clock"])


def take_over(folder: Path, model: LlavaForConditionalGeneration) -> None:
    """Copy the weights of an exported model of the same shape; embeddings are matched by token, not by id."""
    older = LlavaForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    vocabulary = AutoTokenizer.from_pretrained(folder).get_vocab()
    known = tokenizer().get_vocab()
    shared = [(known[token], place) for token, place in vocabulary.items() if token in known]
    ours, theirs = (torch.tensor(places) for places in zip(*shared, strict=True))
    mine, state = model.state_dict(), older.state_dict()
    for name, values in mine.items():
        if values.shape == state[name].shape:
            values.copy_(state[name])
        else:
            values[ours.to(values.device)] = state[name][theirs].to(values.device)


def export(folder: Path, model: LlavaForConditionalGeneration, network: Network) -> None:
    """Write the model as the app ships it, in bfloat16 with its processor, and replace the folder as a whole."""
    part = _fresh(folder)
    copy = type(model)(model.config).to(torch.bfloat16)  # pyright: ignore[reportArgumentType]  # transformers hides its type
    copy.load_state_dict(model.state_dict())
    copy.generation_config = model.generation_config
    copy.save_pretrained(part)
    processor(network).save_pretrained(part)
    (part / "model.safetensors").chmod(0o644)
    _replace(folder, part)


def _fresh(folder: Path) -> Path:
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    return part


def _replace(folder: Path, part: Path) -> None:
    old = folder.with_name(f"{folder.name}.old")
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
