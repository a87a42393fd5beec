"""Token pieces add up to the decoded text exactly, for every kind of tokenizer and script."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from mmattr_app.models.generation import align, decode, split_into_pieces
from tests.families.words import tokenizer as byte_level_bpe

TEXTS = [
    "A red car stands in front of two doors.",
    "  two  spaces, a\ttab and\n\na new line ",
    "naïve café — “quoted” … 50 °C",
    "🚗 car, 👩‍👩‍👧‍👦 family, 🏳️‍🌈 flag 🇫🇷",
    "画像には赤い車があります。图片里有一辆车。차가 있습니다",
    "سيارة حمراء أمام باب, מכונית אדומה",
    "don't stop , please !",
]


def sentencepiece() -> PreTrainedTokenizerFast:
    """Spell words with a leading mark and fall back to bytes, as Llama 2 and Gemma do."""
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *"▁abcdefghijklmnopqrstuvwxyzAR.,"]
    inside = Tokenizer(
        models.BPE({piece: number for number, piece in enumerate(pieces)}, [], byte_fallback=True, unk_token="<unk>")
    )
    inside.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    inside.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return PreTrainedTokenizerFast(tokenizer_object=inside, unk_token="<unk>", eos_token="</s>")


def wordpiece() -> PreTrainedTokenizerFast:
    """Mark what continues a word, and drop spaces, as BERT and BLIP do."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    vocabulary = ["[UNK]", "red", "car", *letters, *(f"##{letter}" for letter in letters), "##s", *".,'!"]
    inside = Tokenizer(
        models.WordPiece({piece: n for n, piece in enumerate(dict.fromkeys(vocabulary))}, unk_token="[UNK]")
    )
    inside.normalizer = normalizers.BertNormalizer()
    inside.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inside.decoder = decoders.WordPiece()
    return PreTrainedTokenizerFast(tokenizer_object=inside, unk_token="[UNK]")


KINDS: dict[str, Callable[[], Any]] = {
    "byte-level BPE": byte_level_bpe,
    "sentencepiece": sentencepiece,
    "WordPiece": wordpiece,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", TEXTS)
def test_pieces_add_up_to_the_text(kind: str, text: str) -> None:
    tokenizer = KINDS[kind]()
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    pieces = split_into_pieces(tokenizer, ids)
    assert len(pieces) == len(ids)
    assert "".join(pieces) == decode(tokenizer, ids)


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_of_any_ids_add_up(kind: str) -> None:
    tokenizer = KINDS[kind]()
    chance = random.Random(0)
    for _ in range(200):
        ids = [chance.randrange(len(tokenizer)) for _ in range(chance.randrange(1, 20))]
        pieces = split_into_pieces(tokenizer, ids)
        assert len(pieces) == len(ids)
        assert "".join(pieces) == decode(tokenizer, ids)


@pytest.mark.parametrize("kind", ["byte-level BPE", "sentencepiece"])
@pytest.mark.parametrize("text", TEXTS[:6])
def test_an_exact_tokenizer_gives_back_the_text(kind: str, text: str) -> None:
    tokenizer = KINDS[kind]()
    assert "".join(split_into_pieces(tokenizer, tokenizer(text, add_special_tokens=False)["input_ids"])) == text


def test_the_last_byte_of_an_emoji_carries_it() -> None:
    tokenizer = byte_level_bpe()
    ids = tokenizer("a🚗b", add_special_tokens=False)["input_ids"]
    assert split_into_pieces(tokenizer, ids) == ("a", "", "", "", "🚗", "b")


def test_words_keep_the_space_before_them() -> None:
    tokenizer = byte_level_bpe()
    ids = tokenizer("A red car", add_special_tokens=False)["input_ids"]
    assert split_into_pieces(tokenizer, ids) == ("A", " red", " car")


@pytest.mark.parametrize(
    ("decoded", "text", "expected"),
    [
        (["A", " red", " car"], "A red car", ("A", " red", " car")),
        (["A", "red", "car"], "A red car", ("A", " red", " car")),  # spaces lost alone
        (["x", "\ufffd", "\ufffd", "!"], "x🌳!", ("x", "", "🌳", "!")),  # an emoji in two ids
        (["x", "\ufffd", "\ufffd"], "x🌳", ("x", "", "🌳")),
        (["", "A", "", "b"], "A b", ("", "A", "", " b")),
        (["a", "\n\n", "b"], "a\n\nb", ("a", "\n\n", "b")),
        (["\ufffd", "\ufffd", " x"], "🌳 x", ("", "🌳", " x")),
        (["?", "b", "a"], "ab a", ("a", "b", " a")),
    ],
)
def test_pieces_are_found_from_ids_decoded_alone(decoded: list[str], text: str, expected: tuple[str, ...]) -> None:
    assert align(decoded, text) == expected
