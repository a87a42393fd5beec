"""The demo model's tokenizer: one token for each word of the scenes, characters and bytes for all other text."""

import re

from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from transformers import LlavaProcessor, PreTrainedTokenizerFast, SiglipImageProcessor

from mmattr_app.demo.model.configuration import Network
from mmattr_app.demo.scenes import COLOURS, KINDS, wording
from mmattr_app.demo.scenes.kinds import GROUPS, NEVER_DRAWN, plural
from mmattr_app.demo.scenes.phrasings import FURTHER, NUMBERS, PHRASINGS, SETTINGS
from mmattr_app.demo.scenes.refusals import OUT_OF_SCOPE, UNKNOWN_PICTURE
from mmattr_app.demo.scenes.zones import ZONES

PAD, IMAGE, USER, ASSISTANT, END = SPECIAL = ("<pad>", "<image>", "<user>", "<assistant>", "<end>")
SPACE = "▁"
_CHINESE = "\u2e80"  # characters from here on are always single tokens
_FILLERS = "a an the there is are yes no nothing only and object objects it one cannot tell as many more"
_FIRST = "a an the there yes no nothing only it one"

# Pictures first, then the words in lower case (the model knows no others), whatever order they are given in.
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{{- '<assistant>' if message.role == 'assistant' else '<user>' -}}"
    "{%- if message.content is string -%}"
    "{{- message.content | trim if message.role == 'assistant' else message.content | trim | lower -}}"
    "{%- else -%}"
    "{%- for part in message.content if part.type == 'image' -%}{{- '<image>' -}}{%- endfor -%}"
    "{%- for part in message.content if part.type == 'text' -%}"
    "{{- part.text | trim if message.role == 'assistant' else part.text | trim | lower -}}"
    "{%- endfor -%}"
    "{%- endif -%}"
    "{%- if message.role == 'assistant' -%}{{- '<end>' -}}{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<assistant>' -}}{%- endif -%}"
)


def trained_texts() -> list[str]:
    """Give all parts of questions and answers in training, in lower case except for the answers' first words."""
    parts = [_FILLERS, *KINDS, *map(plural, KINDS), *NEVER_DRAWN, *map(plural, NEVER_DRAWN), *COLOURS, *NUMBERS]
    parts += [
        *GROUPS,
        *(group.removesuffix("s") for group in GROUPS),
        *(zone_name for zone in ZONES for zone_name, _ in zone.phrase),
    ]
    parts += [" ".join(setting) for setting in SETTINGS.values()]
    parts += [phrasing for choices in (PHRASINGS | FURTHER).values() for phrasing in choices]
    parts += wording.trained_parts()
    firsts = [_FIRST, *COLOURS, *NUMBERS]
    answers = [UNKNOWN_PICTURE, OUT_OF_SCOPE, *(word.capitalize() for first in firsts for word in first.split())]
    return [*(re.sub(r"{[\w ]+}", " ", part).lower() for part in parts), *answers]


def entries() -> list[str]:
    """Give the vocabulary's words, and characters for all other words; Chinese has only characters."""
    pieces = [piece for text in trained_texts() for piece, _ in _split().pre_tokenize_str(text)]
    chinese = {letter for piece in pieces for letter in piece if letter >= _CHINESE}
    letters = {letter for piece in pieces for letter in piece} | {chr(code) for code in range(33, 127)}
    letters |= set("äöüßéèàçñ€\u2019\u201c\u201d\u2013\u2026")
    return [
        *sorted(letters - {SPACE}),
        *sorted({piece for piece in pieces if len(piece) > 1 and not chinese & set(piece)}),
    ]


def _split() -> pre_tokenizers.PreTokenizer:
    spaces = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")
    return pre_tokenizers.Sequence([spaces, pre_tokenizers.Punctuation()])


def tokenizer() -> PreTrainedTokenizerFast:
    """Make a BPE tokenizer without merges: known words are one token, others characters, unknown characters bytes."""
    every = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)), SPACE, *entries()]
    vocabulary = {entry: index for index, entry in enumerate(dict.fromkeys(every))}
    inner = Tokenizer(BPE(vocabulary, [], byte_fallback=True, ignore_merges=True))
    inner.pre_tokenizer = _split()
    inner.decoder = decoders.Sequence(
        [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    inner.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token=PAD,
        eos_token=END,
        padding_side="left",
        extra_special_tokens={"image_token": IMAGE},
        model_max_length=2048,
        clean_up_tokenization_spaces=False,
    )


def processor(network: Network) -> LlavaProcessor:
    side = {"height": network.picture, "width": network.picture}
    return LlavaProcessor(
        image_processor=SiglipImageProcessor(size=side),
        tokenizer=tokenizer(),
        patch_size=network.patch,
        vision_feature_select_strategy="full",
        num_additional_image_tokens=0,
        chat_template=CHAT_TEMPLATE,
        image_token=IMAGE,
    )
