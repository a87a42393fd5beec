"""Alignment loss: the projected features of a patch should be near the embeddings of the words for what it shows.

Without it the model soon learns to describe a picture, but hardly to find in it what a question names.
"""

import torch
from torch import Tensor
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from mmattr_app.demo.scenes import COLOURS, KINDS

_SHARPNESS = 20.0


class WordsOfPatches:
    """The loss, with the token ids of all kinds and colours."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, device: str) -> None:
        self._kinds, self._colours = (
            torch.tensor([tokenizer.encode(word, add_special_tokens=False)[0] for word in words], device=device)
            for words in (KINDS, COLOURS)
        )

    def loss(self, seen: Tensor, embeddings: Tensor, patches: Tensor) -> Tensor:
        """Give the loss of projected patches [pictures, patches, width].

        `embeddings` are those of all tokens, `patches` the targets of `dense.patch_targets`.
        """
        targets = patches.flatten(0, 1).long()
        shown = targets[:, 0] > 0
        features = functional.normalize(seen.float().flatten(0, 1)[shown], dim=-1)
        total = torch.zeros((), device=seen.device)
        for ids, target in ((self._kinds, targets[shown, 0] - 1), (self._colours, targets[shown, 1])):
            words = functional.normalize(embeddings[ids].float(), dim=-1)
            total = total + functional.cross_entropy(_SHARPNESS * features @ words.T, target)
        return total
