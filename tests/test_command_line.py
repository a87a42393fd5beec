"""The command line from end to end: what it prints, what it writes, and how it refuses."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mmattr_app.__main__ import main
from mmattr_app.domain import Pixels
from mmattr_app.methods import METHODS
from mmattr_app.metrics import METRICS
from mmattr_app.models import MODELS
from mmattr_app.segmenters import SEGMENTERS

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def image(picture: Pixels, tmp_path: Path) -> Path:
    Image.fromarray(picture).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


@pytest.fixture
def explain(folder_of: Callable[[str], Path], image: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `explain` on the tiny model; options given replace the usual ones, None leaves one out."""

    def run(picture: Path | list[str] = image, **options: object) -> tuple[int, str, str]:
        usual = {"prompt": "What is it?", "model": folder_of("llava"), "regions": "grid:2x3", "max_tokens": 4}
        words = [
            f"--{name.replace('_', '-')}={value}" for name, value in {**usual, **options}.items() if value is not None
        ]
        pictures = picture if isinstance(picture, list) else [str(picture)]
        status = main(["explain", *pictures, *words])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_it_prints_the_answer_and_the_top_regions_of_each_token(explain: Run) -> None:
    status, out, err = explain(answer="A red car.", method="ablation")
    assert status == 0
    lines = out.splitlines()
    assert lines[0] == "A red car."
    rows = lines[3 : lines.index("", 3)]  # below the answer and the head of the table
    assert [row.split()[0] for row in rows[:3]] == ["A", "red", "car"]
    assert all(row.count(":") == 3 for row in rows)
    assert "hiding regions: 100%" in err
    assert "8/8" in err  # six regions, the whole picture and none of it


@pytest.mark.parametrize("method", METHODS)
def test_the_npz_file_holds_everything(explain: Run, tmp_path: Path, method: str) -> None:
    chosen = "1-2" if METHODS[method].scope == "selection" else None
    status, _, err = explain(out=tmp_path / "why.npz", method=method, occluder="#204060", seed=5, tokens=chosen)
    assert status == 0, err
    with np.load(tmp_path / "why.npz", allow_pickle=False) as file:
        content = dict(file)
    meta = json.loads(str(content["meta"]))
    assert content["scores"].shape == (meta["count"], len(content["tokens"]))
    assert content["scores"].dtype == np.float32
    assert content["labels"].shape == (48, 56)
    assert "".join(content["tokens"].tolist()) == meta["answer"]
    assert content["token_ids"].shape == content["logprob_full"].shape == content["logprob_blank"].shape
    assert meta["prompt"] == "What is it?"
    assert (meta["method"], meta["occluder"], meta["budget"], meta["seed"]) == (method, "#204060", None, 5)
    assert meta["revision"].startswith("folder-")
    assert meta["versions"].keys() >= {"mmattr", "torch", "transformers"}


def test_a_drawn_answer_can_be_asked_for_again(explain: Run, tmp_path: Path) -> None:
    texts: list[str] = []
    for name, seed in (("a.json", 3), ("b.json", 3), ("c.json", 4)):
        how = {"temperature": 1.5, "top_p": 0.9, "seed": seed, "system": "Be brief.", "max_tokens": 8}
        assert explain(out=tmp_path / name, **how)[0] == 0
        meta = json.loads((tmp_path / name).read_text())["meta"]
        assert meta["sampling"] == {"temperature": 1.5, "top_p": 0.9, "seed": seed}
        assert meta["system"] == "Be brief."
        texts.append(meta["answer"])
    assert texts[0] == texts[1] != texts[2]


def test_json_and_npz_hold_the_same(explain: Run, tmp_path: Path) -> None:
    labels = np.arange(48 * 56).reshape(48, 56) // 1000
    np.save(tmp_path / "labels.npy", labels)
    for name in ("why.npz", "why.json"):
        assert explain(out=tmp_path / name, regions=f"labels:{tmp_path}/labels.npy")[0] == 0
    one = np.load(tmp_path / "why.npz")
    other = json.loads((tmp_path / "why.json").read_text())
    np.testing.assert_allclose(one["scores"], other["scores"], atol=1e-6)
    assert one["tokens"].tolist() == other["tokens"]
    np.testing.assert_array_equal(one["labels"].ravel(), unrolled(other["label_runs"]))
    assert json.loads(str(one["meta"])) == other["meta"]


