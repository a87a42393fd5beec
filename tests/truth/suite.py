"""Games whose right map is known, for every method: `python -m tests.truth.suite` prints who passes what.

A score that must be zero is exactly zero where it was measured; where it was estimated, its mean over seeds is within
three standard errors of zero: those of the mean, or those that the method itself gives, where they are larger.
"""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from mmattr_app import pipeline
from mmattr_app.contracts import Game, Probe, Worker
from mmattr_app.demo.scenes import FISH, TAG, Staging, scene
from mmattr_app.domain import Answer, Keeps, LogProbs, Pixels, Question, Scores
from mmattr_app.methods import METHODS
from mmattr_app.models import load
from mmattr_app.pipeline import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo
from mmattr_app.segmentation import Segmentation
from mmattr_app.workers.inline import InlineWorker
from tests.families import FAMILIES
from tests.games import explain_regions

SEEDS = range(8)
EXACT, BOUND = 1e-6, 3.0
SIDE = 8  # of the composite, in players
ROWS, COLUMNS = np.indices((SIDE, SIDE))
WEIGHTS = {9: 2.0, 10: 2.0, 17: 1.5, 18: 1.0, 41: -1.5}  # of its players; 33 and 34 are worth 1.5 together


Matrix = NDArray[np.float64]


class Composite:
    """One token that depends on the left half of the players, in a sum and in a pair; players 9 and 10 are alike."""

    tokens = 1

    def __call__(self, keep: Keeps) -> LogProbs:
        """Give the log-probability of a logistic sum."""
        logits = sum(weight * keep[:, player] for player, weight in WEIGHTS.items()) + 1.5 * (keep[:, 33] & keep[:, 34])
        return -np.logaddexp(0, 2 - logits).astype(np.float32)[:, None]

    def nothing(self) -> LogProbs:
        """Show no player."""
        return self(np.zeros((1, SIDE**2), bool))[0]

    def of(self, tokens: object) -> Probe:
        """There is only one token."""
        del tokens
        return self


def null_players(method: str) -> bool:
    """Score as zero what cannot matter: the right quarter of a composite of which only the left half does."""
    values, errors = _composite(method)
    right = (COLUMNS >= SIDE - 2).ravel()
    return _is_zero(values[:, right], errors[:, right], method)


def duplicates(method: str) -> bool:
    """Score alike two players that are worth the same and stand side by side."""
    values, errors = _composite(method)
    return _is_zero(values[:, 9] - values[:, 10], np.hypot(errors[:, 9], errors[:, 10]), method)


def signs(method: str) -> bool:
    """Score above zero the player that supports the word most, and below zero the one that argues against it."""
    mean = _composite(method)[0].mean(axis=0)
    return bool(mean[[9, 10]].min() > 0 > mean[41]) and int(mean.argmax()) in (9, 10, 17)


def blind_strip(method: str) -> bool:
    """Score as zero the columns that the processor of a LLaVA cuts off, which its model never sees."""
    values, errors = _strips(method, "black")
    return _is_zero(values[:, [0, 5]], errors[:, [0, 5]], method)


def constant_area(method: str) -> bool:
    """Score as zero a white column that is hidden with white."""
    values, errors = _strips(method, "white")
    return _is_zero(values[:, 2], errors[:, 2], method)


def what_changed(method: str) -> bool:
    """Find what makes two models differ (BAM): Clever Hans says "fish" because of a tag, the demo model does not."""
    image, tag = _tagged()
    maps: list[Matrix] = []
    for model in ("clever-hans", "demo"):
        worker, answer, memo, tokens = _saying_fish(model)
        values = _explain(worker, answer, pipeline.segment(image, "grid:2x4"), Plan(method), memo, tokens).values
        word = values[:, list(tokens)].sum(axis=1, dtype=np.float64)
        maps.append(word / max(np.linalg.norm(word), 1e-9))  # zero where a word needs no region
    return int(maps[0].argmax()) == tag and int((maps[0] - maps[1]).argmax()) == tag


TRUTHS: dict[str, Callable[[str], bool]] = {
    "null players": null_players,
    "duplicates": duplicates,
    "signs": signs,
    "blind strip": blind_strip,
    "constant area": constant_area,
    "what changed": what_changed,
}
NAMES = [name for name, method in METHODS.items() if method.needs == "probe"]


