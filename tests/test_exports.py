"""A result that was written to a file is the same when it is read back, and is scored again as correctly."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmattr_app import exports, pipeline
from mmattr_app.domain import Attribution, Pixels, Question
from mmattr_app.models import scorer
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from mmattr_app.pipeline import Plan
from mmattr_app.workers.inline import InlineWorker
from tests.games import explain_regions
from tests.models.short import scored


@pytest.fixture
def result(model_of: Callable[[str], HuggingFaceModel], question: Question) -> Attribution:
    worker = InlineWorker(model_of("llava"))
    answer = pipeline.ask(worker, question)
    return explain_regions(worker, answer, pipeline.segment(question.image, "grid:2x2"), Plan())


def restored(result: Attribution, folder: Path) -> Attribution:
    exports.write(result, folder / "why.npz")
    return exports.read_npz(folder / "why.npz", result.answer.question.image)


def test_what_was_spoken_and_what_was_scored_are_both_kept(result: Attribution, tmp_path: Path) -> None:
    result.answer.logprobs[:] = result.logprob_full - 0.01  # in low precision they differ
    again = restored(result, tmp_path)
    np.testing.assert_array_equal(again.answer.logprobs, result.answer.logprobs)
    np.testing.assert_array_equal(again.logprob_full, result.logprob_full)
    exports.write(result, tmp_path / "why.json")
    written = json.loads((tmp_path / "why.json").read_text())
    np.testing.assert_allclose(written["logprob_spoken"], result.answer.logprobs, atol=1e-6)


def test_a_file_from_before_still_opens(result: Attribution, tmp_path: Path) -> None:
    exports.write(result, tmp_path / "why.npz")
    with np.load(tmp_path / "why.npz") as file:
        arrays: dict[str, Any] = dict(file)
    del arrays["logprob_spoken"]
    np.savez(tmp_path / "old.npz", **arrays)
    old = exports.read_npz(tmp_path / "old.npz", result.answer.question.image)
    np.testing.assert_array_equal(old.answer.logprobs, result.logprob_full)


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
    monkeypatch.setattr(scorer, "score_tokens", lambda *given: honest(*given) - wrong)
    model = load_huggingface("llava", str(folder_of("llava")), device="cpu", dtype="float32")
    np.testing.assert_allclose(scored(model, said, [picture])[0], result.answer.logprobs, atol=1e-4)
    assert model._scorer.forced == bool(wrong)
