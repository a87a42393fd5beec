"""A small tokenizer for the tiny models: byte-level BPE, which training makes the same every time."""

from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

SENTENCES = [
    "A red car stands in front of two doors.",
    "What is in the picture? Describe the image briefly.",
    "The answer is a small green tree at the top left, next to a house.",
]

CHAT = (
    "{% for m in messages %}{{ m['role'] }}: {% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}IMAGE{% else %}{{ c['text'] }}{% endif %}{% endfor %}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)


def chat(image: str) -> str:
    """Give a chat template that puts `image` where the picture is."""
    return CHAT.replace("IMAGE", image)


def tokenizer(*special: str, ends: str = "", **named: str) -> Any:
    """Train it; `ends` is a token that it sets behind every text, `named` are the special tokens a processor reads."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    tokens = list(dict.fromkeys(["<pad>", "<s>", "</s>", "<unk>", *special, *named.values()]))
    bpe.train_from_iterator(
        SENTENCES * 4,
        trainers.BpeTrainer(
            vocab_size=400 + len(special),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            special_tokens=tokens,
            show_progress=False,
        ),
    )
    if ends:
        bpe.post_processor = processors.TemplateProcessing(
            single=f"<s> $A {ends}", special_tokens=[("<s>", 1), (ends, bpe.token_to_id(ends))]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        extra_special_tokens=named,
    )
