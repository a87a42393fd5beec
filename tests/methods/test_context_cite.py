"""The surrogate over a document's sentences is ContextCite's on the same masks, but for its scale and its penalty."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.linear_model import Lasso
from sklearn.preprocessing import StandardScaler

from mmattr_app import pipeline
from mmattr_app.domain import Keeps, Question
from mmattr_app.methods import surrogate
from mmattr_app.models import load
from mmattr_app.pipeline import Plan
from mmattr_app.workers.inline import InlineWorker
from tests.games import LogitGame

SENTENCES = "A red car stands. It is next to a house. Two birds are there. The sky is blue. A man waits. It is cold."
HALF = 0.5  # the standard deviation of a mask that shows each player half of the time


def context_cite(keeps: Keeps, logprobs: NDArray[Any], alpha: float = 0.01) -> NDArray[np.float64]:
    """Fit one token as ContextCite does: LASSO on standardised masks, with one penalty, scaled back to the masks."""
    logits = np.log(np.exp(logprobs) / (1 - np.exp(logprobs)))
    scaler = StandardScaler().fit(keeps)
    lasso: Any = Lasso(alpha=alpha, random_state=0, fit_intercept=True).fit(scaler.transform(keeps), logits)
    return lasso.coef_ / scaler.scale_


def penalty(keeps: Keeps, logprobs: NDArray[Any]) -> float:
    """Give the penalty of standardised masks that is ours: a tenth of what leaves no player, by their scale."""
    logits = np.log(np.exp(logprobs) / (1 - np.exp(logprobs)))
    shown, target = keeps - keeps.mean(axis=0), logits - logits.mean()
    return 0.1 * np.abs(shown.T @ target).max() / len(target) / HALF


def test_where_each_player_is_shown_in_half_of_the_masks_they_are_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    some = rng.random((32, 12)) < HALF
    keeps = np.vstack([some, ~some])
    monkeypatch.setattr(surrogate, "masks", lambda *_: keeps)
    toy = LogitGame(rng.normal(size=(12, 3)).tolist())
    found = surrogate.surrogate(toy.game, budget=64, seed=0).values
    replies = toy(keeps).astype(np.float64)
    for token in range(3):
        expected = context_cite(keeps, replies[:, token], penalty(keeps, replies[:, token]))
        np.testing.assert_allclose(found[:, token], expected, atol=1e-3)
        assert (found[:, token] == 0).any(), "the penalty should leave some out"


def test_by_its_own_penalty_it_names_the_same_sentences_as_ours() -> None:
    weights = np.zeros((20, 1))
    weights[[3, 8, 15], 0] = 4, 2.5, -3
    toy = LogitGame(weights.tolist())
    keeps = surrogate.masks(20, 64, 1)
    expected = context_cite(keeps, toy(keeps)[:, 0].astype(np.float64))
    found = surrogate.surrogate(toy.game, budget=64, seed=1).values[:, 0]
    assert np.argsort(-np.abs(found))[:3].tolist() == np.argsort(-np.abs(expected))[:3].tolist() == [3, 15, 8]
    np.testing.assert_allclose(found, expected, atol=0.6)  # ours shrinks more


def test_of_a_documents_sentences_it_finds_what_ours_finds(folder_of: Callable[[str], Path]) -> None:
    model: Any = load(str(folder_of("llama")))
    worker = InlineWorker(model)
    question = Question((), "What is in the picture?", document=SENTENCES, max_tokens=4)
    plan = Plan("surrogate", budget=64, players=("sentences",))
    answer = pipeline.ask(worker, question)
    players = pipeline.find_players(question, (), plan)
    assert players
    assert players.names() == [f"{sentence}." for sentence in SENTENCES[:-1].split(". ")]
    found = pipeline.explain(worker, answer, players, plan).scores.values
    keeps = surrogate.masks(players.count, plan.budget, plan.seed)
    asked = [players.hide(keep) for keep in keeps]
    replies = model.score(answer, asked).astype(np.float64)
    for token in range(len(answer.tokens)):
        expected = context_cite(keeps, replies[:, token], penalty(keeps, replies[:, token]))
        np.testing.assert_allclose(found[:, token], expected, atol=0.1 * np.abs(expected).max())
        agreed: Any = spearmanr(found[:, token], expected)
        assert agreed.statistic > 0.9
