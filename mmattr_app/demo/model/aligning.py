"""A patch, as the language model gets it, should lie near the words for what it shows.

Without this the model soon describes a picture, but hardly learns to look up in it what a question names.
"""

import torch
from torch import Tensor
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from mmattr_app.demo.scenes import COLOURS, KINDS

_SHARPNESS = 20.0


class WordsOfPatches:
    """Holds the token of every kind and of every colour."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, device: str) -> None:
        self._kinds, self._colours = (
            torch.tensor([tokenizer.encode(word, add_special_tokens=False)[0] for word in words], device=device)
            for words in (KINDS, COLOURS)
        )

    def loss(self, seen: Tensor, embeddings: Tensor, patches: Tensor) -> Tensor:
        """Take projected patches [pictures, patches, width], all token embeddings, and the patches' targets."""
        told = patches.flatten(0, 1).long()
        shown = told[:, 0] > 0
        features = functional.normalize(seen.float().flatten(0, 1)[shown], dim=-1)
        total = torch.zeros((), device=seen.device)
        for ids, target in ((self._kinds, told[shown, 0] - 1), (self._colours, told[shown, 1])):
            words = functional.normalize(embeddings[ids].float(), dim=-1)
            total = total + functional.cross_entropy(_SHARPNESS * features @ words.T, target)
        return total