@pytest.mark.parametrize("ending", ["html", "svg", "csv"])
def test_other_files_are_about_the_chosen_words(explain: Run, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"why.{ending}"
    status, _, err = explain(out=path, method="ablation", answer="A red car.", word="red car")
    assert status == 0, err
    assert {"html": '"selection": [1, 2]', "svg": "“red car”", "csv": "\n0,1,picture,"}[ending] in path.read_text()


def test_overlapping_masks_are_written_as_they_came(explain: Run, tmp_path: Path) -> None:
    masks = np.zeros((2, 48, 56), bool)
    masks[0, :30, :30] = masks[1, 20:40, 20:40] = True
    np.save(tmp_path / "masks.npy", masks)
    for name in ("why.npz", "why.json"):
        assert explain(out=tmp_path / name, regions=f"masks:{tmp_path}/masks.npy")[0] == 0
    one, other = np.load(tmp_path / "why.npz"), json.loads((tmp_path / "why.json").read_text())
    held = np.vstack([one["holds"].T, [False, False]])  # label -1 reads the last row
    np.testing.assert_array_equal(np.moveaxis(held[one["labels"]], 2, 0), masks)
    np.testing.assert_array_equal(unrolled(other["label_runs"]), one["labels"].ravel())
    assert other["holders"] == [np.flatnonzero(column).tolist() for column in one["holds"].T]


def test_the_same_command_writes_the_same_bytes(explain: Run, tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        explain(out=tmp_path / name, method="surrogate", seed=3)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_models_control_characters_do_not_reach_the_terminal(explain: Run) -> None:
    _, out, _ = explain(answer="red\x1b[31m \x9b car")
    assert "\x1b" not in out
    assert "\\x1b" in out


BAD: list[tuple[dict[str, object], str]] = [
    ({"prompt": " "}, "The question is empty"),
    ({"prompt": "x" * 100_000}, "has 100000 characters and the limit is 20000"),
    ({"regions": "grid:0x3"}, "such as grid:8x8"),
    ({"regions": "grid:999x999"}, "finer than the picture's pixels"),
    ({"regions": "grid:40x40"}, "makes 1600 regions and the limit is 1024"),
    ({"regions": "hexagons"}, "There is no segmentation 'hexagons'; use one of grid:8x8"),
    ({"regions": "labels:absent.npy"}, "There is no file absent.npy"),
    ({"method": "magic"}, "There is no method 'magic'; use one of smooth, ablation"),
    ({"occluder": "pink"}, "There is no occluder 'pink'"),
    ({"max_tokens": 0}, "1 to 1024 tokens"),
    ({"budget": 3, "method": "ablation"}, "ablation asks 6 masks for 6 regions, over the budget of 3"),
    ({"budget": 3}, "smooth asks 8 masks for 6 regions"),
    ({"budget": 0}, "The budget is 0 masks"),
    ({"budget": 10_001, "method": "surrogate"}, "The budget is 10001 masks; give a whole number above zero, at most"),
    ({"budget": 3, "method": "surrogate"}, "surrogate asks 8 masks"),
    ({"seed": -1}, "The seed is -1"),
    ({"temperature": -0.5}, "The temperature is -0.5; give a number from 0"),
    ({"temperature": "nan"}, "The temperature is nan"),
    ({"top_p": 0}, "Top-p is 0; give a number above 0"),
    ({"picture": ["a.png", "b.png"]}, "There is no file a.png; check the path of the picture"),
    ({"picture": []}, "looks at pictures; give one, or choose a model that reads text only"),
    ({"method": "eagle"}, "eagle explains words that you choose; choose them with --word or --tokens"),
    ({"method": "eagle", "word": "cat", "answer": "A red car."}, "The answer has no 'cat'; choose words of it: 'A red"),
    ({"method": "lima", "tokens": "9", "answer": "A"}, "The answer has the tokens 1 to "),
    ({"tokens": "two"}, "The tokens are 'two'; give their numbers, counted from 1"),
    ({"tokens": "1", "word": "A", "answer": "A"}, "by a word or by the numbers of tokens, not by both"),
    ({"method": "eagle", "tokens": "1", "instead_of": "No"}, "eagle cannot explain one text against another; use one"),
    ({"instead_of": " ", "answer": "A red car."}, "Name something else that could be said instead of 'A red car.'"),
    ({"answer": ""}, "The text to explain is empty"),
    ({"model": "/nowhere"}, "There is no folder /nowhere"),
    ({"out": "why.txt"}, "should end in .json or .npz"),
    ({"out": "/nowhere/why.json"}, "There is no folder /nowhere"),
]


@pytest.mark.parametrize(("options", "words"), BAD)
def test_a_bad_wish_is_one_sentence_and_status_2(explain: Run, options: dict[str, Any], words: str) -> None:
    status, out, err = explain(**options)
    assert status == 2
    assert out == ""
    sentence = err.strip().split("\r")[-1].strip()
    assert sentence.startswith("mmattr: ")
    assert words in sentence
    assert "\n" not in sentence
    assert "Traceback" not in err


def test_a_bad_picture_is_one_sentence_and_status_2(explain: Run, image: Path) -> None:
    image.write_bytes(image.read_bytes()[:60])
    status, out, err = explain()
    assert (status, out) == (2, "")
    assert "picture.png is damaged or cut short; save or download it again." in err


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (1, 300), (4000, 3)])
def test_odd_sizes_work(explain: Run, image: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size, "red").save(image)
    status, _, err = explain(regions="grid:1x1", max_tokens=1)
    assert status == 0, err


