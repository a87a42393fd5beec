"""The demo model's words: one token for each word of the scenes, characters and bytes for all other text."""

import re

from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from transformers import LlavaProcessor, PreTrainedTokenizerFast, SiglipImageProcessor

from mmattr_app.models.demo.configuration import Network
from mmattr_app.scenes import COLOURS, KINDS
from mmattr_app.scenes.kinds import plural
from mmattr_app.scenes.phrasings import NUMBERS, PHRASINGS, SETTINGS
from mmattr_app.scenes.zones import ZONES

PAD, IMAGE, USER, ASSISTANT, END = SPECIAL = ("<pad>", "<image>", "<user>", "<assistant>", "<end>")
_SPACE = "▁"
_FILLERS = "a an the there is are yes no nothing only and object objects"
_FIRST = "A An The There Yes No Nothing Only"

# Pictures first, then the words in small letters (the model knows no others), whatever the order they came in.
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


def words() -> list[str]:
    """All words of all questions and answers, sorted."""
    texts = [_FILLERS, _FIRST, *KINDS, *map(plural, KINDS), *COLOURS, *NUMBERS]
    texts += [" ".join(part for part, _ in zone.phrase) for zone in ZONES]
    texts += [" ".join(setting) for setting in SETTINGS.values()]
    texts += [re.sub(r"{\w+}", "", phrasing).lower() for choices in PHRASINGS.values() for phrasing in choices]
    return sorted({word for text in texts for word in re.findall(r"\w+", text)})


def tokenizer() -> PreTrainedTokenizerFast:
    """BPE without merges: a known word is one token, an unknown one falls into characters, those into bytes."""
    letters = [chr(code) for code in range(33, 127)] + list("äöüßéèàçñ€\u2019\u201c\u201d\u2013\u2026")
    entries = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)), _SPACE, *letters]
    entries += [_SPACE + word for word in words()]
    vocabulary = {entry: index for index, entry in enumerate(dict.fromkeys(entries))}
    inner = Tokenizer(BPE(vocabulary, [], byte_fallback=True, ignore_merges=True))
    inner.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme="always"), pre_tokenizers.Punctuation()]
    )
    inner.decoder = decoders.Sequence(
        [decoders.Replace(_SPACE, " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    inner.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token=PAD,
        eos_token=END,
        padding_side="left",
        extra_special_tokens={"image_token": IMAGE},
        model_max_length=1024,
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
