"""A result that was written to a file is the same when it is read back, and is scored again as correctly."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Attribution, Curve, Links, PixelMaps, Pixels, Question, Scores, SecondMap
from mmattr_app.models import scorer
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from mmattr_app.pictures import read_picture
from mmattr_app.pipeline import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.results import exports, reading
from mmattr_app.segmentation import Segmentation
from mmattr_app.sentences import describe, words
from mmattr_app.workers.inline import InlineWorker
from tests.games import explain_regions
from tests.models.short import scored

OLD = Path(__file__).with_name("old_results")  # written by the first version, with a picture of 48 x 56 pixels


@pytest.fixture
def result(model_of: Callable[[str], HuggingFaceModel], question: Question) -> Attribution:
    worker = InlineWorker(model_of("llava"))
    answer = pipeline.ask(worker, question)
    return explain_regions(worker, answer, pipeline.segment(question.image, "grid:2x2"), Plan("ablation"))


def restored(result: Attribution, folder: Path) -> Attribution:
    exports.write(result, folder / "why.npz")
    return reading.read_npz(folder / "why.npz", result.answer.question.image)


def test_what_was_spoken_and_what_was_scored_are_both_kept(result: Attribution, tmp_path: Path) -> None:
    result.answer.logprobs[:] = result.logprob_full - 0.01  # in low precision they differ
    again = restored(result, tmp_path)
    np.testing.assert_array_equal(again.answer.logprobs, result.answer.logprobs)
    np.testing.assert_array_equal(again.logprob_full, result.logprob_full)
    exports.write(result, tmp_path / "why.json")
    written = json.loads((tmp_path / "why.json").read_text())
    np.testing.assert_allclose(written["logprob_spoken"], result.answer.logprobs, atol=1e-6)


def test_a_file_says_in_sentences_what_its_numbers_are(result: Attribution, tmp_path: Path) -> None:
    exports.write(result, tmp_path / "why.json")
    about = json.loads((tmp_path / "why.json").read_text())["meta"]
    said = [{"tokens": tokens, "says": describe(result, tokens)} for tokens in words(result)]
    assert about["sentences"] == said
    assert all(sentence["says"] for sentence in said)
    assert about["verdict"] == ""


def test_a_file_from_before_still_opens(result: Attribution, tmp_path: Path) -> None:
    exports.write(result, tmp_path / "why.npz")
    with np.load(tmp_path / "why.npz") as file:
        arrays: dict[str, Any] = dict(file)
    del arrays["logprob_spoken"]
    np.savez(tmp_path / "old.npz", **arrays)
    old = reading.read_npz(tmp_path / "old.npz", result.answer.question.image)
    np.testing.assert_array_equal(old.answer.logprobs, result.logprob_full)


@pytest.mark.parametrize("ending", ["npz", "json"])
@pytest.mark.parametrize(
    ("name", "method", "reads"), [("labels", "ablation", "measured loss"), ("masks", "surrogate", "estimate")]
)
def test_files_of_the_first_version_open(name: str, method: str, reads: str, ending: str) -> None:
    """Such a file has a label map or a stack of masks, and the unit of its scores."""
    image = read_picture(OLD / "picture.png")
    old = {"npz": reading.read_npz, "json": reading.read_json}[ending](OLD / f"{name}.{ending}", image)
    assert (old.answer.text, old.method, old.reads) == ("A red car.", method, reads)
    rows, columns = np.indices((48, 56))
    first = {"labels": rows < 20, "masks": (rows < 30) & (columns < 30)}[name]
    second = {"labels": (rows >= 20) & (rows < 40) & (columns < 30)}.get(
        name, (rows >= 20) & (rows < 40) & (columns >= 20) & (columns < 40)
    )
    np.testing.assert_array_equal([old.segmentation.mask(region) for region in range(2)], [first, second])
    worth = {"labels": [-2.517854, -2.297747], "masks": [-3.851813, -0.476381]}[name]
    np.testing.assert_allclose(old.scores.values[:, 1], worth, atol=1e-5)


@pytest.mark.parametrize("ending", ["npz", "json"])
def test_a_result_comes_back_with_all_that_it_says(result: Attribution, tmp_path: Path, ending: str) -> None:
    masks = np.stack([result.segmentation.mask(region) for region in (0, 1, 2, 3)])
    masks[0] |= masks[1]
    cut = Segmentation.from_masks("mine", masks, says="They overlap.")
    errors = np.full_like(result.scores.values, 0.25)
    tokens = result.scores.values.shape[1]
    pixels = PixelMaps(np.arange(-6, 6, dtype=np.int8).reshape(1, 3, 4), np.array([1e-9], np.float32))
    links = Links("Shapley interaction index", np.array([[0, 1], [2, 3]]), np.full((2, tokens), 0.5, np.float32))
    full = replace(
        result,
        players=Regions(result.answer.question, cut, "blur"),
        scores=Scores(
            result.scores.values,
            errors,
            says="A sketch.",
            links=links,
            pixels=(pixels, replace(pixels, ends=2 * pixels.ends)),
        ),
        instead_of="blue",
        selection=(0, 2),
        figures={"share": 0.5, "curve": Curve(*np.array([[0, 1], [0.25, 0.75], [0.2, 0.7], [0.3, 0.8]]))},
    )
    exports.write(full, tmp_path / f"why.{ending}")
    read = {"npz": reading.read_npz, "json": reading.read_json}[ending]
    again = read(tmp_path / f"why.{ending}", result.answer.question.image)
    np.testing.assert_allclose(again.scores.values, full.scores.values, atol=1e-6)
    np.testing.assert_array_equal(again.scores.errors, errors)
    assert (again.selection, again.reads, again.occluder) == ((0, 2), "measured loss", "blur")
    assert (again.scores.says, again.segmentation.says) == ("A sketch.", "They overlap.")
    assert again.segmentation.fingerprint == cut.fingerprint
    assert again.instead_of == "blue"
    assert again.scores.links is not None
    assert (again.scores.links.index, again.scores.links.pairs.tolist()) == (links.index, [[0, 1], [2, 3]])
    np.testing.assert_allclose(again.scores.links.values, links.values)
    assert len(again.scores.pixels) == 2
    for number, read in enumerate(again.scores.pixels, start=1):
        np.testing.assert_array_equal(read.levels, pixels.levels)
        np.testing.assert_array_equal(read.ends, number * pixels.ends)
    curve = again.figures["curve"]
    assert isinstance(curve, Curve)
    assert (again.figures["share"], curve.values.tolist()) == (0.5, [0.25, 0.75])
    np.testing.assert_array_equal([curve.low, curve.high], [[0.2, 0.7], [0.3, 0.8]])


@pytest.mark.parametrize("ending", ["npz", "json"])
def test_second_maps_come_back(result: Attribution, tmp_path: Path, ending: str) -> None:
    halves = Segmentation.from_labels("grid:1x2", np.repeat([[0, 1]], 5, axis=0), says="")
    one = SecondMap((0,), "ablation", "blur", "measured loss", "They agree.", np.array([1, 0, 0.5, -2], np.float32))
    two = replace(one, tokens=(1, 2), scores=np.array([0.25, 0], np.float32), segmentations=(halves, halves))
    exports.write(replace(result, compared=(one, two)), tmp_path / f"why.{ending}")
    read = {"npz": reading.read_npz, "json": reading.read_json}[ending]
    again = read(tmp_path / f"why.{ending}", result.answer.question.image).compared
    assert [(kept.tokens, kept.occluder, kept.says) for kept in again] == [
        ((0,), "blur", "They agree."), ((1, 2), "blur", "They agree."),
    ]  # fmt: skip
    assert [kept.scores.tolist() for kept in again] == [[1, 0, 0.5, -2], [0.25, 0]]
    assert again[0].segmentations == ()
    assert [cut.fingerprint for cut in again[1].segmentations] == [halves.fingerprint] * 2


def test_a_second_map_of_an_older_file_has_the_regions_of_one_picture(result: Attribution, tmp_path: Path) -> None:
    halves = Segmentation.from_labels("grid:1x2", np.repeat([[0, 1]], 5, axis=0), says="")
    scores = np.array([0.25, 0], np.float32)
    second = SecondMap((0,), "ablation", "blur", "measured loss", "They agree.", scores, (halves,))
    exports.write(replace(result, compared=(second,)), tmp_path / "why.json")
    written = json.loads((tmp_path / "why.json").read_text())
    (about,) = written["meta"]["compared"]
    (about["regions"],) = about["regions"]
    (tmp_path / "older.json").write_text(json.dumps(written))
    (again,) = reading.read_json(tmp_path / "older.json", result.answer.question.image).compared
    assert [cut.fingerprint for cut in again.segmentations] == [halves.fingerprint]


@pytest.mark.parametrize("wrong", [0.0, 0.5])
def test_a_restored_result_is_scored_again_as_it_was_spoken(
    wrong: float,
    result: Attribution,
    picture: Pixels,
    folder_of: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another process scores it, in which one forward is wrong by as much as it was for the file, or right."""
    result.logprob_full[:] -= wrong
    said = restored(result, tmp_path).answer
    honest = scorer.score_tokens
    monkeypatch.setattr(scorer, "score_tokens", lambda *given, **more: honest(*given, **more) - wrong)
    model = load_huggingface("llava", str(folder_of("llava")), device="cpu", dtype="float32")
    np.testing.assert_allclose(scored(model, said, [picture])[0], result.answer.logprobs, atol=1e-4)
    assert model._scorer.forced == bool(wrong)