def test_a_scene_comes_with_its_answer_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scene", "--seed=12", f"--out={tmp_path / 'scene'}"]) == 0
    key = json.loads((tmp_path / "scene" / "key.json").read_text())
    assert capsys.readouterr().out.strip() == key["caption"]
    masks = np.load(tmp_path / "scene" / "masks.npz")
    assert all(masks[thing["mask"]].dtype == bool for thing in key["objects"])
    named = {mask for asked in key["questions"] for masks_ in asked["words"].values() for mask in masks_}
    assert named <= set(masks.files)
    with Image.open(tmp_path / "scene" / "scene.png") as picture:
        assert picture.size == masks[key["objects"][0]["mask"]].shape[::-1]


@pytest.mark.parametrize("wrong", [["--seed=-1"], ["--seed=1", "--size=9"], ["--seed=1", f"--out={__file__}"]])
def test_a_scene_that_cannot_be_drawn_is_refused(
    wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scene", f"--out={tmp_path / 'scene'}", *wrong]) == 2
    assert capsys.readouterr().err.startswith("mmattr: ")


def test_unknown_options_leave_with_status_2() -> None:
    with pytest.raises(SystemExit) as left:
        main(["explain"])
    assert left.value.code == 2


@pytest.mark.parametrize("what", ["models", "methods", "metrics", "segmenters"])
def test_listings_have_a_line_for_each(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([what]) == 0
    lines = capsys.readouterr().out.splitlines()
    registry = {"models": MODELS, "methods": METHODS, "metrics": METRICS, "segmenters": SEGMENTERS}[what]
    assert [line.split()[0].partition(":")[0] for line in lines] == list(registry)


def test_help_and_version_come_without_torch() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "mmattr_app", "explain", "--help"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "--occluder" in done.stdout
    assert "argparse" in done.stderr
    assert "torch" not in done.stderr


def test_it_runs_as_a_module(folder_of: Callable[[str], Path], image: Path) -> None:
    command = [sys.executable, "-m", "mmattr_app", "explain", str(image), "--prompt=What?", "--regions=grid:1x2"]
    done = subprocess.run(
        [*command, f"--model={folder_of('qwen3_vl')}", "--max-tokens=2"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "100"},
    )
    assert "regions that matter most" in done.stdout
    assert "Warning" not in done.stderr


def unrolled(runs: list[tuple[int, int]]) -> list[int]:
    return [value for value, count in runs for _ in range(count)]
