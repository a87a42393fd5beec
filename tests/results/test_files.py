"""A result as a file of each kind, and back from those that hold all of it."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from mmattr_app.__main__ import main
from mmattr_app.domain import Attribution, Curve, Question, Scores
from mmattr_app.errors import AppError
from mmattr_app.players.words import find_words
from mmattr_app.results import files
from mmattr_app.results.sheets import wrap
from mmattr_app.segmentation import Segmentation
from tests.explorer.moments import CAR, RED, done, estimated, picture
from tests.pictures import photograph

EVIL = "</script><script>alert(1)</script>"
SVG = "{http://www.w3.org/2000/svg}"


def result(**changes: Any) -> Attribution:
    view = done(**changes)
    assert view.attribution
    return view.attribution


@pytest.mark.parametrize("ending", ["json", "npz", "html"])
def test_a_file_is_read_back_as_it_was(ending: str, tmp_path: Path) -> None:
    why = estimated(0.25, prompt=f"What is {EVIL}?").attribution
    assert why
    curve = Curve(*np.array([[0, 1], [0.25, 0.75]]))
    why = replace(why, selection=(RED, CAR), figures={"deletion": curve})
    files.write(why, tmp_path / f"why.{ending}")
    again = files.read(tmp_path / f"why.{ending}")
    for name in ("values", "errors", "correlation"):
        np.testing.assert_allclose(getattr(again.scores, name), getattr(why.scores, name), atol=1e-6)
    assert again.answer.question.prompt == why.answer.question.prompt
    assert (again.answer.tokens, again.selection) == (why.answer.tokens, (RED, CAR))
    assert again.segmentation.fingerprint == why.segmentation.fingerprint
    assert isinstance(again.figures["deletion"], Curve)
    np.testing.assert_allclose(again.logprob_blank, why.logprob_blank, atol=1e-6)


def test_a_page_brings_its_picture_back_as_a_jpeg(tmp_path: Path) -> None:
    files.write(result(), tmp_path / "why.html")
    seen = files.read(tmp_path / "why.html").answer.question.image
    assert np.abs(seen.astype(int) - picture()).mean() < 4


def test_a_page_of_a_megapixel_is_small(tmp_path: Path) -> None:
    image = np.asarray(photograph(1.0))
    rows, columns = np.indices(image.shape[:2])
    wavy = (rows + (20 * np.sin(columns / 9)).astype(int)) // 50 * 30 + columns // 50
    cut = Segmentation.from_labels("wavy", np.maximum(wavy, 0))
    noise = np.random.default_rng(0).normal(size=(cut.regions, 30)).astype(np.float32)
    pieces = [f" word{number}" for number in range(30)]
    errors = (np.abs(noise), np.eye(30, dtype=np.float32))
    why = result(pieces=pieces, image=image, segmentation=cut, scores=noise, errors=errors, reads="estimate")
    files.write(why, tmp_path / "why.html")
    assert cut.regions > 300
    assert (tmp_path / "why.html").stat().st_size < 1_500_000


def test_a_result_without_a_picture_is_a_page_and_a_table(tmp_path: Path) -> None:
    question = Question((), "What is red?")
    players = find_words(question, ["words"], "out", 100, None)
    scores = Scores(np.ones((players.count, 8), np.float32))
    why = replace(result(), answer=replace(result().answer, question=question), players=players, scores=scores)
    for ending in ("html", "json", "csv"):
        files.write(why, tmp_path / f"why.{ending}")
    assert files.read(tmp_path / "why.html").players.names() == ["What", "is", "red?"]
    with pytest.raises(AppError, match="No region of a picture played"):
        files.write(why, tmp_path / "why.png")


def test_a_page_holds_nothing_that_acts(tmp_path: Path) -> None:
    files.write(result(prompt=EVIL), tmp_path / "why.html")
    assert EVIL not in (tmp_path / "why.html").read_text()


def test_a_csv_has_a_row_for_each_region_and_token(tmp_path: Path) -> None:
    files.write(result(), tmp_path / "why.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "why.csv").read_text())))
    assert len(rows) == 12 * 8
    (one,) = [row for row in rows if (row["name"], row["text"]) == ("6", " car")]
    assert (float(one["score"]), one["error"], one["place"]) == (2.0, "", "the middle")


def test_png_and_svg_say_what_they_show(tmp_path: Path) -> None:
    why = result(prompt="What <b>is</b> & was there?\x07")
    for ending in ("png", "svg"):
        files.write(why, tmp_path / f"why.{ending}", (RED, CAR))
    drawn = ET.fromstring((tmp_path / "why.svg").read_text())  # noqa: S314  (written a moment ago)
    said = " ".join("".join(text.itertext()) for text in drawn.iter(f"{SVG}text"))
    for words in ("“red car”", "What <b>is</b> & was there?", "toy, float32; ablation, grid:3x4", "rests mostly on"):
        assert words in said
    assert [image.get("href", "")[:5] for image in drawn.iter(f"{SVG}image")] == ["data:"] * 3
    with Image.open(tmp_path / "why.png") as shown:
        assert shown.size == (int(drawn.get("width", 0)), int(drawn.get("height", 0)))


def test_a_png_is_painted_where_the_words_rest(tmp_path: Path) -> None:
    for name, tokens in (("car", (CAR,)), ("nothing", (0,))):
        files.write(result(), tmp_path / f"{name}.png", tokens)
    car, nothing = (np.asarray(Image.open(tmp_path / f"{name}.png")).astype(int) for name in ("car", "nothing"))
    assert (car[..., 0] - car[..., 2] > 60).sum() > 4 * (nothing[..., 0] - nothing[..., 2] > 60).sum()


def test_a_long_word_is_broken_and_no_letter_is_lost() -> None:
    text = f"a {'w' * 300} end"
    lines = list(wrap(text, 20, 400))
    assert len(lines) > 3
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("ending", ["json", "npz", "html"])
def test_a_damaged_file_is_refused_in_a_sentence(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"why.{ending}"
    files.write(result(), path)
    whole = path.read_bytes()
    cut = whole.rindex(b'"logprob_full"') if ending == "html" else len(whole) // 2
    path.write_bytes(whole[:cut])
    with pytest.raises(AppError, match=rf"why.{ending} (is damaged|cannot be read. It holds no result)"):
        files.read(path)


def test_a_file_of_a_later_version_is_refused_in_a_sentence(tmp_path: Path) -> None:
    files.write(result(), tmp_path / "why.json")
    content = json.loads((tmp_path / "why.json").read_text())
    content["meta"]["format"] = 99
    (tmp_path / "why.json").write_text(json.dumps(content))
    with pytest.raises(AppError, match=r"A newer mmattr wrote it .format 99, this one reads up to"):
        files.read(tmp_path / "why.json")


def test_another_picture_is_refused(tmp_path: Path) -> None:
    files.write(result(), tmp_path / "why.json")
    with pytest.raises(AppError, match="is about a picture 128 wide and 96 high; give that one"):
        files.read(tmp_path / "why.json", picture()[:50])


def test_a_file_of_no_such_kind_or_place_is_refused(tmp_path: Path) -> None:
    for name, says in (("why.png", "cannot be read back"), ("none.json", "There is no file")):
        with pytest.raises(AppError, match=says):
            files.read(tmp_path / name)


def test_view_prints_the_report_without_the_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files.write(result(), tmp_path / "why.json")
    assert main(["view", str(tmp_path / "why.json")]) == 0
    assert "A red car and a windmill." in capsys.readouterr().out


def test_view_writes_another_kind_and_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files.write(result(), tmp_path / "why.npz")
    Image.fromarray(picture()).save(tmp_path / "picture.png")
    view = ["view", str(tmp_path / "why.npz"), "--out", str(tmp_path / "why.html")]
    assert main(view) == 2
    assert "There is no picture to draw the map on; give it when the file is read" in capsys.readouterr().err
    assert main([*view, "--image", str(tmp_path / "picture.png")]) == 0
    assert main(["view", str(tmp_path / "why.html"), "--word", "car", "--out", str(tmp_path / "why.svg")]) == 0
    assert "“car”" in (tmp_path / "why.svg").read_text()
