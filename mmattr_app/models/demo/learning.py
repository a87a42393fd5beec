"""The optimisers and how their rates run over a stage."""

from dataclasses import dataclass

import torch
from torch import nn

from mmattr_app.models.demo.configuration import Stage


@dataclass(frozen=True)
class Optimisers:
    """Muon for the matrices inside the layers, AdamW for embeddings, heads, norms and biases."""

    muon: torch.optim.Optimizer
    adam: torch.optim.Optimizer

    def step(self, stage: Stage, progress: float) -> None:
        scale = rate(stage, progress)
        for optimiser, top in ((self.muon, stage.muon), (self.adam, stage.adam)):
            for group in optimiser.param_groups:
                group["lr"] = top * scale
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    def state(self) -> dict[str, dict]:
        return {"muon": self.muon.state_dict(), "adam": self.adam.state_dict()}

    def load(self, state: dict[str, dict]) -> None:
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])


def optimisers(model: nn.Module, heads: nn.Module, weight_decay: float) -> Optimisers:
    inner = {
        name: p for name, p in model.named_parameters() if p.ndim == 2 and (".layers." in name or "projector" in name)
    }
    rest = [p for name, p in model.named_parameters() if name not in inner]
    return Optimisers(
        torch.optim.Muon(inner.values(), weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW([*rest, *heads.parameters()], betas=(0.9, 0.98), weight_decay=weight_decay),
    )


def rate(stage: Stage, progress: float) -> float:
    """Warm up, hold, then fall in a straight line to `end`."""
    if progress < stage.warmup:
        return 0.05 + 0.95 * progress / stage.warmup
    if progress < stage.decay_from:
        return 1.0
    return 1.0 - (1.0 - stage.end) * min(1.0, (progress - stage.decay_from) / (1.0 - stage.decay_from))
