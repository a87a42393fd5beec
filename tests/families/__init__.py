"""Tiny random models of every family, each with that family's own processor, saved as a folder."""

from collections.abc import Callable
from pathlib import Path

from tests.families.bridges import blip, blip2_opt, blip2_t5, florence2, instructblip, kosmos2
from tests.families.fixed import gemma3, llava, paligemma
from tests.families.only_text import bert, gemma3_text, gpt2, llama, qwen3, smollm3, t5
from tests.families.patches import gemma4, glm4v, mistral3, pixtral, qwen2_5_vl, qwen2_vl, qwen3_vl
from tests.families.tiles import aya_vision, idefics2, idefics3, llava_next, llava_onevision, smolvlm
from tests.families.tiles_too import internvl, lfm2_vl, mllama, molmo2

FAMILIES: dict[str, Callable[[Path], None]] = {
    build.__name__: build
    for build in (
        llava,
        llava_next,
        llava_onevision,
        pixtral,
        mistral3,
        idefics2,
        idefics3,
        smolvlm,
        qwen2_vl,
        qwen2_5_vl,
        qwen3_vl,
        gemma3,
        gemma4,
        paligemma,
        internvl,
        lfm2_vl,
        molmo2,
        glm4v,
        aya_vision,
        mllama,
        blip,
        blip2_opt,
        blip2_t5,
        instructblip,
        florence2,
        kosmos2,
    )
}

TEXT_ONLY: dict[str, Callable[[Path], None]] = {
    build.__name__: build for build in (llama, qwen3, gemma3_text, smollm3, gpt2, t5, bert)
}

# As their makers write them, in the order of the table in docs/models.md.
TITLES = {
    "llava": "LLaVA",
    "llava_next": "LLaVA-NeXT",
    "llava_onevision": "LLaVA-OneVision",
    "pixtral": "Pixtral",
    "mistral3": "Mistral 3",
    "idefics2": "Idefics2",
    "idefics3": "Idefics3",
    "smolvlm": "SmolVLM",
    "qwen2_vl": "Qwen2-VL",
    "qwen2_5_vl": "Qwen2.5-VL",
    "qwen3_vl": "Qwen3-VL",
    "gemma3": "Gemma 3",
    "gemma4": "Gemma 4",
    "paligemma": "PaliGemma",
    "internvl": "InternVL",
    "lfm2_vl": "LFM2-VL",
    "molmo2": "Molmo2",
    "glm4v": "GLM-4V",
    "aya_vision": "Aya Vision",
    "mllama": "Mllama",
    "blip": "BLIP",
    "blip2_opt": "BLIP-2 (OPT)",
    "blip2_t5": "BLIP-2 (T5)",
    "instructblip": "InstructBLIP",
    "florence2": "Florence-2",
    "kosmos2": "Kosmos-2",
}
