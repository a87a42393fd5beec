"""Gradients of an answer's log-probabilities with respect to the pictures' pixels or the prompt's embeddings."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from mmattr_app.errors import AppError
from mmattr_app.models.pixel_inputs import PixelInputs
from mmattr_app.white_box import GradientMaps, Line

Score: TypeAlias = Callable[[dict[str, Any]], Tensor]  # from the model's inputs to the answer's log-probs [tokens]

MOST_CELLS = 512 * 512  # of a map: no model reads larger pictures at their full size


def gradients_on_line(inputs: PixelInputs, score: Score, line: Line, spans: Sequence[Sequence[int]]) -> GradientMaps:
    """Take the gradient of each span at each point of a line of pictures, one point at a time.

    A span's maps are the weighted sums over the points of gradient * (end - start), or of absolute gradients, in
    float32.
    """
    start, end = ([torch.from_numpy(np.array(one, np.float32)) for one in ends] for ends in (line.start, line.end))
    directions = [last - first for first, last in zip(start, end, strict=True)]
    totals: list[Tensor] = []
    logprobs: list[Tensor] = []
    maps: list[Tensor] = [torch.zeros(())] * len(start)
    for share, weight in zip(line.shares, line.weights, strict=True):
        pictures = [
            (first + float(share) * way).requires_grad_(weight != 0)
            for first, way in zip(start, directions, strict=True)
        ]
        said = score(inputs.encoded | inputs(pictures))
        logprobs.append(said.detach().float().cpu())
        if weight == 0:
            totals.append(torch.zeros(len(spans)))
            continue
        each = [_products(said[list(span)].sum(), pictures, None if line.sizes else directions) for span in spans]
        found = [torch.stack(of_spans) for of_spans in zip(*each, strict=True)]  # of each picture
        totals.append(torch.stack([one.sum(dim=(1, 2)) for one in found]).sum(dim=0))
        maps = [before + float(weight) * shrink(one) for before, one in zip(maps, found, strict=True)]
    if not all(one.isfinite().all() for one in maps):
        raise AppError("The gradients of this model overflow in its precision; choose float32 or bfloat16.")
    return GradientMaps([one.numpy() for one in maps], torch.stack(totals).numpy(), torch.stack(logprobs).numpy())


def _products(logprob: Tensor, pictures: Sequence[Tensor], directions: Sequence[Tensor] | None) -> list[Tensor]:
    """Give each picture's gradient * direction, or its absolute gradient without directions, summed over channels."""
    found = torch.autograd.grad(logprob, pictures, retain_graph=True)
    if directions is None:
        return [gradient.abs().sum(dim=2) for gradient in found]
    return [(gradient * way).sum(dim=2) for gradient, way in zip(found, directions, strict=True)]


def shrink(maps: Tensor) -> Tensor:
    """Sum squares of pixels, so large that a map has at most MOST_CELLS cells: [maps, height, width]."""
    height, width = maps.shape[1:]
    side = int(np.ceil((height * width / MOST_CELLS) ** 0.5))
    if side <= 1:
        return maps
    padded = torch.nn.functional.pad(maps, (0, -width % side, 0, -height % side))
    blocks = padded.reshape(len(maps), padded.shape[1] // side, side, padded.shape[2] // side, side)
    return blocks.sum(dim=(2, 4))


@contextmanager
def replaced_embeddings(model: Any, embeddings: Tensor) -> Iterator[None]:
    """Make the model read these embeddings [1, positions, size] instead of those of its input ids."""
    layer = model.get_input_embeddings()
    hook = layer.register_forward_hook(lambda *_: embeddings)
    try:
        yield
    finally:
        hook.remove()


def layer_integrated_gradients(
    model: Any, logprob: Callable[[], Tensor], ids: Tensor, baseline_ids: Tensor, steps: int
) -> Tensor:
    """Attribute a log-prob to each position by integrated gradients at the embeddings: [positions].

    `logprob` runs the model on `ids` [1, positions], those of the prompt and the answer. The gradients are taken at
    `steps` points of Gauss-Legendre quadrature between the embeddings of `baseline_ids` and of `ids`, as in Captum's
    LayerIntegratedGradients. Positions with the same id in both, such as the picture's, get zero.
    """
    layer = model.get_input_embeddings()
    with torch.no_grad():
        start, end = layer(baseline_ids), layer(ids)
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    total = torch.zeros_like(end)
    for share, weight in zip((1 + nodes) / 2, weights / 2, strict=True):
        point = (start + float(share) * (end - start)).requires_grad_()
        with replaced_embeddings(model, point):
            (found,) = torch.autograd.grad(logprob(), point)
        total += float(weight) * found
    return (total * (end - start)).sum(dim=2)[0]
