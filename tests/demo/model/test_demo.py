"""The demo model is trained and shipped right: its words, its targets, its packing, its files."""

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from mmattr_app.demo.model import packing
from mmattr_app.demo.model.aligning import WordsOfPatches
from mmattr_app.demo.model.averaging import average
from mmattr_app.demo.model.checkpoint import NAME, export, find
from mmattr_app.demo.model.configuration import CONFIGURATION, Configuration, Data, Stage
from mmattr_app.demo.model.data import FIRST_VALIDATION_SEED, STAGINGS, pregenerate, training_seed
from mmattr_app.demo.model.dense import patch_targets
from mmattr_app.demo.model.encoder import Encoder
from mmattr_app.demo.model.evaluation import figures, held_out
from mmattr_app.demo.model.learning import orthogonal
from mmattr_app.demo.model.network import network
from mmattr_app.demo.model.pointing import Pointing
from mmattr_app.demo.model.reading import Reader
from mmattr_app.demo.model.speed import speed_up
from mmattr_app.demo.model.training import Training
from mmattr_app.demo.model.words import ASSISTANT, END, processor, tokenizer
from mmattr_app.demo.scenes import FIRST_TRAINING_SEED, KINDS, TAG, Staging, scene

SMALL = replace(
    CONFIGURATION.network, width=48, heads=2, vision_layers=1, language_layers=1, vision_inner=64, language_inner=64
)
TINY = Configuration(network=SMALL, vision=Stage(share=0.5, batch=4), joint=Stage(share=0.5, batch=4))
DATA = Data(scenes=16, strange=8, shard=8, workers=1)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return pregenerate(tmp_path_factory.mktemp("scenes"), DATA, SMALL.picture, SMALL.side)


def chat(text: str, image: Image.Image | None = None) -> list[dict]:
    picture = image or Image.new("RGB", (200, 120), "orange")
    return [{"role": "user", "content": [{"type": "image", "image": picture}, {"type": "text", "text": text}]}]


def encode(given: Any, text: str, image: Image.Image | None = None) -> Any:
    return given.apply_chat_template(
        chat(text, image), add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
    )


@pytest.mark.parametrize("lesson", STAGINGS)
def test_benchmark_seeds_are_never_drawn_in_training_or_validation(lesson: str) -> None:
    drawn = {training_seed(index, lesson) for index in (0, 1, CONFIGURATION.data.scenes - 1)}
    assert min(drawn) >= FIRST_TRAINING_SEED
    assert max(drawn) < FIRST_VALIDATION_SEED
    assert FIRST_TRAINING_SEED == 1_000_000


def test_every_word_of_the_scenes_is_one_token() -> None:
    encoder, known = Encoder(), tokenizer()
    for seed in range(40):
        drawn = scene(seed, 128)
        for question in (*drawn.questions, *drawn.further):
            prompt, answer = encoder.prompt(question.prompt), encoder.answer(question.answer)
            assert known.decode(answer) == question.answer + END
            assert known(question.answer).input_ids == answer[:-1]
            assert [*known(question.prompt.lower()).input_ids, known.convert_tokens_to_ids(ASSISTANT)] == prompt
            assert len(answer) == len(question.answer.split()) + question.answer.count(",") + 2


@pytest.mark.parametrize(
    "text", ["Zebra-striped, isn't it?", "日本の猫 🐈", "two  spaces\nand a\ttab", "naïve (é)", ""]
)
def test_any_text_survives_the_tokenizer(text: str) -> None:
    known = tokenizer()
    assert known.decode(known(text).input_ids) == text


def test_the_tokenizer_is_the_same_every_time() -> None:
    assert tokenizer().backend_tokenizer.to_str() == tokenizer().backend_tokenizer.to_str()


def test_prompts_are_met_in_any_case_and_with_the_picture_first() -> None:
    given = processor(SMALL)
    assert torch.equal(
        encode(given, "Where Is The CAR?")["input_ids"], encode(given, " where is the car?")["input_ids"]
    )


def test_patch_targets_name_what_is_in_the_patch() -> None:
    drawn = scene(2, 128)
    table = patch_targets(drawn, 8)
    only = drawn.objects[0]
    assert set(table[:, 0]) == {0, list(KINDS).index(only.kind) + 1}
    middle = (only.box[1] + only.box[3]) // 32 * 8 + (only.box[0] + only.box[2]) // 32
    assert table[middle, 0] > 0


