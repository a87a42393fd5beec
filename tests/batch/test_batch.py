"""A batch: bad rows keep a sentence and the others go on, and what a kill -9 ended goes on where it was."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mmattr_app
from mmattr_app.__main__ import main
from mmattr_app.batch.running import RESULTS
from mmattr_app.domain import Pixels
from mmattr_app.results.reading import read_npz

ROOT = Path(__file__).parents[2]
QUICK = ["--regions", "grid:2x2", "--method", "ablation", "--max-tokens", "2"]
MANY = 30


@pytest.fixture
def folder(picture: Pixels, tmp_path: Path) -> Path:
    Image.fromarray(picture).save(tmp_path / "a.png")
    Image.fromarray(picture[::-1]).save(tmp_path / "b.png")
    return tmp_path


def write_csv(path: Path, titles: str, *lines: str) -> Path:
    path.write_text("\n".join([titles, *lines, ""]))
    return path


def many(folder: Path) -> Path:
    lines = (f"{'ab'[number % 2]}.png,What is number {number}?" for number in range(MANY))
    return write_csv(folder / "questions.csv", "image,prompt", *lines)


def table(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((out / "summary.csv").read_text().splitlines()))


def results(out: Path) -> list[Path]:
    return sorted((out / RESULTS).glob("0*.npz"))


def command(questions: Path, out: Path, model: Path, *more: str) -> list[str]:
    return ["batch", str(questions), "--out", str(out), "--model", str(model), *QUICK, *more]


def test_bad_rows_keep_a_sentence_and_the_others_go_on(
    folder: Path, folder_of: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(folder / "mask.npy", np.arange(48 * 56).reshape(48, 56) // 1344)
    lines: list[Any] = [
        {"image": "a.png", "prompt": "What is it?"},
        {"image": "none.png", "prompt": "What is it?"},
        "{not json",
        {"image": "a.png", "prompt": ""},
        {"image": "a.png", "prompt": "What?", "method": "guess"},
        {"image": "a.png", "prompt": "What?", "color": "red"},
        {"image": "a.png", "prompt": ["What?"]},
        {"image": "b.png", "prompt": "What <b>is</b> it?", "answer": "A red car.", "mask": "mask.npy"},
    ]
    questions = folder / "questions.jsonl"
    questions.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    out = folder / "out"
    assert main(command(questions, out, folder_of("llava"))) == 0
    said, progress = capsys.readouterr()
    assert said.startswith("2 answered now, 0 found, 6 failed")
    assert "8/8" in progress
    first, *bad, last = table(out)
    says = [row["problem"] for row in bad]
    for sentence, words in zip(
        says,
        ("no file", "no JSON object", "has no prompt", "no method 'guess'", "more than the columns", "give texts"),
        strict=True,
    ):
        assert words in sentence
    assert (first["problem"], last["problem"], last["answer"]) == ("", "", "A red car.")
    assert 0 <= float(first["entropy"]) <= 1
    result = read_npz(out / last["file"])
    assert (result.segmentation.regions, result.answer.typed) == (2, True)
    page = (out / "index.html").read_text()
    assert "What &lt;b&gt;is&lt;/b&gt; it?" in page
    assert page.count("<svg") == 3
    assert "http" not in page.replace('http-equiv="Content-Security-Policy"', "")


def test_only_a_row_that_changed_is_asked_again(
    folder: Path, folder_of: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    out, lines = folder / "out", ["a.png,What is it?", "b.png,What is it?", "a.png,Where is it?"]
    questions = write_csv(folder / "questions.csv", "image,prompt", *lines)
    assert main(command(questions, out, folder_of("llava"))) == 0
    before = {path: path.stat().st_mtime_ns for path in results(out)}
    Image.new("RGB", (56, 48), "red").save(folder / "b.png")
    results(out)[2].write_bytes(b"damaged")
    capsys.readouterr()
    assert main(command(questions, out, folder_of("llava"))) == 0
    assert capsys.readouterr().out.startswith("2 answered now, 1 found, 0 failed")
    after = results(out)
    assert len(after) == 3
    assert [before.get(path) == path.stat().st_mtime_ns for path in after] == [True, False, False]


def test_shares_are_measured_when_asked_for_and_added_to_what_is_there(
    folder: Path, folder_of: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "out"
    questions = write_csv(folder / "questions.csv", "image,prompt,answer", "a.png,What is it?,A red car.")
    ask = command(questions, out, folder_of("llava"))
    assert main(ask) == 0
    (row,), (before,) = table(out), [read_npz(path) for path in results(out)]
    assert (row["share_picture"], before.shares) == ("", None)
    assert main([*ask, "--shares"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 answered now, 1 found")
    (row,), (after,) = table(out), [read_npz(path) for path in results(out)]
    np.testing.assert_array_equal(after.scores.values, before.scores.values)
    shares = [float(row[f"share_{kind}"]) for kind in ("picture", "question", "own_words")]
    assert sum(shares) == pytest.approx(1)
    picture = np.asarray(Image.open(folder / "a.png"))
    how: Any = {"players": "regions,words,answer", "regions": "grid:1x1", "method": "ablation", "answer": "A red car."}
    alone = mmattr_app.explain(picture, "What is it?", model=str(folder_of("llava")), **how)
    assert alone.shares
    assert shares == pytest.approx(alone.shares.of(alone.chosen).tolist(), abs=1e-4)
    assert (out / "index.html").read_text().count("<svg") == 6


def test_after_a_kill_it_goes_on_where_it_was(folder: Path, folder_of: Callable[[str], Path]) -> None:
    questions, out = many(folder), folder / "out"
    start = [sys.executable, "-m", "mmattr_app", *command(questions, out, folder_of("llava"))]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(start, env=environment, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 120
        while len(results(out)) < 5 and process.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    before = {path: path.stat().st_mtime_ns for path in results(out)}
    assert 5 <= len(before) < MANY, "it was killed midway"
    (out / RESULTS / "tmpunfinished.npz").write_bytes(b"half")
    assert main(command(questions, out, folder_of("llava"))) == 0
    assert main(command(questions, folder / "unbroken", folder_of("llava"))) == 0
    after, unbroken = results(out), results(folder / "unbroken")
    assert len(after) == MANY
    assert [path.name for path in after] == [path.name for path in unbroken]
    assert all(path.stat().st_mtime_ns == when for path, when in before.items())
    for ours, other in zip(after, unbroken, strict=True):
        one, two = read_npz(ours), read_npz(other)
        assert one.answer.token_ids == two.answer.token_ids
        np.testing.assert_allclose(one.scores.values, two.scores.values, atol=1e-5)
    assert [row["answer"] for row in table(out)] == [row["answer"] for row in table(folder / "unbroken")]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("questions.csv", "image,question\na.png,What?\n", "there is no 'question'"),
        ("questions.csv", "image\na.png\n", "prompt is missing"),
        ("questions.csv", "image,prompt\n", "has no question"),
        ("questions.txt", "What?", "should end in .csv or .jsonl"),
    ],
)
def test_a_file_that_is_no_table_of_questions_is_refused(
    name: str, content: str, says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_text(content)
    assert main(["batch", str(folder / name), "--out", str(folder / "out")]) == 2
    assert says in capsys.readouterr().err
