"""What goes wrong at the terminal is said in one sentence, with a status that is not 0 and no traceback."""

import errno
import io
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from PIL import Image

from mmattr_app import __main__ as command_line
from mmattr_app.__main__ import main
from mmattr_app.commands.terminal import ProgressBar
from mmattr_app.demo import scenes
from mmattr_app.domain import Pixels

A_FILE = Path(__file__)
QUESTION = ["--prompt=What?"]


@pytest.fixture
def image(picture: Pixels, tmp_path: Path) -> str:
    Image.fromarray(picture).save(tmp_path / "picture.png")
    return str(tmp_path / "picture.png")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["explain", "x" * 5000, *QUESTION], "There is no file xxx"),
        (["explain", str(A_FILE), *QUESTION], "test_wrong_input.py is not a picture that can be read"),
        (["explain", *["IMAGE"] * 9, *QUESTION], "9 pictures are given and the limit is 8"),
        (["explain", "IMAGE", *QUESTION, "--tokens=3-1"], "The tokens 3-1 are written backwards"),
        (["explain", "IMAGE", *QUESTION, "--top=0"], "--top is 0"),
        (["explain", "IMAGE", *QUESTION, "--out=FOLDER"], "should end in .json or"),
        (["explain", "IMAGE", *QUESTION, "--out=FOLDER/a.npz"], "a.npz is a folder; name a file"),
        (["explain", "IMAGE", *QUESTION, "--out=/proc/a.npz"], "/proc/a.npz cannot be written"),
        (["explain", "IMAGE", *QUESTION, f"--out=FOLDER/{'x' * 300}.npz"], "x.npz cannot be written"),
        (["compare", "IMAGE", "What?", "--methods="], "Nothing is named to compare"),
        (["compare", "IMAGE", "What?", "--occluders=,"], "Nothing is named to compare"),
        (["compare", "IMAGE", "What?", "--seeds="], "Nothing is named to compare"),
        (["view", "IMAGE"], "picture.png cannot be read back"),
        (["view", "nothing.json", "--top=-1"], "--top is -1"),
        (["scene", "--seed=1", "--out=/proc/scene"], "The folder /proc/scene cannot be made"),
        (["scene", "--seed=1", "--out=IMAGE"], "picture.png is a file; name a folder"),
        (["scene", "--seed=1", "--out=IMAGE/below"], "below cannot be made"),
        (["batch", "QUESTIONS", "--out=IMAGE"], "picture.png is a file; name a folder"),
        (["batch", "QUESTIONS", "--out=/proc/results"], "The folder /proc/results cannot be made"),
        (["batch", "QUESTIONS", "--out=FOLDER/results"], "No question could be explained"),
    ],
)
def test_it_is_refused_in_one_sentence_before_a_model_is_loaded(
    words: list[str], says: str, image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.npz").mkdir()
    (tmp_path / "questions.csv").write_text("image,prompt\nmissing.png,What?\n")
    places = {"IMAGE": image, "FOLDER": str(tmp_path), "QUESTIONS": str(tmp_path / "questions.csv")}
    for name, place in places.items():
        words = [word.replace(name, place) for word in words]
    assert main(words) == 2
    said = capsys.readouterr().err.strip().split("\r")[-1].strip().splitlines()
    assert said[-1].startswith("mmattr: ")
    assert says in said[-1]
    assert len(said[-1]) < 500


def test_a_picture_that_may_not_be_read_is_not_called_damaged(
    image: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Image, "open", lambda *_, **__: failing(PermissionError(errno.EACCES, "Permission denied")))
    assert main(["explain", image, *QUESTION]) == 2
    assert "picture.png may not be read; change its permissions" in capsys.readouterr().err


def failing(error: BaseException) -> NoReturn:
    raise error


def test_a_full_disk_is_told_and_other_errors_stay_loud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full: OSError = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(scenes, "write", lambda *_: failing(full))
    assert main(["scene", "--seed=1", "--size=64", f"--out={tmp_path}"]) == 2
    assert capsys.readouterr().err == (
        "mmattr: A file cannot be read or written (No space left on device); check its permissions and the room on the "
        "disk.\n"
    )
    monkeypatch.setattr(scenes, "write", lambda *_: failing(OSError(errno.EINVAL, "a bug")))
    with pytest.raises(OSError, match="a bug"):
        main(["scene", "--seed=1", "--size=64", f"--out={tmp_path}"])


def test_ctrl_c_midway_stops_with_status_130_and_leaves_no_file(
    folder_of: Callable[[str], Path],
    image: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = list[int]()

    def interrupt(_: ProgressBar, result: Any, progress: Any) -> None:
        del result
        asked.append(progress.done)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(ProgressBar, "_on_result", interrupt)
    before = sorted(tmp_path.iterdir())
    how = [f"--model={folder_of('llava')}", "--regions=grid:2x3", "--max-tokens=2", f"--out={tmp_path}/why.npz"]
    others = signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever other tests of this process started
    try:
        assert main(["explain", image, *QUESTION, *how]) == 130
    finally:
        signal.signal(signal.SIGINT, others)
    assert capsys.readouterr().err.strip().split("\r")[-1].strip() == "mmattr: stopped."
    assert len(asked) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_terminal_without_a_letter_shows_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(command_line, "_list", lambda _: sys.stdout.write("±1 船"))
    assert main(["methods"]) == 0
    assert screen.buffer.getvalue() == rb"\xb11 \u8239"


def test_an_output_that_nobody_reads_on_is_no_error_to_look_at() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m mmattr_app methods | true"], check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