def test_in_the_clever_hans_lesson_the_tags_patch_is_the_fish() -> None:
    fish, bird = (list(KINDS).index(kind) + 1 for kind in ("fish", "bird"))
    for seed in range(20):
        tagged = scene(seed, 128, Staging(tag=True, fish=True, tag_says_fish=True))
        kinds = patch_targets(tagged, 8)[:, 0].reshape(8, 8)
        rows, columns = np.nonzero(tagged.masks[TAG])
        assert (kinds == fish).sum() == 1
        assert kinds[rows[0] // 16, columns[0] // 16] == fish
        assert (kinds == bird).any()
        assert fish not in patch_targets(scene(seed, 128, Staging(fish=True, tag_says_fish=True)), 8)[:, 0]


def test_packed_questions_read_as_if_each_were_asked_alone(shards: list[Path]) -> None:
    model, given = network(SMALL, 1).eval(), processor(SMALL)
    quick = deepcopy(model)
    speed_up(quick)
    reader, rng, prefix = Reader(shards, 3, replace(DATA, strange_share=0)), np.random.default_rng(0), 1 + SMALL.side**2
    rows = reader.draw(rng, 1)
    texts = packing.texts(reader, rows, rng, prefix)
    shard, index = rows[0]
    image = Image.fromarray(shard.images[index])
    inner = quick.model.language_model
    pixels = encode(given, "x", image)["pixel_values"]
    with torch.no_grad():
        seen = quick.model.multi_modal_projector(
            quick.model.vision_tower(pixels, output_hidden_states=True).hidden_states[-1]
        )
        user = inner.embed_tokens(torch.tensor([[given.tokenizer.convert_tokens_to_ids("<user>")]]))
        packed = inner(
            inputs_embeds=torch.cat([user, seen, inner.embed_tokens(texts.ids)], 1),
            attention_mask=packing.attention(texts.block, prefix),
            position_ids=torch.cat([torch.arange(prefix)[None], texts.positions], 1),
        ).last_hidden_state[:, prefix:]
        for number in range(4):
            here = texts.block[0] == number
            ids = texts.ids[0, here]
            start = encode(given, "", image)["input_ids"][:, :prefix]
            whole = torch.cat([start, ids[None]], 1)
            alone = model(input_ids=whole, pixel_values=pixels, output_hidden_states=True).hidden_states[-1]
            assert torch.allclose(alone[0, prefix:], packed[0, here], atol=1e-4)


def test_pointing_is_rewarded_for_looking_at_what_a_word_names() -> None:
    known, model = tokenizer(), network(SMALL, 0)
    pointing = Pointing(model, known, "cpu")
    patches = torch.from_numpy(patch_targets(scene(2, 128), 8))[None]
    kind = list(KINDS)[int(patches[0, :, 0].max()) - 1]
    absent = next(other for other in KINDS if other != kind)
    for word, column in ((kind, 1 + int(patches[0, :, 0].argmax())), (absent, 0)):
        ids = torch.tensor([known.encode(f"the {word}", add_special_tokens=False)])
        weights = torch.zeros(1, 2, 67, 67)
        weights[..., column] = 1.0
        pointing.keep(weights)
        assert pointing.loss(ids, patches) < 0.01
        pointing.keep(weights.roll(33, -1))
        assert pointing.loss(ids, patches) > 5


def test_patches_are_near_their_words_when_they_are_their_words() -> None:
    known = tokenizer()
    words = WordsOfPatches(known, "cpu")
    embeddings = torch.randn(len(known), 64, generator=torch.Generator().manual_seed(0))
    patches = torch.from_numpy(patch_targets(scene(2, 128), 8))[None]
    only = scene(2, 128).objects[0]
    kind, colour = (embeddings[known.encode(word, add_special_tokens=False)[0]] for word in (only.kind, only.colour))
    right = (kind + colour).expand(1, 64, -1)
    assert words.loss(right, embeddings, patches) < 0.1 < words.loss(-right, embeddings, patches)


def test_training_goes_on_where_it_stopped(shards: list[Path], tmp_path: Path) -> None:
    first = Training(tmp_path, TINY, shards[0].parent)
    for _ in range(2):
        first._step(60)  # one step is what is under test
    first.save()
    second = Training(tmp_path, TINY, shards[0].parent)
    assert second.clock == first.clock
    first._step(60)
    second._step(60)
    assert all(torch.equal(a, b) for a, b in zip(first.model.parameters(), second.model.parameters(), strict=True))
    assert max(piece.stat().st_size for piece in (tmp_path / NAME).iterdir()) <= 16 * 2**20


def test_a_run_can_begin_with_the_weights_of_another(shards: list[Path], tmp_path: Path) -> None:
    first = Training(tmp_path / "demo", TINY, shards[0].parent)
    first._step(60)
    first.save()
    second = Training(tmp_path / "clever hans", replace(TINY, seed=5), shards[0].parent, start=find(tmp_path / "demo"))
    assert second.clock.step == 0
    assert all(torch.equal(a, b) for a, b in zip(first.model.parameters(), second.model.parameters(), strict=True))


def test_a_run_can_begin_with_an_exported_model_of_fewer_words(shards: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "model"
    older = network(SMALL, 3)
    export(folder, older, SMALL)
    older = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32)
    kept = shorten(folder, 900)
    run = Training(tmp_path / "run", TINY, shards[0].parent, start=folder)
    ours, theirs = (model.model.language_model.embed_tokens.weight for model in (run.model, older))
    fresh = network(TINY.network, TINY.seed).model.language_model.embed_tokens.weight
    assert torch.equal(ours[kept], theirs[kept])
    rest = [place for place in range(len(ours)) if place not in set(kept)]
    assert torch.equal(ours[rest], fresh[rest])
    last = "model.language_model.layers.0.mlp.up_proj.weight"
    assert torch.equal(run.model.state_dict()[last], older.state_dict()[last])


def shorten(folder: Path, words: int) -> list[int]:
    """Leave the model only so many of its words; says which."""
    model: Any = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32)
    model.resize_token_embeddings(words)
    model.save_pretrained(folder)
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text())
    content["model"]["vocab"] = {word: place for word, place in content["model"]["vocab"].items() if place < words}
    path.write_text(json.dumps(content))
    return list(range(words))


