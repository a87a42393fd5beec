"""Every special case of a family of models, in one table; a family that is not in it needs none."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Family:
    """How a family differs from the usual one; the defaults are the usual case."""

    # A processor without a chat template: it writes the image token into the prompt itself, or the model needs none.
    # (For other processors without a template we write the token before the prompt.)
    marks_picture: bool = False
    # Name of the vision tower, if the family cuts a picture into tiles and encodes each alone: only tiles that have
    # changed need to be encoded again.
    tile_tower: str = ""
    # The language model is causal and reads the tiles in order, before a small picture of the whole: it can restart at
    # the first tile that has changed.
    restarts_at_tiles: bool = False
    # `token_type_ids` of the answer; None: those of the prompt's last token.
    answer_type: int | None = None
    # Its own `generate` drops the prompt's end token and puts the start token first, so scoring must do so too.
    drops_end_mark: bool = False
    # Its answers end with the separator token, which its configuration does not list as an end token.
    ends_with_separator: bool = False
    # It takes only one picture in a question.
    one_picture: bool = False
    # Why positions of the language model are no places in the picture, in words that follow the family's name.
    no_patch_grid: str = ""


LATENT = "sums the picture up in latent tokens, which are no places in it"
UNMARKED = "puts the picture before the text without a token for each place"
ACROSS = "looks at the picture by cross-attention, so no position of its text is a place in it"

USUAL = Family()
FAMILIES: dict[str, Family] = {  # by the `model_type` of the configuration
    "aya_vision": Family(tile_tower="vision_tower"),
    # Its decoder is a BERT: start and separator tokens, and cross-attention to the picture.
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
    # Attention is bidirectional in the prompt (type 0) and causal in the answer (type 1).
    "paligemma": Family(marks_picture=True, answer_type=1),
    # The question is drawn onto the picture.
    "pix2struct": Family(marks_picture=True, one_picture=True, no_patch_grid=ACROSS),
    "smolvlm": Family(tile_tower="vision_model", restarts_at_tiles=True),
}


def family_of(model: Any) -> Family:
    """Find the family of a loaded model."""
    return FAMILIES.get(model.config.model_type, USUAL)


def marks_picture(processor: Any) -> bool:
    """Say whether a processor belongs to a family with `marks_picture`."""
    name = type(processor).__name__.lower()
    return any(
        name.startswith(model_type.replace("-", "")) for model_type, family in FAMILIES.items() if family.marks_picture
    )
