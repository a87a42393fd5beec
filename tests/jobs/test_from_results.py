"""Chosen words of a result are explained in a job of their own, by methods that need a choice, or against others."""

from pathlib import Path

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Attribution, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.explorer import View, message
from mmattr_app.jobs import ExplainWords, Sharpen
from mmattr_app.pipeline import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.players.together import Together
from tests.games import ToyWorker, explain_regions, toy_queue
from tests.jobs.conftest import last


def explained(picture: Pixels) -> Attribution:
    toy = ToyWorker()
    answer = pipeline.ask(toy, Question((picture,), "hello"))
    return explain_regions(toy, answer, pipeline.segment(picture, "grid:3x3"), Plan("ablation"))


@pytest.mark.parametrize("method", ["eagle", "smallest", "interactions", "ablation"])
def test_chosen_words_are_explained_on_the_regions_that_are_there(
    method: str, worker: ToyWorker, picture: Pixels, tmp_path: Path
) -> None:
    kind = ExplainWords(explained(picture), (0,), "toy", plan=Plan(method))
    end = last(toy_queue(worker, tmp_path).submit(kind))
    assert end.result is not None, end.says
    assert (end.result.method, end.result.selection) == (method, (0,))
    assert end.done <= kind.seconds() / 0.1


def test_asking_for_the_same_again_asks_the_model_nothing(worker: ToyWorker, picture: Pixels, tmp_path: Path) -> None:
    queue, known = toy_queue(worker, tmp_path), explained(picture)
    last(queue.submit(ExplainWords(known, (0,), "toy", plan=Plan("eagle"))))
    before = worker.masks
    last(queue.submit(ExplainWords(known, (0,), "toy", plan=Plan("eagle"))))
    assert worker.masks == before


def test_a_contrast_says_what_it_is_of(worker: ToyWorker, picture: Pixels, tmp_path: Path) -> None:
    kind = ExplainWords(explained(picture), (0, 1), "toy", plan=Plan("ablation"), instead_of="goodbye")
    assert kind.title == "hello! and not goodbye"
    end = last(toy_queue(worker, tmp_path).submit(kind))
    assert end.result is not None, end.says
    assert end.result.instead_of == "goodbye"
    np.testing.assert_allclose(end.result.scores.values, 0, atol=1e-5)  # the toy says anything alike


def test_what_is_wrong_is_said_before_it_waits(picture: Pixels) -> None:
    kind = ExplainWords(explained(picture), (0,), "toy", plan=Plan("lima"), instead_of="goodbye")
    with pytest.raises(AppError, match="lima cannot explain one text against another"):
        kind.check()


def test_another_method_or_another_word_is_not_the_same(picture: Pixels) -> None:
    known = explained(picture)
    kind = ExplainWords(known, (0,), "toy", plan=Plan("eagle"))
    assert kind.same(ExplainWords(known, (0,), "toy", plan=Plan("eagle")))
    for tokens, plan, instead in (((1,), kind.plan, ""), ((0,), Plan("lima"), ""), ((0,), kind.plan, "no")):
        assert not kind.same(ExplainWords(known, tokens, "toy", plan=plan, instead_of=instead))


def test_a_result_of_words_alone_is_refused_before_it_waits(picture: Pixels) -> None:
    toy, plan = ToyWorker(), Plan("ablation", players=("words",))
    answer = pipeline.ask(toy, Question((picture,), "two words"))
    players = pipeline.find_players(answer.question, (), plan, answer)
    assert players is not None
    result = pipeline.explain(toy, answer, players, plan)
    for kind in (Sharpen(result, (0,), "toy"), ExplainWords(result, (0,), "toy", plan=Plan("eagle"))):
        with pytest.raises(AppError, match="Only a map of regions of the picture can be explained further"):
            kind.check()


@pytest.mark.parametrize("method", ["interactions", "smallest", "ablation"])
def test_words_are_explained_on_every_picture(method: str, worker: ToyWorker, picture: Pixels, tmp_path: Path) -> None:
    question = Question((picture, picture[:40, :30].copy()), "hello")
    cuts = [pipeline.segment(one, "grid:3x3") for one in question.pictures]
    players = Together([Regions(question, cut, "mean", number) for number, cut in enumerate(cuts)])
    known = pipeline.explain(worker, pipeline.ask(worker, question), players, Plan("ablation"))
    end = last(toy_queue(worker, tmp_path).submit(ExplainWords(known, (0,), "toy", plan=Plan(method))))
    assert end.result is not None, end.says
    assert [one.picture for one in end.result.players.pictured] == [0, 1]
    told = message(View("done", attribution=end.result))
    maps = [told["map"], told["further"][0]["map"]]
    assert sorted({row for one in maps for row in one.get("own", range(one["regions"]))}) == list(
        range(end.result.players.count)
    )
