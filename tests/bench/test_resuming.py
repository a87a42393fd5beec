"""What a long figure keeps of its work survives a stop in the middle of a line."""

import json
from pathlib import Path

import pytest

from tests.bench import resuming


def test_a_stopped_run_goes_on_and_does_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "FOLDER", tmp_path)
    kept = tmp_path / "sizes.jsonl"
    kept.write_text('[0, "kept"]\n[1, "cut o', encoding="utf-8")
    for _ in range(2):
        assert resuming.for_each_seed("sizes", abs, range(3), processes=1) == ["kept", 1, 2]
    lines = kept.read_text(encoding="utf-8").split("\n")
    assert [json.loads(line) for line in lines[2:4]] == [[1, 1], [2, 2]]
    assert len(lines) == 5  # the second time nothing is added


def test_what_was_kept_can_be_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "FOLDER", tmp_path)
    (tmp_path / "sizes.jsonl").write_text('[0, "kept"]\n', encoding="utf-8")
    resuming.forget()
    assert resuming.for_each_seed("sizes", abs, [0], processes=1) == [0]