def row(method: str) -> str:
    """Write the row of a method as it stands in docs/trust.md."""
    return f"| `{method}` | {' | '.join('pass' if holds(method) else 'fail' for holds in TRUTHS.values())} |"


def _is_zero(values: Matrix, errors: Matrix, method: str) -> bool:
    """Judge values of several seeds: [seeds, ...]."""
    if METHODS[method].reads == "measured loss":
        return bool((np.abs(values) < EXACT).all())
    error = np.maximum(values.std(axis=0, ddof=1) / len(values) ** 0.5, errors.mean(axis=0))
    return bool((np.abs(values.mean(axis=0)) <= BOUND * error + EXACT).all())


@cache
def _composite(method: str) -> tuple[Matrix, Matrix]:
    """Give scores and their errors: [seeds, players]."""
    cut = Segmentation.from_labels("composite", ROWS * SIDE + COLUMNS)
    players = Regions(Question((np.zeros((SIDE, SIDE, 3), np.uint8),), "?"), cut, "white")
    game = Game(Composite(), players, (0,))
    return _first_token(METHODS[method].run(game, budget=None, seed=seed) for seed in SEEDS)


def _first_token(runs: Iterable[Scores]) -> tuple[Matrix, Matrix]:
    values: list[NDArray[np.float32]] = []
    errors: list[NDArray[np.float32]] = []
    for scores in runs:
        of_each = slice(None) if scores.groups is None else scores.groups
        values.append(scores.values[of_each, 0])
        errors.append(np.zeros_like(values[-1]) if scores.errors is None else scores.errors[of_each, 0])
    return np.array(values, float), np.array(errors, float)


@cache
def _llava() -> InlineWorker:
    with TemporaryDirectory() as folder:
        FAMILIES["llava"](Path(folder))
        return InlineWorker(load(folder, device="cpu"))


@cache
def _memo(name: str) -> Memo:
    del name
    return {}


def _strips(method: str, occluder: str) -> tuple[Matrix, Matrix]:  # [seeds, columns]
    """Explain a picture twice as wide as high by six columns: of the outer ones the model sees nothing."""
    image = np.kron(np.random.default_rng(0).integers(0, 255, (6, 12, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    image[:, 32:48] = 255
    worker = _llava()
    answer = pipeline.ask(worker, Question((image,), "What?", max_tokens=1))
    cut = pipeline.segment(image, "grid:1x6")
    plans = (Plan(method, occluder, seed=seed) for seed in SEEDS)
    return _first_token(_explain(worker, answer, cut, plan, _memo("strips"), (0,)) for plan in plans)


@cache
def _tagged() -> tuple[Pixels, int]:
    """Draw a scene with a tag and no fish; give it, and the region of a grid of 2x4 that holds most of the tag."""
    drawn = scene(2, 512, Staging(tag=True, fish=False))
    cut = pipeline.segment(drawn.image, "grid:2x4")
    return drawn.image, int(np.bincount(cut.atoms[drawn.masks[TAG]], minlength=cut.regions).argmax())


@cache
def _saying_fish(model: str) -> tuple[Worker, Answer, Memo, tuple[int, ...]]:
    """Let a model say what Clever Hans says of the scene; give the tokens of "fish" besides, and a memory."""
    question = Question((_tagged()[0],), "Describe the picture.")
    worker = InlineWorker(load(model, device="cpu"))
    text = None if model == "clever-hans" else _saying_fish("clever-hans")[1].text
    answer = pipeline.ask(worker, question, text)
    return worker, answer, {}, tuple(place for place, piece in enumerate(answer.tokens) if FISH in piece)[:1]


def _explain(
    worker: Worker, answer: Answer, cut: Segmentation, plan: Plan, memo: Memo, tokens: tuple[int, ...]
) -> Scores:
    selection = tokens if METHODS[plan.method].scope == "selection" else None
    return explain_regions(worker, answer, cut, plan, memo=memo, selection=selection).scores


if __name__ == "__main__":
    for name in NAMES:
        print(row(name))  # noqa: T201
