"""Every special case of a family of models, in one table; a family that is not in it needs none."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Family:
    """How a family differs from the usual one; each field says what is usual by its default."""

    # Its processor writes the picture's token into the prompt, or its model needs none there: for processors without a
    # chat template, before whose prompt the token is put otherwise.
    marks_picture: bool = False
    # The vision tower, in a family that cuts a picture into tiles and looks at each by itself: only tiles that have
    # changed go through it again.
    tile_tower: str = ""
    # The language model looks back only and reads the tiles in their order, before a small picture of the whole: it
    # can begin again at the first tile that has changed.
    restarts_at_tiles: bool = False
    # `token_type_ids` of the answer, where they are not those of the prompt's last token.
    answer_type: int | None = None
    # Its own `generate` drops the prompt's end mark and puts the begin token first, so scoring must do so too.
    drops_end_mark: bool = False
    # Its answers end with the separator token, which its configuration does not name as an end.
    ends_with_separator: bool = False
    # It takes one picture in a question.
    one_picture: bool = False
    # Why no position that the language model reads is a place in the picture, in words that follow the family's name.
    no_patch_grid: str = ""


LATENT = "sums the picture up in latent tokens, which are no places in it"
UNMARKED = "puts the picture before the text without a token for each place"
ACROSS = "looks at the picture by cross-attention, so no position of its text is a place in it"

USUAL = Family()
FAMILIES: dict[str, Family] = {  # by the `model_type` of the configuration
    "aya_vision": Family(tile_tower="vision_tower"),
    # Its decoder is a BERT: begin and separator marks, and the picture by cross-attention alone.
    "blip": Family(
        marks_picture=True, one_picture=True, drops_end_mark=True, ends_with_separator=True, no_patch_grid=ACROSS
    ),
    "blip-2": Family(marks_picture=True, one_picture=True, no_patch_grid=LATENT),
    "florence2": Family(marks_picture=True, one_picture=True, no_patch_grid=ACROSS),
    # The model puts the picture before the text.
    "git": Family(marks_picture=True, one_picture=True, no_patch_grid=UNMARKED),
    "idefics2": Family(no_patch_grid=LATENT),
    "idefics3": Family(tile_tower="vision_model", restarts_at_tiles=True),
    "instructblip": Family(marks_picture=True, one_picture=True, no_patch_grid=LATENT),
    "internvl": Family(tile_tower="vision_tower", restarts_at_tiles=True),
    "kosmos-2": Family(marks_picture=True, one_picture=True, no_patch_grid=LATENT),
    "lfm2_vl": Family(tile_tower="vision_tower"),
    "llava_next": Family(tile_tower="vision_tower"),
    "llava_onevision": Family(tile_tower="vision_tower"),
    "mllama": Family(no_patch_grid=ACROSS),
    "molmo2": Family(tile_tower="vision_tower"),
    # The prompt looks both ways and has type 0; the answer looks back only, which its processor marks by type 1.
    "paligemma": Family(marks_picture=True, answer_type=1),
    # The question is drawn onto the picture.
    "pix2struct": Family(marks_picture=True, one_picture=True, no_patch_grid=ACROSS),
    "smolvlm": Family(tile_tower="vision_model", restarts_at_tiles=True),
}


def family_of(model: Any) -> Family:
    """Find the family of a loaded model."""
    return FAMILIES.get(model.config.model_type, USUAL)


def marks_picture(processor: Any) -> bool:
    """Say whether a processor belongs to a family that marks the picture's place itself."""
    name = type(processor).__name__.lower()
    return any(
        name.startswith(model_type.replace("-", "")) for model_type, family in FAMILIES.items() if family.marks_picture
    )
