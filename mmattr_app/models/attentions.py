"""The attention of a language model, folded layer by layer, so that only one layer's is in memory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint
from transformers.modeling_layers import GradientCheckpointingLayer

from mmattr_app.errors import AppError
from mmattr_app.white_box import Fold

Floats: TypeAlias = NDArray[np.float32]
TakeAttention: TypeAlias = Callable[[Tensor], None]  # [1, heads, positions, positions] of one layer
ATTENTION_AXES = 4  # batch, heads, positions, positions


def fold_attention(model: Any, run: Callable[[], object], fold: Fold) -> Floats:
    """Fold the layers from the first to the last: [positions, positions]."""
    state: Floats | None = None

    def add_layer(attention: Tensor) -> None:
        nonlocal state
        state = fold(state, attention[0].float().cpu().numpy(), None)

    with torch.no_grad(), capture_attention(model, add_layer):
        run()
    if state is None:
        raise AppError(f"{model.config.model_type} hands out no attention; choose a gradient method.")
    return state


def fold_with_gradients(model: Any, run: Callable[[], Tensor], rows: Sequence[int], fold: Fold) -> Floats:
    """Fold each token's layers from the last to the first, with the gradients of its log-prob: [tokens, positions].

    `run` gives the log-probs [tokens]. `rows` are the positions that predict the tokens: the fold of a token starts
    with a row that is 1 there. The backward pass goes through the layers in just this order.
    """
    length = 0
    state = np.zeros((1, 0), np.float32)

    def add_layer(attention: Tensor) -> None:
        nonlocal length
        length = attention.shape[-1]
        if attention.requires_grad:
            attention.register_hook(partial(add_gradient, attention.detach()))

    def add_gradient(attention: Tensor, gradient: Tensor) -> None:
        nonlocal state
        state = fold(state, attention[0].float().cpu().numpy(), gradient[0].float().cpu().numpy())

    states: list[Floats] = []
    with capture_attention(model, add_layer), recompute_layers(model):
        logprobs = run()
        if not length:
            raise AppError(f"{model.config.model_type} hands out no attention; choose a gradient method.")
        for row, logprob in zip(rows, logprobs, strict=True):
            state = np.zeros((1, length), np.float32)
            state[0, row] = 1
            logprob.backward(retain_graph=True)
            states.append(state[0])
    return np.stack(states)


@contextmanager
def recompute_layers(model: Any) -> Iterator[None]:
    """Have each layer of the language model run again in a backward pass, instead of keeping what it computed.

    Only one layer's attention is then in memory. Layers recompute in training only, so they are told that they train;
    what they consist of is not, so nothing drops out.
    """
    layers = [layer for layer in language_model(model).modules() if isinstance(layer, GradientCheckpointingLayer)]
    again = partial(checkpoint, use_reentrant=True)  # its backward pass runs the modules' hooks
    with ExitStack() as stack:
        for layer in layers:
            stack.callback(
                vars(layer).update, gradient_checkpointing=layer.gradient_checkpointing, training=layer.training
            )
            vars(layer).update(gradient_checkpointing=True, training=True, _gradient_checkpointing_func=again)
        yield


@contextmanager
def capture_attention(model: Any, take: TakeAttention) -> Iterator[None]:
    """Pass each layer's attention to `take` while the language model runs (with eager attention, which has it)."""
    text = language_model(model)
    before = text.config._attn_implementation  # noqa: SLF001  (transformers gives no other way)

    def hook(_: nn.Module, __: Any, out: Any) -> None:
        if isinstance(out, tuple) and len(out) > 1 and isinstance(out[1], Tensor) and out[1].ndim == ATTENTION_AXES:
            take(out[1])

    with ExitStack() as stack:
        text.set_attn_implementation("eager")
        stack.callback(text.set_attn_implementation, before)
        for layer in text.modules():
            if type(layer).__name__.endswith("Attention"):
                stack.callback(layer.register_forward_hook(hook).remove)
        yield


def language_model(model: Any) -> Any:
    """Find the language model, which reads the prompt with the picture's positions in it."""
    found = (getattr(model.base_model, name, None) for name in ("language_model", "text_model"))
    return next(part for part in found if part is not None)
