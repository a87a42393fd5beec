"""Scores of words are those of Captum's LLMAttribution on text."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation, LLMAttribution, TextTemplateInput, TextTokenInput
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

import mmattr_app
from mmattr_app.models import load
from tests.families.tiny import TEXT

NAMES = ["<pad>", "<s>", "</s>", "<unk>", "_"]
WORDS = [*NAMES, *"the red boat is near a blue car what stands there".split()]  # noqa: SIM905
PROMPT, ANSWER = "the red boat is near a blue car", "what stands there"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a Llama of which each word is one token, so that Captum's tokens are words too."""
    where = tmp_path_factory.mktemp("llama_words")
    torch.manual_seed(0)
    model = LlamaForCausalLM(LlamaConfig(vocab_size=len(WORDS), **TEXT))
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.normal_(std=1.4 / weights[0].numel() ** 0.5)
    model.save_pretrained(where)
    words: Any = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer, words.decoder = pre_tokenizers.WhitespaceSplit(), decoders.WordPiece()
    PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>", eos_token="</s>").save_pretrained(where)
    return where


def ours(folder: Path, hide_words: str) -> Any:
    how = {"model": str(folder), "players": "words", "method": "ablation", "answer": ANSWER, "hide_words": hide_words}
    return mmattr_app.explain(None, PROMPT, **how)  # pyright: ignore[reportArgumentType]


def captums(folder: Path, asked: Any) -> Any:
    model: Any = load(str(folder))
    attribution: Any = LLMAttribution(FeatureAblation(model._model), model._tokenizer)
    return attribution.attribute(asked, target=ANSWER, forward_in_tokens=False).token_attr.numpy().T


def test_words_that_are_left_out_score_as_empty_values_of_a_template(folder: Path) -> None:
    def template(*words: str) -> str:
        return " ".join(filter(None, words))

    expected = captums(folder, TextTemplateInput(template, [str(word) for word in PROMPT.split()]))
    scores = ours(folder, "out").scores.values
    np.testing.assert_allclose(scores, expected, atol=1e-4)
    assert np.abs(expected).max() > 0.1


def test_words_that_are_replaced_score_as_tokens_that_are_replaced(folder: Path) -> None:
    model: Any = load(str(folder))
    expected = captums(folder, TextTokenInput(PROMPT, model._tokenizer, baselines=WORDS.index("_")))
    scores = ours(folder, "_").scores.values
    np.testing.assert_allclose(scores, expected, atol=1e-4)
    assert np.abs(expected).max() > 0.1
