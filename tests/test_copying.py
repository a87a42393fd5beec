"""A tiny text model that learned to repeat what it said: the second time rests on its own words, the first does not.

It is trained here, in seconds, on "a red boat , a red boat ." after a prompt that names the thing, names nothing, or is
missing, so what each word can rest on is known.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

import mmattr_app

COLOURS = [f"colour{number}" for number in range(16)]
THINGS = [f"thing{number}" for number in range(24)]
WORDS = ["</s>", "<unk>", "say", "something", "a", ",", ".", *COLOURS, *THINGS]
STEPS, BATCH, RATE = 300, 64, 3e-3
LLAMA: dict[str, Any] = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
FIRST, SECOND = [1, 2], [5, 6]  # places of colour and thing in "a red boat , a red boat ."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train it and save it."""
    torch.manual_seed(0)
    words: Any = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer, words.decoder = pre_tokenizers.WhitespaceSplit(), decoders.WordPiece()
    reads = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>", eos_token="</s>", pad_token="</s>")
    model = LlamaForCausalLM(LlamaConfig(vocab_size=len(WORDS), pad_token_id=0, eos_token_id=0, **LLAMA))
    optimizer, rng = torch.optim.AdamW(model.parameters(), lr=RATE), np.random.default_rng(0)
    for _ in range(STEPS):
        learned = reads([example(rng) for _ in range(BATCH)], return_tensors="pt", padding=True)
        labels = learned["input_ids"].masked_fill(learned["attention_mask"] == 0, -100)
        model(**learned, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    where = tmp_path_factory.mktemp("copies")
    model.save_pretrained(where)
    reads.save_pretrained(where)
    return where


def example(rng: np.random.Generator) -> str:
    thing = f"{rng.choice(COLOURS)} {rng.choice(THINGS)}"
    return f"{rng.choice([f'say a {thing}', 'say something', ''])} a {thing} , a {thing} .".strip()


def explain(folder: Path, prompt: str, thing: str) -> Any:
    how = {"model": str(folder), "players": "words,answer", "method": "ablation", "answer": f"a {thing} , a {thing} ."}
    return mmattr_app.explain(None, prompt, **how)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("prompt", ["say something", "say a {}"])
def test_the_second_time_a_phrase_rests_on_the_answers_own_words(folder: Path, prompt: str) -> None:
    rng, named = np.random.default_rng(1), "{}" in prompt
    for thing in [f"{rng.choice(COLOURS)} {rng.choice(THINGS)}" for _ in range(20)]:
        why = explain(folder, prompt.format(thing), thing)
        assert why.shares.kinds == ("question", "own words")
        question, own = why.shares.values[:, SECOND]
        assert (question < 0).all()  # alone, it leads to an answer's first word
        assert (own > 5).all()
        added = why.shares.given.values[0]  # by the question to the words before, in nats
        alone = np.exp(why.logprob_full - added)  # how likely each token is by the words before it
        assert np.abs(added[SECOND]).max() < 0.1
        assert alone[SECOND].min() > 0.9
        assert (added[FIRST].min() > 1) == named
        assert (np.abs(added[FIRST]).max() < 0.1) != named
