"""Python code and commands that make a result again: run, and compared with it."""

import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mmattr_app
from mmattr_app import pipeline
from mmattr_app.__main__ import main
from mmattr_app.domain import Attribution, Pixels, Question, Sampling
from mmattr_app.errors import AppError
from mmattr_app.models import load
from mmattr_app.plan import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.results import files
from mmattr_app.results.reading import read_json
from mmattr_app.results.saved_players import cuts_of
from mmattr_app.results.snippets import quote, save_first, to_command, to_python
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters.editing import merge, split
from tests.games import explain_regions

BASH = str(shutil.which("bash"))
HOSTILE = """'; touch owned; echo "$(touch owned)" `touch owned` \\ ! %s -x\n--answer=no\u202e\x1b[201~ ü"""
WAYS: dict[str, dict[str, Any]] = {
    "plain": {"regions": "grid:2x2", "method": "ablation"},
    "hostile": {"regions": "grid:1x2", "method": "ablation", "prompt": HOSTILE, "answer": HOSTILE, "system": HOSTILE},
    "all": {
        "regions": "slic:4",
        "method": "surrogate",
        "budget": 40,
        "seed": 3,
        "occluder": "#102030",
        "players": "regions,words,answer",
        "hide_words": "_",
        "answer": "A red car.",
        "measure": ["insertion", "deletion"],
    },
    "words": {"regions": "grid:4x4", "method": "smallest", "answer": "A red car.", "word": "red car"},
    "contrast": {
        "regions": "grid:2x2",
        "method": "ablation",
        "answer": "A red car.",
        "tokens": [1],
        "instead_of": "blue",
    },
    "finer": {"regions": "grid:8x8", "method": "coarse-to-fine", "budget": 20, "answer": "A red car."},
    "drawn": {"regions": 'drawn:[["rectangle", 0.1, 0.1, 0.5, 0.4]]', "method": "ablation"},
    "document": {
        "regions": "grid:1x2",
        "players": "regions,paragraphs,words",
        "method": "ablation",
        "document": "The boat is red. It has a sail.\n\nThe house is green.",
    },
    "two ways": {
        "regions": ["grid:1x2", 'drawn:[["rectangle", 0.1, 0.1, 0.5, 0.4]]'],
        "method": "ablation",
        "pictures": 2,
    },
    "two pictures": {"regions": "grid:1x2", "method": "ablation", "pictures": 2},
    "warm": {"regions": "grid:1x2", "method": "ablation", "temperature": 1.0, "seed": 5},
}


