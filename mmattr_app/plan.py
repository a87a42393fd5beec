"""What a person may ask for: how to explain, and in one sentence what is wrong with it before any model runs."""

import re
from dataclasses import dataclass, replace

import numpy as np

from mmattr_app.contracts import Players
from mmattr_app.domain import Question, Sampling
from mmattr_app.errors import AppError
from mmattr_app.methods import METHODS
from mmattr_app.metrics import METRICS
from mmattr_app.players.regions import occluder
from mmattr_app.settings import METHOD, settings

MOST_MASKS = 10_000  # of a budget; they are drawn, and held, all at once


@dataclass(frozen=True)
class Plan:
    """How to explain."""

    method: str = METHOD
    occluder: str = "mean"
    budget: int | None = None
    seed: int = 0
    measure: tuple[str, ...] = ()  # names of metrics, by which the map is measured at the end


def read_refined(regions: str, plan: Plan) -> tuple[str, Plan]:
    """Read "refine:5-16" of older links: a grid of the finest cells, and the method that splits coarse ones."""
    match = re.fullmatch(r"refine:[0-9]{1,3}-([0-9]{1,3})", regions)
    return (f"grid:{match[1]}x{match[1]}", replace(plan, method="coarse-to-fine")) if match else (regions, plan)


def check(
    question: Question, players: Players | None, plan: Plan, *, selects: bool = False, contrasts: bool = False
) -> None:
    """Say in one sentence what is wrong; the players may come later.

    `selects` says that words of the answer are chosen, `contrasts` that something else is named in their place.
    """
    limits = settings()
    if len(question.pictures) != 1:
        raise AppError(f"{len(question.pictures)} pictures are given; a question can be about one, so give one.")
    if not question.prompt.strip():
        raise AppError("The prompt is empty; ask something about the picture.")
    if len(question.prompt) > limits.max_prompt:
        raise AppError(
            f"The prompt has {len(question.prompt)} characters and the limit is {limits.max_prompt}; shorten it."
        )
    if not 1 <= question.max_tokens <= limits.max_tokens:
        raise AppError(f"An answer can have 1 to {limits.max_tokens} tokens, not {question.max_tokens}.")
    _check_sampling(question.sampling)
    _check_plan(plan)
    check_scope(plan, selects=selects, contrasts=contrasts)
    occluder(plan.occluder)
    if players:
        _check_budget(players, plan)


def check_scope(plan: Plan, *, selects: bool, contrasts: bool = False) -> None:
    """Refuse a method for chosen words where none are chosen, and one that knows no differences."""
    if METHODS[plan.method].scope != "selection":
        return
    if contrasts:
        others = ", ".join(name for name, method in METHODS.items() if method.scope == "all tokens")
        raise AppError(f"{plan.method} cannot explain one text against another; use one of {others}.")
    if not selects:
        raise AppError(
            f"{plan.method} explains words that you choose; choose them with --word or --tokens, or on the page by "
            "explaining with another method first and clicking them."
        )


def count_masks(players: Players, plan: Plan) -> int:
    """Count the different masks that are asked, those of everything and of nothing included.

    For a method that decides as it goes, and for metrics, it is the most that may be asked.
    """
    _check_plan(plan)
    masks = METHODS[plan.method].masks(players.count, plan.budget, plan.seed)
    measured = sum(METRICS[name].masks for name in plan.measure)
    if isinstance(masks, int):
        return 2 + masks + measured
    everything = np.ones((1, players.count), bool)
    return len({players.blank_key(), *players.keys(np.vstack([everything, masks]))}) + measured


def most_masks(players: int, plan: Plan) -> int:
    """Give the most masks that the method asks of so many players, besides everything and nothing."""
    masks = METHODS[plan.method].masks(players, plan.budget, plan.seed)
    return masks if isinstance(masks, int) else len(masks)


def _check_sampling(sampling: Sampling) -> None:
    if not 0 <= sampling.temperature <= 5:
        raise AppError(f"The temperature is {sampling.temperature:g}; give a number from 0 (greedy) to 5.")
    if not 0 < sampling.top_p <= 1:
        raise AppError(f"Top-p is {sampling.top_p:g}; give a number above 0 and at most 1, which is every token.")
    if not 0 <= sampling.seed < 1 << 63:
        raise AppError(f"The seed is {sampling.seed}; give a whole number from zero up.")


def _check_plan(plan: Plan) -> None:
    if plan.method not in METHODS:
        raise AppError(f"There is no method {plan.method!r}; use one of {', '.join(METHODS)}.")
    for name in plan.measure:
        if name not in METRICS:
            raise AppError(f"There is no metric {name!r}; use some of {', '.join(METRICS)}.")
    if plan.seed < 0:
        raise AppError(f"The seed is {plan.seed}; give a whole number from zero up.")
    if plan.budget is not None and not 1 <= plan.budget <= MOST_MASKS:
        raise AppError(f"The budget is {plan.budget} masks; give a whole number above zero, at most {MOST_MASKS}.")


def _check_budget(players: Players, plan: Plan) -> None:
    if plan.budget is None:
        return
    needed = most_masks(players.count, plan)
    if needed > plan.budget:
        raise AppError(
            f"{plan.method} asks {needed} masks for {players.count} regions, over the budget of {plan.budget}; "
            "raise the budget or cut the picture more coarsely."
        )
