"""Why this and not that: the difference of two texts under the same masks, against each explained alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.arithmetic.sampling import every_mask
from mmattr_app.commands.terminal import report
from mmattr_app.contrast import ChoiceProbe, ContrastProbe, alternative, text_instead
from mmattr_app.domain import Answer, Curve, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.listener import Listener
from mmattr_app.methods import METHODS
from mmattr_app.pipeline import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.sentences import describe
from mmattr_app.workers.inline import InlineWorker
from tests.games import TableGame, an_answer, by_orders, explain_regions

FOR_ALL = [
    name
    for name, method in METHODS.items()
    if method.scope == "all tokens" and method.needs == "probe" and name != "windows"  # which shares out to neighbours
]


def test_the_alternative_takes_the_place_of_the_words_and_ends_there() -> None:
    answer = an_answer("A", " red", " car", ".")
    assert text_instead(answer, (1,), "blue") == "A blue"
    assert text_instead(answer, (1, 2), " green bus ") == "A green bus"
    assert text_instead(answer, (0, 1, 2, 3), "No.") == "No."


@pytest.mark.parametrize(("selection", "text", "words"), [
    ((0, 2), "blue", "words that stand together"),
    ((1,), " ", "Name something else"),
    ((1,), "red", "instead of 'red'"),
])  # fmt: skip
def test_what_cannot_be_compared_is_refused(selection: tuple[int, ...], text: str, words: str) -> None:
    with pytest.raises(AppError, match=words):
        text_instead(an_answer("A", " red", " car"), selection, text)


def test_the_words_before_must_be_the_same_tokens() -> None:
    answer = an_answer("A", " red", " car")
    assert alternative(answer, (1,), "blue", an_answer("A", " bl", "ue")).tokens == (1, 2)
    with pytest.raises(AppError, match="cuts the words before 'blue' into other tokens"):
        alternative(answer, (1,), "blue", an_answer("A b", "lue"))


def test_the_probe_is_the_difference_and_the_choice_its_chance() -> None:
    rng = np.random.default_rng(0)
    this, that = (TableGame(np.log(rng.uniform(0.1, 0.9, (4, tokens)))) for tokens in (2, 3))
    keeps = np.array([[True, False], [True, True]])
    expected = this(keeps).sum(axis=1, keepdims=True) - that(keeps).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(ContrastProbe(this, that)(keeps), expected, atol=1e-6)
    np.testing.assert_allclose(
        ContrastProbe(this, that).nothing(), this.nothing().sum() - that.nothing().sum(), atol=1e-6
    )
    p = [np.exp(game(keeps).sum(axis=1)) for game in (this, that)]
    np.testing.assert_allclose(np.exp(ChoiceProbe(this, that)(keeps)[:, 0]), p[0] / (p[0] + p[1]), atol=1e-6)


@pytest.mark.parametrize("name", FOR_ALL)
@pytest.mark.parametrize("base", [-40.0, 40.0])
def test_every_method_reads_a_contrast_as_it_is_however_large(name: str, base: float) -> None:
    """A log-probability of 40, or the log-odds of one of -40, would be the same whatever is hidden."""
    weights = np.zeros((9, 1))
    weights[[2, 7], 0] = 6, 3
    game = TableGame.by(lambda keep: base + keep @ weights, players=9).game
    scores = METHODS[name].run(replace(game, contrast=True), budget=None, seed=0)
    values = scores.values if scores.groups is None else scores.values[scores.groups]
    assert np.argsort(-values[:, 0])[:2].tolist() == [2, 7]
    if METHODS[name].reads == "measured loss":
        assert values[2, 0] == pytest.approx(6, abs=1e-4)


@pytest.fixture(scope="module")
def asked(model_of: Callable[[str], Any], picture: Pixels) -> tuple[InlineWorker, Answer]:
    worker = InlineWorker(model_of("llava"))
    return worker, pipeline.ask(worker, Question((picture,), "What is it?"), "A red car.")


def test_ablation_of_a_contrast_is_the_difference_of_both_words_ablations(asked: tuple[InlineWorker, Answer]) -> None:
    worker, answer = asked
    cut, plan = pipeline.segment(answer.question.image, "grid:2x3"), Plan("ablation", measure=("insertion",))
    chosen = tuple(token for token, text in enumerate(answer.tokens) if "r" in text and "c" not in text)[:1]
    instead = pipeline.ask_instead(worker, answer, chosen, "blue")
    assert instead.answer.text == "".join(answer.tokens[: chosen[0]]) + " blue"
    told: list[tuple[int, int]] = []
    listener = Listener(on_result=lambda _, progress: told.append((progress.done, progress.total)))
    result = explain_regions(worker, answer, cut, plan, selection=chosen, instead=instead, listener=listener)
    this = explain_regions(worker, answer, cut, Plan("ablation"))
    that = explain_regions(worker, instead.answer, cut, Plan("ablation"))
    expected = this.scores.values[:, chosen[0]] - that.scores.values[:, list(instead.tokens)].sum(axis=1)
    np.testing.assert_allclose(result.scores.values[:, chosen[0]], expected, atol=1e-4)
    assert (np.delete(result.scores.values, chosen, axis=1) == 0).all()
    assert (result.instead_of, result.selection) == ("blue", chosen)
    assert told[-1][0] <= told[-1][1]
    curve = result.figures["insertion"]
    assert isinstance(curve, Curve)
    odds = result.logprob_full[list(chosen)].sum() - that.logprob_full[list(instead.tokens)].sum()
    assert curve.values[-1] == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-4)


def test_its_shares_are_of_the_difference_under_each_combination_of_what_is_hidden(
    asked: tuple[InlineWorker, Answer], model_of: Callable[[str], Any]
) -> None:
    worker, answer = asked
    first = next(token for token, text in enumerate(answer.tokens) if token and text.startswith(" "))
    chosen, told = tuple(range(first, len(answer.tokens))), list[tuple[int, int]]()
    instead = pipeline.ask_instead(worker, answer, chosen, "blue boat")
    listener = Listener(on_result=lambda _, progress: told.append((progress.done, progress.total)))
    cut = pipeline.segment(answer.question.image, "grid:2x2")
    result = explain_regions(
        worker, answer, cut, Plan("ablation"), selection=chosen, instead=instead, listener=listener
    )
    shares, (grey,) = result.shares, Regions(answer.question, cut, "mean").blank().pictures
    assert shares
    assert shares.kinds == ("picture", "question", "own words")

    def difference(picture: bool, question: bool, own: bool) -> float:
        changed = {"pictures": answer.question.pictures if picture else (grey,)}
        changed |= {"prompt": answer.question.prompt if question else ""}
        one = replace(answer.question, **changed, said_hidden=() if own else tuple(range(first)))
        this, that = (model_of("llava").score(said, [one])[0] for said in (answer, instead.answer))
        return float(this[list(chosen)].sum() - that[list(instead.tokens)].sum())

    values = np.array([[difference(*mask)] for mask in every_mask(3).tolist()])
    np.testing.assert_allclose(shares.values[:, list(chosen)].sum(axis=1), by_orders(values, 3)[:, 0], atol=1e-4)
    assert shares.given
    np.testing.assert_allclose(
        shares.given.values[:, list(chosen)].sum(axis=1), by_orders(values[4:], 2)[:, 0], atol=1e-4
    )
    # Everything, nothing, four regions and seven combinations, of both texts; nothing of the picture is asked once.
    assert told[-1] == (2 * 12, 2 * 13)
    assert pipeline.count_contrast_masks(answer, result.players, Plan("ablation"), chosen) == 2 * 13
    says = describe(result, chosen)
    assert says.startswith(("“red car.” rather than “blue boat”", "No region surely supports “red car.” rather than"))
    assert "probability" not in says
    assert 'shares of what makes it "red car." and not "blue boat", given its own words: picture' in report(
        result, top=2
    )
    at_once = tuple(range(len(answer.tokens)))
    other = pipeline.ask_instead(worker, answer, at_once, "Nothing.")
    alone = explain_regions(worker, answer, cut, Plan("ablation"), selection=at_once, instead=other).shares
    assert alone
    assert (alone.kinds, alone.given) == (("picture", "question"), None)


def test_errors_of_a_contrast_come_along(asked: tuple[InlineWorker, Answer]) -> None:
    worker, answer = asked
    cut, chosen = pipeline.segment(answer.question.image, "grid:4x4"), tuple(range(len(answer.tokens)))
    instead = pipeline.ask_instead(worker, answer, chosen, "Nothing at all.")
    result = explain_regions(worker, answer, cut, Plan("smooth", budget=16), selection=chosen, instead=instead)
    error, (value,) = result.scores.error(chosen), {result.scores.values.shape}
    assert error is not None
    assert (error > 0).all()
    assert value == (16, len(answer.tokens))
    np.testing.assert_allclose(result.scores.values, result.scores.values[:, :1].repeat(len(chosen), axis=1))
