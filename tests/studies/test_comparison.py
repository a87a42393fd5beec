"""Several maps of the same words: their figures, their likeness, and that nothing is asked twice."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy.stats import spearmanr

from mmattr_app import pipeline
from mmattr_app.__main__ import main
from mmattr_app.domain import Curve, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.pipeline import Plan
from mmattr_app.studies import side_by_side
from mmattr_app.studies.compared_maps import correlate
from mmattr_app.studies.comparison import compare
from mmattr_app.studies.setups import Setup, read_setups
from tests.games import ToyWorker, explain_regions


def compared(picture: Pixels, *setups: Setup, **more: Any) -> tuple[ToyWorker, Any]:
    toy = ToyWorker()
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    return toy, compare(toy, answer, setups, **more)


def grid(method: str, **more: Any) -> Setup:
    return Setup("grid:3x4", Plan(method, **more))


def test_a_map_that_was_made_before_costs_nothing(picture: Pixels) -> None:
    _, found = compared(picture, grid("ablation"), grid("ablation", seed=1), grid("ablation", occluder="white"))
    assert [(one.asked, one.remembered) for one in found.maps] == [(14, 0), (0, 14), (14, 0)]
    assert [one.name for one in found.maps] == [
        "ablation", "ablation with seed 1", "ablation hidden by white",
    ]  # fmt: skip
    assert found.usual_says == "Where a name does not say it, a map is hidden by mean, with seed 0."


def test_nothing_is_asked_twice_by_maps_and_metrics_together(picture: Pixels) -> None:
    setups = [grid("ablation"), grid("coarse-to-fine"), grid("surrogate"), grid("eagle")]
    toy, found = compared(picture, *setups, selection=(0,))
    assert found.maps[3].remembered >= 14, "eagle's first round hides each region once, as ablation does"
    once = toy.masks
    answer = found.answer
    memo: dict[bytes, Any] = {}
    for setup in setups:
        cut = pipeline.segment(picture, setup.regions)
        plan = Plan(setup.plan.method, measure=("insertion", "deletion"))
        explain_regions(toy, answer, cut, plan, selection=(0,), memo=memo)
    assert toy.masks - once == len(memo) == once
    assert found.asked == once, "what is shown as asked is what the model was asked"


def test_what_is_shown_as_saved_is_what_maps_alone_would_ask_more(picture: Pixels) -> None:
    setups = read_setups(
        "ablation, keep-one, keep-one with seed 1, ablation hidden by white", Setup("grid:3x4", Plan())
    )
    toy, found = compared(picture, *setups)
    together = toy.masks
    for setup in setups:
        compare(toy, found.answer, [setup])
    alone = toy.masks - together
    assert found.asked == together
    assert found.saved >= alone - together > 0
    assert found.saved == sum(one.remembered + one.measured[1] for one in found.maps)
    assert not found.one_measure, "one of them hides otherwise"
    assert compared(picture, *setups[:3])[1].one_measure


def test_the_figures_are_those_of_each_map_alone(picture: Pixels) -> None:
    toy, found = compared(picture, grid("ablation"), grid("surrogate"), selection=(1,))
    for one in found.maps:
        plan = Plan(one.attribution.method, measure=("insertion", "deletion"))
        alone = explain_regions(toy, found.answer, one.attribution.segmentation, plan, selection=(1,))
        areas = [figure.area for figure in alone.figures.values() if isinstance(figure, Curve)]
        assert [one.insertion, one.deletion] == pytest.approx(areas)


def test_two_maps_are_as_alike_as_the_ranks_of_their_pixels() -> None:
    rng = np.random.default_rng(0)
    heats = [rng.normal(size=(7, 9)).astype(np.float32).round(1) for _ in range(3)]
    expected: Any = spearmanr(np.stack([heat.ravel() for heat in heats], axis=1))
    np.testing.assert_allclose(correlate(heats), expected.statistic)
    assert np.isnan(correlate([heats[0], np.zeros((7, 9), np.float32)])[0, 1])


def test_the_top_region_points_where_the_words_do(picture: Pixels) -> None:
    named = np.zeros(picture.shape[:2], bool)
    named[-16:, -14:] = True  # the last cell is worth most to the toy
    _, found = compared(picture, grid("ablation"), named=named)
    assert found.maps[0].pointing == 1
    _, elsewhere = compared(picture, grid("ablation"), named=~named)
    assert elsewhere.maps[0].pointing == 0


def test_maps_of_one_unit_are_painted_in_one_scale_and_others_in_their_own(picture: Pixels) -> None:
    setups = read_setups("ablation, shapley, surrogate, hsic", Setup("grid:3x4", Plan()))
    _, found = compared(picture, *setups)
    largest = [float(np.abs(one.heats[0]).max()) for one in found.maps]
    scales = side_by_side.scales_of(found.maps)
    assert largest[0] != pytest.approx(largest[1])
    assert scales == [max(largest[:2])] * 2 + largest[2:]


def test_another_model_scores_the_same_answer_and_its_words_are_found(
    picture: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [ToyWorker(), ToyWorker()]
    opened: list[str] = []

    def asking(name: str) -> ToyWorker:
        opened.append(name)
        return others[(len(opened) - 1) % 2]

    monkeypatch.setattr(ToyWorker, "asking", lambda _, name: asking(name))
    texts = "ablation, ablation asking other, keep-one asking other, ablation asking toy, ablation asking third"
    setups = read_setups(texts, Setup("grid:3x4", Plan()))
    toy, found = compared(picture, *setups, selection=(1,))
    assert opened == ["other", "third"]
    assert [one.name for one in found.maps] == [
        "ablation asking toy", "ablation asking other", "keep-one asking other", "ablation asking third",
    ]  # fmt: skip
    assert found.maps[1].attribution.answer.typed
    assert found.maps[1].attribution.selection == (0,), "this toy spells a text in one token"
    assert found.correlations[0, 3] == pytest.approx(1)
    assert found.several_models
    assert found.asked == toy.masks + sum(other.masks for other in others)
    with pytest.raises(AppError, match="third has no tokens for ''"):
        compare(toy, replace(found.answer, tokens=("hello!", " ")), setups[-1:], selection=(1,))


def test_a_method_for_chosen_words_is_refused_without_any(picture: Pixels) -> None:
    with pytest.raises(AppError, match="lima explains words that you choose"):
        compared(picture, grid("lima"))


@pytest.mark.parametrize("ending", ["png", "html"])
def test_the_command_prints_the_tables_and_writes_the_maps(
    ending: str, folder_of: Callable[[str], Path], picture: Pixels, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(picture).save(tmp_path / "a.png")
    options = ["--methods=ablation,surrogate", "--regions", "grid:2x2", "grid:2x3", "--answer=A red car.", "--word=car"]
    out = tmp_path / f"maps.{ending}"
    assert (
        main(["compare", f"{tmp_path}/a.png", "What?", f"--model={folder_of('llava')}", f"--out={out}", *options]) == 0
    )
    lines = capsys.readouterr().out.splitlines()
    names = [f"{method}{cut}" for method in ("ablation", "surrogate") for cut in ("", " on grid:2x3")]
    assert [line.split("  ")[0] for line in lines if line.startswith(("ablation", "surrogate"))] == names * 2
    if ending == "png":
        with Image.open(out) as sheet:
            assert sheet.size[0] > 4 * side_by_side.WIDTH
    else:
        page = out.read_text()
        assert page.count("data:image/png;base64,") == 4
        assert "<h1>car</h1>" in page


def test_the_command_compares_maps_of_two_pictures(
    folder_of: Callable[[str], Path], picture: Pixels, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [picture, picture[::-1].copy()]
    files = [str(tmp_path / name) for name in ("a.png", "b.png")]
    for file, one in zip(files, pictures, strict=True):
        Image.fromarray(one).save(file)
    model = f"--model={folder_of('llava')}"
    options = ["--methods=ablation,keep-one", "--regions", "grid:2x2", "--answer=A red car.", f"--out={tmp_path}/c.png"]
    assert main(["compare", *files, "What?", model, *options]) == 0
    said = capsys.readouterr().out
    worker = pipeline.open_worker(str(folder_of("llava")))
    answer = pipeline.ask(worker, Question(tuple(pictures), "What?"), "A red car.")
    found = compare(worker, answer, read_setups("ablation,keep-one", Setup("grid:2x2", Plan())))
    for one in found.maps:
        assert one.attribution.players.count == 8
        assert f"{one.name:8}      {one.insertion:.3f}     {one.deletion:.3f}" in said
    with Image.open(tmp_path / "c.png") as sheet:
        assert sheet.height < side_by_side.WIDTH, "two pictures in a row are half as high as one"
    assert main(["compare", *files, model]) == 2
    assert f"The question is missing: {files[1]} is a file" in capsys.readouterr().err
    assert main(["compare", *files, "What?", model, f"--named={files[0]}"]) == 2
    assert "known for one picture only" in capsys.readouterr().err


@pytest.mark.parametrize(("options", "words"), [
    (["--out=a.txt"], "should end in .png or .html"),
    (["--seeds=a"], "The seeds are 'a'"),
    (["--methods=magic"], "There is no method 'magic'"),
    (["--methods=eagle"], "eagle explains words that you choose"),
    (["--methods=ablation,ablation with 3 masks", "--regions=grid:2x2", "--model=/nowhere"], "ablation asks 4 masks"),
])  # fmt: skip
def test_what_cannot_be_compared_is_refused_in_a_sentence(
    options: list[str], words: str, picture: Pixels, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(picture).save(tmp_path / "a.png")
    assert main(["compare", f"{tmp_path}/a.png", "What?", *options]) == 2
    assert words in capsys.readouterr().err
