"""Results are kept whole, for a time, up to a size, and only for whoever knows the id."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Attribution, Pixels, Question
from mmattr_app.jobs import Store
from mmattr_app.pipeline import Plan
from mmattr_app.settings import Settings
from tests.games import ToyWorker, explain_regions

ID, OTHER = "A" * 22, "B" * 22


@pytest.fixture
def result(picture: Pixels) -> Attribution:
    toy = ToyWorker()
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    return explain_regions(toy, answer, pipeline.segment(picture, "grid:2x3"), Plan("ablation"))


def test_what_was_put_is_there_after_a_restart(result: Attribution, tmp_path: Path) -> None:
    Store(tmp_path).put(ID, result)
    again = Store(tmp_path).get(ID)
    assert again is not None
    np.testing.assert_array_equal(again.scores.values, result.scores.values)
    assert again.answer.text == result.answer.text


def test_a_result_that_was_put_of_late_need_not_be_read(result: Attribution, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put(ID, result)
    assert store.get(ID) is result
    store.delete(ID)
    assert store.get(ID) is None


def test_results_in_memory_are_bounded_in_bytes(
    result: Attribution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmattr_app.jobs.store.RECENT", 1)
    store = Store(tmp_path)
    store.put(ID, result)
    store.put(OTHER, result)
    again = store.get(ID)
    assert again is not None
    assert again is not result
    np.testing.assert_array_equal(again.answer.question.image, result.answer.question.image)


@pytest.mark.parametrize("guess", ["", ".", "..", "../" + ID, ID + "/", "/etc", OTHER, ".new-xyz", "A" * 21 + "\0"])
def test_a_guess_finds_nothing(result: Attribution, tmp_path: Path, guess: str) -> None:
    store = Store(tmp_path / "results")
    store.put(ID, result)
    assert store.get(guess) is None
    store.delete(guess)
    assert store.get(ID) is not None


def test_nobody_else_on_the_machine_may_look(tmp_path: Path) -> None:
    assert Store(tmp_path / "results").folder.stat().st_mode & 0o077 == 0


def test_what_failed_half_way_leaves_nothing(
    result: Attribution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("mmattr_app.results.exports.write", full)
    with pytest.raises(OSError, match="no space"):
        Store(tmp_path).put(ID, result)
    assert list(tmp_path.iterdir()) == []


def test_old_results_go(result: Attribution, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put(ID, result)
    long_ago = time.time() - 25 * 3600
    os.utime(tmp_path / ID, (long_ago, long_ago))
    assert store.get(ID) is None
    store.put(OTHER, result)
    assert [path.name for path in tmp_path.iterdir()] == [OTHER]


def test_the_oldest_go_when_all_is_too_large(
    result: Attribution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmattr_app.jobs.store.settings", lambda: Settings(keep_megabytes=0))
    store = Store(tmp_path)
    store.put(ID, result)
    store.put(OTHER, result)
    assert store.get(ID) is None
    assert store.get(OTHER) is not None


def test_what_is_not_ours_stays(result: Attribution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmattr_app.jobs.store.settings", lambda: Settings(keep_megabytes=0))
    (tmp_path / "letters").mkdir()
    Store(tmp_path).put(ID, result)
    Store(tmp_path).sweep()
    assert (tmp_path / "letters").is_dir()
