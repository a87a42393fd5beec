"""The optimisers, and the schedule of their learning rates over a stage."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mmattr_app.demo.model.configuration import Stage

_ITERATION = (3.4445, -4.7750, 2.0315)  # Newton-Schulz coefficients, as published with Muon
_ITERATIONS = 5


class Float32Muon(torch.optim.Muon):
    """Muon with its iteration in float32, for all matrices of one shape together.

    PyTorch's iteration is in bfloat16, which takes 40 times longer on a processor without bfloat16 products.
    """

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        assert closure is None, "no closure is ever given"
        for group in self.param_groups:
            shapes: dict[torch.Size, list[Tensor]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    shapes[parameter.shape].append(parameter)
            for shape, parameters in shapes.items():
                updates = orthogonal(torch.stack([self._update(p, group["momentum"]) for p in parameters]))
                rate = group["lr"] * 0.2 * max(shape) ** 0.5  # makes updates as large as AdamW's
                for parameter, update in zip(parameters, updates, strict=True):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"]).add_(update, alpha=-rate)

    def _update(self, parameter: Tensor, momentum: float) -> Tensor:
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        gradient, buffer = parameter.grad, state["momentum_buffer"]
        assert gradient is not None
        buffer.lerp_(gradient, 1 - momentum)
        return gradient.lerp(buffer, momentum)


def orthogonal(matrices: Tensor) -> Tensor:
    """Orthogonalise matrices [count, rows, columns]: bring all their singular values near 1."""
    tall = matrices.shape[1] > matrices.shape[2]
    found = matrices.mT if tall else matrices
    found = found / found.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    first, second, third = _ITERATION
    for _ in range(_ITERATIONS):
        gram = found @ found.mT
        found = first * found + (second * gram + third * gram @ gram) @ found
    return found.mT if tall else found


@dataclass(frozen=True)
class Optimisers:
    """Muon for the matrices inside layers, and AdamW for embeddings, heads, norms and biases."""

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
        Float32Muon(inner.values(), weight_decay=weight_decay),
        torch.optim.AdamW([*rest, *heads.parameters()], betas=(0.9, 0.98), weight_decay=weight_decay),
    )


def rate(stage: Stage, progress: float) -> float:
    """Give the factor of the learning rate: warm up, hold, then decay linearly to `end`."""
    if progress < stage.warmup:
        return 0.05 + 0.95 * progress / stage.warmup
    if progress < stage.decay_from:
        return 1.0
    return 1.0 - (1.0 - stage.end) * min(1.0, (progress - stage.decay_from) / (1.0 - stage.decay_from))
