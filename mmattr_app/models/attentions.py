"""The attention of a language model, one layer at a time: each is folded into what came before, and let go."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mmattr_app.errors import AppError
from mmattr_app.open_models import Fold

Floats: TypeAlias = NDArray[np.float32]
Hear: TypeAlias = Callable[[Tensor], None]  # [1, heads, positions, positions] of one layer
HEADS = 4  # axes of what a layer hands out: batch, heads, positions, positions


def fold_attention(model: Any, run: Callable[[], object], fold: Fold) -> Floats:
    """Fold the layers from the first to the last: [positions, positions]."""
    state: Floats | None = None

    def hear(attention: Tensor) -> None:
        nonlocal state
        state = fold(state, attention[0].float().cpu().numpy(), None)

    with torch.no_grad(), heard(model, hear):
        run()
    if state is None:
        raise AppError(f"{model.config.model_type} hands out no attention; choose a gradient method.")
    return state


def fold_with_gradients(model: Any, run: Callable[[], Tensor], rows: Sequence[int], fold: Fold) -> Floats:
    """Fold each token's layers from the last to the first, with the gradients of its log-prob: [tokens, positions].

    `run` gives the log-probs, and `rows` the position that each token is read at, whose row a fold begins with.
    """
    layers: list[Tensor] = []
    with heard(model, layers.append):
        logprobs = run()
    if not layers:
        raise AppError(f"{model.config.model_type} hands out no attention; choose a gradient method.")
    states: list[Floats] = []
    for row, logprob in zip(rows, logprobs, strict=True):
        gradients = torch.autograd.grad(logprob, layers, retain_graph=True, allow_unused=True)
        state = np.eye(layers[0].shape[-1], dtype=np.float32)[[row]]
        for layer, gradient in zip(reversed(layers), reversed(gradients), strict=True):
            if gradient is not None:
                state = fold(state, layer[0].detach().float().cpu().numpy(), gradient[0].float().cpu().numpy())
        states.append(state[0])
    return np.stack(states)


@contextmanager
def heard(model: Any, hear: Callable[[Tensor], None]) -> Iterator[None]:
    """Have the attention of each layer of the language model heard as it is computed, which takes the eager kind."""
    text = language_model(model)
    before = text.config._attn_implementation  # noqa: SLF001  (transformers gives no other way)

    def hook(_: nn.Module, __: Any, made: Any) -> None:
        if isinstance(made, tuple) and len(made) > 1 and isinstance(made[1], Tensor) and made[1].ndim == HEADS:
            hear(made[1])

    with ExitStack() as stack:
        text.set_attn_implementation("eager")
        stack.callback(text.set_attn_implementation, before)
        for layer in text.modules():
            if type(layer).__name__.endswith("Attention"):
                stack.callback(layer.register_forward_hook(hook).remove)
        yield


def language_model(model: Any) -> Any:
    """Find the part that reads the prompt with the picture's positions in it."""
    found = (getattr(model.base_model, name, None) for name in ("language_model", "text_model"))
    return next(part for part in found if part is not None)
