"""From a question to a saved result in which words play, by the pipeline, the notebook and the command line."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mmattr_app
from mmattr_app import pipeline
from mmattr_app.__main__ import main
from mmattr_app.commands.terminal import report
from mmattr_app.domain import SERVED, Attribution, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.explorer import View, message
from mmattr_app.jobs import Store
from mmattr_app.jobs.kinds import Explain
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.pipeline import Plan
from mmattr_app.results import exports, files, reading
from mmattr_app.workers.inline import InlineWorker
from tests.games import an_answer

FolderOf = Callable[[str], Path]
EVERYBODY = ("regions", "words", "answer")


@pytest.fixture
def explain(model_of: Callable[[str], HuggingFaceModel], picture: Pixels) -> Callable[..., Attribution]:
    """Let everybody play on the tiny model."""

    def run(*pictures: Pixels, **how: object) -> Attribution:
        question = Question(pictures or (picture,), "What is in the picture?", max_tokens=4)
        plan = replace(Plan("ablation", players=EVERYBODY), **how)
        kind = Explain(question, None, plan, "llava", regions="grid:2x2")
        return kind.run(InlineWorker(model_of("llava")), {}, pipeline.SILENT, lambda **_: None)["attribution"]

    return run


def test_regions_and_words_are_measured_by_hiding_each_by_itself(
    explain: Callable[..., Attribution], model_of: Callable[[str], HuggingFaceModel]
) -> None:
    result = explain()
    model, asked = model_of("llava"), result.answer.question
    words = asked.prompt.split()
    own = len(result.players.names()) - 4 - len(words)
    assert result.players.kinds() == ["picture"] * 4 + ["question"] * len(words) + ["own words"] * own
    for place in range(len(words)):
        other = replace(asked, prompt=" ".join(words[:place] + words[place + 1 :]))
        lost = result.logprob_full - model.score(result.answer, [other])[0]
        np.testing.assert_allclose(result.scores.values[4 + place], lost, atol=1e-4)
    assert result.shares is not None
    assert result.shares.kinds == ("picture", "question", "own words")
    everything = model.score(result.answer, [asked])[0]
    nothing = replace(asked, pictures=(result.players.blank().image,), prompt="")
    nothing = replace(nothing, said_hidden=tuple(range(len(result.answer.tokens))))
    total = everything - model.score(result.answer, [nothing])[0]
    np.testing.assert_allclose(result.shares.values.sum(axis=0), total, atol=1e-4)
    assert result.shares.given is not None
    assert result.shares.given.kinds == ("picture", "question")
    by_own_words = model.score(result.answer, [replace(nothing, said_hidden=())])[0]
    np.testing.assert_allclose(result.shares.given.values.sum(axis=0), everything - by_own_words, atol=1e-4)


@pytest.mark.parametrize("method", ["smooth", "surrogate", "coarse-to-fine"])
def test_every_method_plays_with_words(explain: Callable[..., Attribution], method: str) -> None:
    result = explain(method=method, players=("regions", "words"))
    assert result.scores.values.shape[0] == result.players.count
    assert '"picture?"' in report(result, top=9)


@pytest.mark.parametrize("ending", ["npz", "json"])
@pytest.mark.parametrize("pictures", [1, 2])
def test_a_result_with_words_comes_back(
    explain: Callable[..., Attribution], picture: Pixels, tmp_path: Path, ending: str, pictures: int
) -> None:
    result = explain(*[picture, picture[:40, :40].copy()][:pictures])
    exports.write(result, tmp_path / f"why.{ending}")
    read = {"npz": reading.read_npz, "json": reading.read_json}[ending]
    again = read(tmp_path / f"why.{ending}", *result.answer.question.pictures)
    assert again.players.fingerprint == result.players.fingerprint
    assert (again.players.names(), again.players.kinds()) == (result.players.names(), result.players.kinds())
    keeps = np.random.default_rng(0).random((9, result.players.count)) < 0.5
    assert again.players.keys(keeps) == result.players.keys(keeps)
    np.testing.assert_allclose(again.scores.values, result.scores.values, atol=1e-6)
    assert again.shares is not None
    assert result.shares is not None
    np.testing.assert_allclose(again.shares.values, result.shares.values, atol=1e-6)
    assert again.shares.given is not None
    assert result.shares.given is not None
    assert again.shares.given.kinds == result.shares.given.kinds
    np.testing.assert_allclose(again.shares.given.values, result.shares.given.values, atol=1e-6)
    np.testing.assert_allclose(again.shares.given.joint, result.shares.given.joint, atol=1e-6)


def test_a_page_brings_every_picture_back(explain: Callable[..., Attribution], picture: Pixels, tmp_path: Path) -> None:
    other = np.full((40, 30, 3), 90, np.uint8)
    other[:, 10:] = 200, 30, 60
    result = explain(picture, other)
    files.write(result, tmp_path / "why.html")
    again = files.read(tmp_path / "why.html")
    shown, further = again.answer.question.pictures
    assert shown.shape == picture.shape
    assert np.abs(further.astype(int) - other).mean() < 6
    assert again.players.names() == result.players.names()
    hidden = again.players.hide(np.zeros(result.players.count, bool))
    assert all(np.ptp(one, axis=(0, 1)).max() == 0 for one in hidden.pictures)


def test_groups_come_back_and_the_page_is_given_its_regions(
    explain: Callable[..., Attribution], picture: Pixels, tmp_path: Path
) -> None:
    result = explain(players=("regions", "words"))
    groups = np.array([0, 1, 0, 1, 2, 2, 3, 3, 3])
    grouped = replace(
        result, players=result.players.grouped(groups), scores=replace(result.scores, values=result.scores.values[:4])
    )
    exports.write(grouped, tmp_path / "why.npz")
    again = reading.read_npz(tmp_path / "why.npz", picture)
    assert again.players.fingerprint == grouped.players.fingerprint
    assert again.segmentation.regions == len(message(View("done", attribution=again))["rows"]) == 2


def test_results_about_several_pictures_and_none_are_stored(
    explain: Callable[..., Attribution], folder_of: FolderOf, picture: Pixels, tmp_path: Path
) -> None:
    text = mmattr_app.explain(None, "What is it?", model=str(folder_of("t5")), max_tokens=3)
    for result in (explain(picture, picture[::-1].copy()), text):
        Store(tmp_path).put("a" * 20, result)
        stored = Store(tmp_path).get("a" * 20)
        assert stored is not None
        assert stored.players.fingerprint == result.players.fingerprint
        Store(tmp_path).delete("a" * 20)
    assert message(View("done", attribution=text))["picture"] is None


def test_a_text_model_has_shares_of_question_and_own_words(folder_of: FolderOf) -> None:
    how = {"model": str(folder_of("llama")), "max_tokens": 3, "method": "ablation"}
    shares = mmattr_app.explain(None, "What is it?", players="words,answer", **how).shares
    assert shares
    assert shares.kinds == ("question", "own words")
    assert shares.given


def test_all_that_an_answer_can_come_from_is_shared_and_a_served_model_keeps_its_own_words(picture: Pixels) -> None:
    asked = Question((picture, picture), "What is it?", "Be brief.", document="A boat.\n\nA car.")
    answer = an_answer("A", " red", " car")
    everything = ["picture 1", "picture 2", "question", "system prompt", "document", "own words"]
    for question, selection, revision, kinds in (
        (asked, None, "1", everything),
        (asked, (0, 1), "1", everything[:-1]),
        (asked, (1,), SERVED, everything[:-1]),
        (Question((picture,), "What is it?"), (1, 2), "1", ["picture", "question", "own words"]),
    ):
        said = replace(answer, question=question, revision=revision)
        players = pipeline.find_kinds(said, Plan(), selection)
        assert list(dict.fromkeys(players.kinds())) == kinds
        if "own words" in kinds:
            before = len(answer.tokens) if selection is None else selection[0]
            assert players.blank().said_hidden == tuple(range(before))


def test_the_command_line_reads_a_document_without_a_picture(
    folder_of: FolderOf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "report.txt").write_text("A red car stands there. It has two doors.\nIt is old.")
    command = ["explain", "--prompt=What is red?", f"--document={tmp_path / 'report.txt'}", "--max-tokens=3"]
    command += [f"--model={folder_of('llama')}", "--method=ablation", f"--out={tmp_path / 'why.json'}"]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert '"It has two doors."' in out
    assert "players that matter most" in out
    written = json.loads((tmp_path / "why.json").read_text())
    assert written["meta"]["players"]["names"] == ["A red car stands there.", "It has two doors.", "It is old."]
    assert np.shape(written["scores"])[0] == 3
    again = reading.read_json(tmp_path / "why.json")
    assert again.answer.question.document.startswith("A red car")


def test_the_command_line_takes_several_pictures_and_gives_each_its_share(
    folder_of: FolderOf, picture: Pixels, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, image in (("a.png", picture), ("b.png", picture[::-1])):
        Image.fromarray(image).save(tmp_path / name)
    command = ["explain", str(tmp_path / "a.png"), str(tmp_path / "b.png"), "--prompt=What?", "--max-tokens=2"]
    command += ["--regions=grid:1x2", "--regions=grid:1x3", "--method=ablation", "--top=5"]
    assert main([*command, f"--model={folder_of('llava')}"]) == 0
    out = capsys.readouterr().out
    assert "3 of picture 2" in out
    assert "3 of picture 1" not in out
    assert "shares: picture 1 " in out


BAD = [
    ({"players": "regions,hats"}, "There are no players 'hats'; use some of regions, words, system"),
    ({"image": None, "players": "regions"}, "No picture is given, so it has no regions"),
    ({"players": "sentences"}, "The document is empty, so none of it can be hidden; give one with --document"),
    ({"hide_words": " "}, "Nothing is to be said for a hidden word"),
    ({"document": "x" * 1_000_001}, "The document has 1000001 characters and the limit is 1000000"),
    ({"image": ["a.png"] * 2, "regions": ["grid:1x2"] * 3}, "3 ways to cut are given for 2 pictures; give one for all"),
    ({"image": ["a.png"] * 9}, "9 pictures are given and the limit is 8"),
    ({"model": "gpt2"}, "reads text only; leave the picture out"),
    ({"document": "word " * 3000, "players": "sentences"}, r"about \d+ of the document's 3000 words fit"),
    ({"budget": 3, "players": "words", "method": "ablation"}, "ablation asks 5 masks for 5 players, over the budget"),
]


@pytest.mark.parametrize(("wish", "sentence"), BAD)
def test_a_bad_wish_is_one_sentence(
    wish: dict[str, object], sentence: str, folder_of: FolderOf, picture: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmattr_app.pictures.read_with_size", lambda _: (picture, None))
    how: dict[str, object] = {"image": picture, "prompt": "What is in it now?", "regions": "grid:1x2", **wish}
    how["model"] = str(folder_of(str(how.get("model", "llava"))))
    with pytest.raises(AppError, match=sentence):
        mmattr_app.explain(**how)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("content", "sentence"), [(None, "There is no file"), (b"\xff\xfe", "is not a text in UTF-8")])
def test_a_document_that_cannot_be_read_is_one_sentence(
    content: bytes | None, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.txt"
    if content:
        path.write_bytes(content)
    assert main(["explain", "--prompt=What?", f"--document={path}"]) == 2
    assert sentence in capsys.readouterr().err
