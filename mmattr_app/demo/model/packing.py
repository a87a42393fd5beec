"""Pack several questions behind one picture: the picture is encoded once, and no question attends to another."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mmattr_app.demo.model.reading import Reader

_ROUND = 16  # lengths are rounded up to multiples of this, so that there are few shapes


@dataclass(frozen=True, eq=False)
class Pictures:
    pixels: Tensor  # float [pictures, 3, h, w], -1 to 1
    patches: Tensor  # uint8 [pictures, patches, fields]
    backdrops: Tensor


@dataclass(frozen=True, eq=False)
class Texts:
    """The tokens after the picture."""

    ids: Tensor  # [pictures, length]
    positions: Tensor  # [pictures, length]
    block: Tensor  # [pictures, length], number of the text that each token belongs to; -1: padding
    answers: Tensor  # bool [pictures, length]: the next token is part of an answer
    targets: Tensor  # int [answer tokens], in the order of `answers`


def pictures(rows: list, rng: np.random.Generator) -> Pictures:
    """Collate pictures, with random small changes of brightness, contrast and sharpness as augmentation."""
    images = torch.from_numpy(np.stack([shard.images[index] for shard, index in rows]))
    pixels = images.permute(0, 3, 1, 2).float() / 127.5 - 1
    count = len(rows)
    contrast, light, soft = (
        torch.from_numpy(rng.uniform(low, high, (count, 1, 1, 1)).astype(np.float32))
        for low, high in ((0.92, 1.08), (-0.05, 0.05), (-0.4, 0.5))
    )
    blurred = torch.nn.functional.avg_pool2d(pixels, 3, 1, 1, count_include_pad=False)
    pixels = (pixels + soft * (blurred - pixels)) * contrast + light
    patches = torch.from_numpy(np.stack([shard.patches[index] for shard, index in rows]))
    return Pictures(pixels.clamp(-1, 1), patches, torch.tensor([int(shard.backdrops[index]) for shard, index in rows]))


def texts(reader: Reader, rows: list, rng: np.random.Generator, prefix: int) -> Texts:
    packed = [reader.texts(rng, shard, index) for shard, index in rows]
    longest = max(sum(len(p) + len(a) for p, a in pairs) for pairs in packed)
    length = -(-longest // _ROUND) * _ROUND
    ids, positions = np.zeros((2, len(packed), length), np.int64)
    block = np.full((len(packed), length), -1, np.int64)
    answers = np.zeros((len(packed), length), bool)
    targets = []
    for row, pairs in enumerate(packed):
        at = 0
        for number, (prompt, answer) in enumerate(pairs):
            end = at + len(prompt) + len(answer)
            ids[row, at:end] = np.concatenate([prompt, answer])
            positions[row, at:end] = prefix + np.arange(end - at)
            block[row, at:end] = number
            answers[row, at + len(prompt) - 1 : end - 1] = True
            targets.append(answer)
            at = end
    return Texts(*(torch.from_numpy(x) for x in (ids, positions, block, answers, np.concatenate(targets))))


def attention(block: Tensor, prefix: int) -> Tensor:
    """Give the causal attention mask: every text sees the picture and itself, but no other text.

    It is added to the attention's logits: [pictures, 1, prefix + length, prefix + length].
    """
    blocks = torch.nn.functional.pad(block, (prefix, 0), value=-2)
    same = (blocks[:, :, None] == blocks[:, None, :]) | (blocks[:, None, :] == -2)
    size = blocks.shape[1]
    seen = same & torch.ones(size, size, dtype=torch.bool, device=block.device).tril()
    return torch.where(seen, 0.0, torch.finfo(torch.bfloat16).min)[:, None]