@pytest.fixture(scope="module", autouse=True)
def _one_model() -> Iterator[None]:
    """Load the model once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "load", lambda name, **_: loaded(name))
        loaded = cache(load)
        yield


@pytest.fixture
def explain(
    folder_of: Callable[[str], Path], picture: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Attribution]:
    """Explain in one of the ways, in a folder that has the picture which the texts name."""
    pictures = [picture, picture[::-1]]
    for name, image in zip(("picture.png", "picture-1.png", "picture-2.png"), (picture, *pictures), strict=True):
        Image.fromarray(image).save(tmp_path / name)
    monkeypatch.chdir(tmp_path)

    def run(way: str) -> Attribution:
        usual = {"prompt": "What is it?", "model": str(folder_of("llava")), "max_tokens": 3}
        how = {**usual, **WAYS[way]}
        (tmp_path / "document.txt").write_text(how.get("document", ""), encoding="utf-8")
        return mmattr_app.explain(pictures[: how.pop("pictures", 1)], **how)

    return run


def assert_same(found: Attribution, result: Attribution) -> None:
    np.testing.assert_allclose(found.scores.values, result.scores.values, atol=1e-5)
    for of in (found, result):
        assert of.answer.question.prompt == result.answer.question.prompt
    assert (found.answer.tokens, found.selection) == (result.answer.tokens, result.selection)
    assert found.players.names() == result.players.names()
    assert list(found.figures) == list(result.figures)
    assert not Path("owned").exists()


def run_python(result: Attribution) -> Attribution:
    namespace: dict[str, Any] = {}
    exec(to_python(result), namespace)  # noqa: S102  (it is what people are to run)
    assert Path("why.html").is_file()
    return namespace["why"]


def run_command(result: Attribution) -> Attribution:
    line = to_command(result).replace("why.html", "why.json")
    seen = subprocess.run([BASH, "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True).stdout
    words = seen.decode().split("\0")[:-1]
    assert words[:4] == ["python", "-m", "mmattr_app", "explain"]
    assert main(words[3:]) == 0
    return read_json(Path("why.json"), *result.answer.question.pictures)


@pytest.mark.parametrize("run", [run_python, run_command])
@pytest.mark.parametrize("way", WAYS)
def test_the_text_makes_the_same_result(
    way: str, run: Callable[[Attribution], Attribution], explain: Callable[[str], Attribution]
) -> None:
    result = explain(way)
    assert save_first(result) == ("First save the text to read as document.txt." if way == "document" else "")
    assert_same(run(result), result)


@pytest.mark.parametrize("run", [run_python, run_command])
@pytest.mark.parametrize(("count", "at"), [(1, 0), (2, 0), (2, 1)])
def test_regions_that_were_changed_by_hand_are_read_from_the_saved_result(
    count: int, at: int, run: Callable[[Attribution], Attribution], explain: Callable[[str], Attribution]
) -> None:
    first = explain("two pictures" if count == 2 else "plain")
    question, plan = first.answer.question, Plan("ablation")
    cuts = [pipeline.segment(one, "grid:2x2") for one in question.pictures]
    cuts[at] = split(merge(cuts[at], [0, 3]), 1)
    players = pipeline.find_players(question, cuts, plan)
    assert players
    result = pipeline.explain(pipeline.open_worker(first.answer.model), first.answer, players, plan)
    assert save_first(result) == "First save the NPZ as mmattr.npz, which has the regions."
    files.write(result, Path("mmattr.npz"))
    again = run(result)
    assert_same(again, result)
    assert [cut.fingerprint for cut in cuts_of(again.players).values()] == [cut.fingerprint for cut in cuts]
    assert_same(run(again), result)


def test_what_a_terminal_obeys_is_spelled_out() -> None:
    assert HOSTILE not in quote(HOSTILE)
    assert quote(HOSTILE).isprintable()
    assert quote("it's") == shlex.quote("it's")


JOINING: dict[str, Plan] = {
    "coarse-to-fine": Plan("coarse-to-fine", budget=8),
    "interactions": Plan("interactions", budget=24, seed=2),
}


def by_hand(question: Question, *, grid: str = "grid:4x4") -> Segmentation:
    return split(merge(pipeline.segment(question.image, grid), [0, 5]), 2)


@pytest.mark.parametrize("run", [run_python, run_command])
@pytest.mark.parametrize("before", ["by hand", "joined before"])
@pytest.mark.parametrize("method", JOINING)
def test_regions_that_a_method_joined_after_they_were_changed_are_begun_with_again(
    method: str, before: str, run: Callable[[Attribution], Attribution], explain: Callable[[str], Attribution]
) -> None:
    first, plan = explain("plain"), JOINING[method]
    question, worker = first.answer.question, pipeline.open_worker(first.answer.model)
    cut = by_hand(question)
    if before == "joined before":
        cut = Regions(question, cut, "mean").grouped(np.arange(cut.regions) // 2).segmentation
    result = explain_regions(worker, first.answer, cut, plan, selection=(1,))
    assert result.segmentation.regions < cut.regions
    assert save_first(result) == "First save the NPZ as mmattr.npz, which has the regions."
    files.write(result, Path("mmattr.npz"))
    again = run(result)
    assert_same(again, result)
    assert again.segmentation.fingerprint == result.segmentation.fingerprint
    kept = files.read(Path("mmattr.npz"), question.image)
    assert to_python(kept) == to_python(result), "a file that is read back knows it, too"
    files.write(again, Path("mmattr.npz"))
    assert_same(run(again), result)


@pytest.mark.parametrize("run", [run_python, run_command])
@pytest.mark.parametrize("grid", ["grid:2x2", "by hand", "surrogate"])
def test_a_sharpened_map_is_sharpened_again(
    grid: str, run: Callable[[Attribution], Attribution], explain: Callable[[str], Attribution]
) -> None:
    first = explain("plain")
    question, worker = first.answer.question, pipeline.open_worker(first.answer.model)
    cut = by_hand(question) if grid == "by hand" else pipeline.segment(question.image, "grid:2x2")
    plan = Plan("surrogate" if grid == "surrogate" else "ablation")
    coarse = explain_regions(worker, first.answer, cut, plan)
    result = pipeline.sharpen(worker, coarse, (1,))
    assert result.segmentation.regions > cut.regions
    assert bool(save_first(result)) == (grid == "by hand")
    files.write(result, Path("mmattr.npz"))
    assert_same(run(result), result)


def test_a_file_of_an_earlier_version_without_these_regions_has_no_text(
    explain: Callable[[str], Attribution],
) -> None:
    result = explain("plain")
    joined = Regions(result.answer.question, merge(result.segmentation, [0, 1]), "mean").grouped(np.array([0, 0, 1]))
    players = Regions(result.answer.question, joined.segmentation, "mean")  # as it was read from there
    for text in (to_python, to_command, save_first):
        with pytest.raises(AppError, match="that its method joined are not in this result; save it as a file"):
            text(replace(result, players=players, method="coarse-to-fine"))


def test_drawn_words_stand_as_they_were_drawn(explain: Callable[[str], Attribution]) -> None:
    result = explain("plain")
    drawn = replace(result.answer, question=replace(result.answer.question, sampling=Sampling(1.0, 0.9, 7)))
    assert f"answer={result.answer.text!r}" in to_python(replace(result, answer=drawn))
