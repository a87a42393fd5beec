"""Dense supervision of the vision tower: what every patch shows, as targets from the masks, and the loss."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from mmattr_app.demo.scenes import COLOURS, FISH, KINDS, TAG, Scene, SceneObject
from mmattr_app.demo.scenes.backdrops import BACKDROPS
from mmattr_app.demo.scenes.zones import ZONES

_KINDS, _COLOURS, _BACKDROPS = list(KINDS), list(COLOURS), list(BACKDROPS)
NO_BACKDROP = len(_BACKDROPS)  # the class of a picture that is no scene
_FINE = 4  # the outline in each patch is given on a 4 x 4 grid of cells
FIELDS = 3 + _FINE**2 + 4
_SHOWS = 0.08  # a patch shows an object that covers at least this share of it


def patch_targets(scene: Scene, side: int) -> np.ndarray:
    """Give uint8 [patches, 3 + 16 + 4]: kind (0: none), colour, zone, cover of the fine cells, box in 255ths.

    A tag that says "fish" counts as a fish itself, so that the model looks there for the word.
    """
    table = np.zeros((side * side, FIELDS), np.uint8)
    best = np.full(side * side, (scene.image.shape[0] // side) ** 2 * _SHOWS)
    for thing in scene.objects:
        _write(table, best, thing.mask, thing.looks, thing)
    if scene.named_by_tag:
        _write(table, best * 0, scene.masks[TAG], FISH, scene.named_by_tag)
    return table


def _write(table: np.ndarray, best: np.ndarray, mask: np.ndarray, kind: str, thing: SceneObject) -> None:
    """Write the object into the rows of patches that it covers more than the best object so far."""
    side, size = round(len(table) ** 0.5), mask.shape[0]
    pixels, step = size // side, size // side // _FINE
    cells = mask.reshape(side, pixels, side, pixels).swapaxes(1, 2).reshape(side * side, pixels, pixels)
    area = cells.sum((1, 2))
    here = area > best
    best[here] = area[here]
    fine = cells[here].reshape(-1, _FINE, step, _FINE, step).mean((2, 4)) > 0.5
    table[here, :3] = _KINDS.index(kind) + 1, _COLOURS.index(thing.colour), ZONES.index(thing.zone)
    table[here, 3 : 3 + _FINE**2] = fine.reshape(-1, _FINE**2)
    table[here, 3 + _FINE**2 :] = [round(edge * 255 / size) for edge in thing.box]


def backdrop_target(scene: Scene) -> int:
    return _BACKDROPS.index(scene.backdrop)


@dataclass(frozen=True, eq=False)
class DenseLoss:
    total: Tensor
    kind_accuracy: float
    zone_accuracy: float


class DenseHeads(nn.Module):
    """A linear layer over each patch's features; it is dropped after training."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.sizes = (len(KINDS) + 1, len(COLOURS), len(ZONES), _FINE**2, 4)
        self.norm = nn.LayerNorm(width)
        self.patches = nn.Linear(width, sum(self.sizes))
        self.picture = nn.Linear(width, len(BACKDROPS) + 1)

    def forward(self, features: Tensor, targets: Tensor, backdrops: Tensor) -> DenseLoss:
        """Take features [pictures, patches, width] and targets as `patch_targets` makes them."""
        features = self.norm(features.float())
        kind, colour, zone, cover, box = self.patches(features).flatten(0, 1).split(self.sizes, -1)
        flat = targets.flatten(0, 1).long()
        shown = flat[:, 0] > 0
        outline, edges = flat[:, 3 : 3 + _FINE**2].float(), flat[:, 3 + _FINE**2 :].float() / 255
        weight = torch.where(shown, 1.0, 0.25)
        kinds = functional.cross_entropy(kind, flat[:, 0], reduction="none")
        total = (
            (kinds * weight).sum() / weight.sum()
            + 0.5 * functional.cross_entropy(colour[shown], flat[shown, 1])
            + 0.7 * functional.cross_entropy(zone[shown], flat[shown, 2])
            + 0.5 * functional.binary_cross_entropy_with_logits(cover, outline)
            + 2.0 * functional.l1_loss(box[shown].sigmoid(), edges[shown])
            + 0.3 * functional.cross_entropy(self.picture(features.mean(1)), backdrops.long())
        )
        hits = (kind.argmax(-1) == flat[:, 0])[shown].float().mean()
        places = (zone.argmax(-1) == flat[:, 2])[shown].float().mean()
        return DenseLoss(total, float(hits), float(places))