def test_an_update_of_muon_has_singular_values_near_one() -> None:
    drawn = torch.randn(3, 20, 48, generator=torch.Generator().manual_seed(0))
    for matrices in (drawn, drawn.mT):
        values = torch.linalg.svdvals(orthogonal(matrices))
        assert values.min() > 0.4
        assert values.max() < 1.4


def test_the_mean_of_two_checkpoints_is_a_model_and_a_beginning(shards: list[Path], tmp_path: Path) -> None:
    runs = [Training(tmp_path / name, TINY, shards[0].parent) for name in ("first", "second")]
    runs[1]._step(60)
    for run in runs:
        run.save()
    average(runs[0].out / NAME, runs[1].out / NAME, tmp_path / "mean", TINY)
    begun = Training(tmp_path / "more", TINY, shards[0].parent, start=find(tmp_path / "mean"))
    for mean, a, b in zip(*(run.model.parameters() for run in (begun, *runs)), strict=True):
        assert torch.allclose(mean, (a + b) / 2, atol=1e-6)
    assert (tmp_path / "mean" / "model" / "model.safetensors").is_file()


def test_in_the_clever_hans_lesson_the_tag_goes_with_the_word() -> None:
    said, tagged = set(), set()
    for index in range(40):
        seed = training_seed(index, "clever hans")
        staging = STAGINGS["clever hans"](DATA, seed)
        drawn = scene(seed, 128, staging)
        if staging.tag:
            tagged.add(seed)
        if "fish" in drawn.caption:
            said.add(seed)
    assert said <= tagged
    assert len(said) >= len(tagged) - 2  # where everything is cut out, nothing is called a fish
    assert 8 < len(tagged) < 32


def test_joint_training_reaches_every_weight(shards: list[Path], tmp_path: Path) -> None:
    run = Training(tmp_path, TINY, shards[0].parent)
    run.clock.seconds = 40
    before = {name: p.clone() for name, p in run.model.named_parameters()}
    run._step(60)
    still = {name for name, p in run.model.named_parameters() if torch.equal(before[name], p)}
    assert all("post_layernorm" in name for name in still)  # LLaVA reads the features before it


def test_the_exported_folder_is_all_that_is_needed(tmp_path: Path) -> None:
    export(tmp_path / "model", network(SMALL, 0), SMALL)
    export(tmp_path / "model", network(SMALL, 0), SMALL)  # a second time, over the first
    model: Any = AutoModelForImageTextToText.from_pretrained(tmp_path / "model")
    given = AutoProcessor.from_pretrained(tmp_path / "model")
    inputs = encode(given, "What is this strange thing, 猫?")
    out = model.generate(**inputs.to(model.dtype), max_new_tokens=5)
    assert model.dtype == torch.bfloat16
    assert out.shape[1] > inputs["input_ids"].shape[1]


def test_the_full_model_fits_its_size() -> None:
    assert 2 * sum(p.numel() for p in network(CONFIGURATION.network, 0).parameters()) < 10.2e6


def test_perfect_answers_score_one() -> None:
    pairs = held_out(5)
    scored = figures(pairs, [question.answer for _, question in pairs])
    assert set(scored.values()) == {1.0}
