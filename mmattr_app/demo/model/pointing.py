"""Pointing loss: a word for a kind should attend to the patches that show it or, if none does, not to the picture.

Without it such a small model learns very late to find in the picture what a question names.
"""

import torch
from torch import Tensor
from transformers import LlavaForConditionalGeneration, PreTrainedTokenizerFast

from mmattr_app.demo.model.words import SPACE
from mmattr_app.demo.scenes import KINDS
from mmattr_app.demo.scenes.kinds import plural
from mmattr_app.demo.scenes.wording.languages import nouns
from mmattr_app.demo.scenes.wording.wrapping import SYNONYMS

_LAYER, _HEADS = 0, 2  # the loss is on two heads of the first layer; the other heads are free


class Pointing:
    """The loss, with a hook on one layer's attention and the kind that each token names."""

    def __init__(self, model: LlavaForConditionalGeneration, tokenizer: PreTrainedTokenizerFast, device: str) -> None:
        self._kinds = torch.full((len(tokenizer),), -1, device=device)
        known = tokenizer.get_vocab()
        for index, kind in enumerate(KINDS):
            for word in (*nouns(kind), *SYNONYMS.get(kind, ()), plural(kind), kind):
                for token in (word, f"{SPACE}{word}"):  # French writes l'image
                    if len(word) > 1 and token in known:
                        self._kinds[known[token]] = index
        self._weights: Tensor | None = None
        model.model.language_model.layers[_LAYER].self_attn.register_forward_hook(
            lambda _, __, output: self.keep(output[1])
        )

    def loss(self, ids: Tensor, patches: Tensor) -> Tensor:
        """Give the loss of the last pass, from the text ids [pictures, length] and the patches' targets."""
        if self._weights is None:
            raise RuntimeError("This implementation of attention returns no weights.")
        count = patches.shape[1]
        looks = self._weights[:, :_HEADS, 1 + count :, : 1 + count].float()  # <user>, then the patches
        self._weights = None
        named = self._kinds[ids]
        shows = patches[:, None, :, 0].long() - 1 == named[:, :, None]
        away = ~shows.any(-1, keepdim=True)
        right = (looks * torch.cat([away, shows], -1)[:, None]).sum(-1)
        return -(right + 1e-4).log().transpose(1, 2)[named >= 0].mean()

    def keep(self, weights: Tensor) -> None:
        """Keep the attention of the current pass: [pictures, heads, prefix + length, prefix + length]."""
        self._weights = weights
