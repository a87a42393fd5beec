"""A plan: how to explain. Before any model runs it is checked, and refused with one sentence if it is wrong."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmattr_app.arithmetic.shares import count_shared_masks
from mmattr_app.contracts import Players
from mmattr_app.domain import Answer, Question, Sampling
from mmattr_app.errors import AppError
from mmattr_app.methods import METHODS
from mmattr_app.metrics import METRICS
from mmattr_app.players.regions import Regions, occluder
from mmattr_app.players.together import Together
from mmattr_app.players.words import LEFT_OUT, WAYS, find_words
from mmattr_app.segmentation import HowToCut, Segmentation, how_to_cut
from mmattr_app.settings import METHOD, settings

MOST_MASKS = 10_000  # the largest budget: all masks of a method are in memory at once
MOST_PICTURES = 8  # in one question
REGIONS = "regions"
PLAYERS = (REGIONS, *WAYS)  # names of all that may play


@dataclass(frozen=True)
class Plan:
    """How to explain."""

    method: str = METHOD
    occluder: str = "mean"
    budget: int | None = None  # masks; None is the method's own default
    seed: int = 0
    measure: tuple[str, ...] = ()  # names of metrics that measure the finished map
    players: tuple[str, ...] = (REGIONS,)  # names of what may be hidden, of PLAYERS
    word_occluder: str = LEFT_OUT  # the text in the place of a hidden word, or LEFT_OUT


def read_how_to_cut(regions: str | Sequence[str], pictures: int) -> HowToCut:
    """Read one text that is for all pictures, or a list with one for each."""
    if isinstance(regions, str):
        return regions
    if len(regions) not in (1, max(1, pictures)):
        raise AppError(
            f"{len(regions)} ways to cut are given for {pictures} pictures; give one for all of them, or one for each."
        )
    return how_to_cut(regions)


def read_refined(regions: str, plan: Plan) -> tuple[str, Plan]:
    """Translate "refine:5-16" of older links into a grid of 16x16 cells and the method coarse-to-fine."""
    match = re.fullmatch(r"refine:[0-9]{1,3}-([0-9]{1,3})", regions)
    return (f"grid:{match[1]}x{match[1]}", replace(plan, method="coarse-to-fine")) if match else (regions, plan)


def read_players(names: str | None, question: Question) -> tuple[str, ...]:
    """Read "regions,words"; None means regions if there is a picture, else sentences of a document, else words."""
    if names is None:
        return (REGIONS if question.pictures else "sentences" if question.document else "words",)
    return tuple(dict.fromkeys(name.strip() for name in names.split(",")))


def find_players(
    question: Question, cuts: Sequence[Segmentation], plan: Plan, answer: Answer | None = None
) -> Players | None:
    """Build the players of a plan: regions of each picture, as `cuts` says, and words.

    Words of the answer play only when the answer is given. None if nobody else plays and it is not given yet.
    """
    parts: list[Players] = []
    if REGIONS in plan.players:
        parts = [Regions(question, cut, plan.occluder, picture) for picture, cut in enumerate(cuts)]
    room = settings().max_regions - sum(part.count for part in parts)
    ways = [way for way in plan.players if way in WAYS and (answer or way != "answer")]
    if room < 0 or (ways and room < 1):
        raise AppError(f"At most {settings().max_regions} regions and words can play; cut the pictures more coarsely.")
    if ways:
        parts.append(find_words(question, ways, plan.word_occluder, room, answer))
    return join(parts) if parts else None


def join(parts: Sequence[Players]) -> Players:
    """Let players of several kinds, or of several pictures, play one game; those of a single one stay as they are."""
    return parts[0] if len(parts) == 1 else Together(parts)


def find_all_players(answer: Answer, cuts: Sequence[Segmentation], plan: Plan) -> Players:
    """Build the players of a plan now that the answer is known, words of it included, and check the plan with them."""
    players = find_players(answer.question, cuts, plan, answer)
    assert players, "regions or words play, or the plan was refused before"
    check_players(players, plan)
    return players


def check(
    question: Question, players: Players | None, plan: Plan, *, selects: bool = False, contrasts: bool = False
) -> None:
    """Raise an AppError if something is wrong; `players` is None while they are not known yet.

    `selects` says that words of the answer are chosen, `contrasts` that they are explained against another text.
    """
    limits = settings()
    if len(question.pictures) > MOST_PICTURES:
        raise AppError(f"{len(question.pictures)} pictures are given and the limit is {MOST_PICTURES}; give fewer.")
    if not question.prompt.strip():
        raise AppError("The question is empty; ask something about the picture.")
    if len(question.document) > limits.max_document:
        raise AppError(
            f"The document has {len(question.document)} characters and the limit is {limits.max_document}; shorten it."
        )
    if len(question.prompt) > limits.max_prompt:
        raise AppError(
            f"The question has {len(question.prompt)} characters and the limit is {limits.max_prompt}; shorten it."
        )
    if not 1 <= question.max_tokens <= limits.max_tokens:
        raise AppError(f"An answer can have 1 to {limits.max_tokens} tokens, not {question.max_tokens}.")
    _check_sampling(question.sampling)
    _check_plan(plan)
    _check_names(question, plan)
    check_scope(plan, selects=selects, contrasts=contrasts)
    occluder(plan.occluder)
    if players:
        check_players(players, plan)


def check_players(players: Players, plan: Plan) -> None:
    """Refuse a method that cannot score these players, and one that needs more masks for them than the budget."""
    _check_open(players, plan)
    _check_budget(players, plan)


def check_scope(plan: Plan, *, selects: bool, contrasts: bool = False) -> None:
    """Refuse a method that needs chosen words if none are chosen, and one that cannot explain a contrast."""
    method = METHODS[plan.method]
    if contrasts and (method.scope == "selection" or method.needs != "probe"):
        others = [name for name, other in METHODS.items() if other.scope == "all tokens" and other.needs == "probe"]
        raise AppError(f"{plan.method} cannot explain one text against another; use one of {', '.join(others)}.")
    if contrasts and "answer" in plan.players:
        raise AppError("Words of the answer cannot be hidden where it is explained against another; let others play.")
    if method.scope == "selection" and not selects:
        raise AppError(
            f"{plan.method} explains words that you choose; choose them with --word or --tokens, or on the page by "
            "explaining with another method first and clicking them."
        )


def count_masks(players: Players, plan: Plan, shared: Players | None = None) -> int:
    """Count the different masks that will be asked, those of everything and of nothing included.

    For metrics, and for a method that chooses masks as it goes, it counts the most that may be asked. `shared` are the
    players whose kinds get shares, if they are not the same players.
    """
    _check_plan(plan)
    masks = METHODS[plan.method].masks(players.count, plan.budget, plan.seed)
    measured = sum(METRICS[name].masks for name in plan.measure) + count_shared_masks((shared or players).kinds())
    if isinstance(masks, int):
        return 2 + masks + measured
    everything = np.ones((1, players.count), bool)
    return len({players.blank_key(), *players.keys(np.vstack([everything, masks]))}) + measured


def most_masks(players: int, plan: Plan) -> int:
    """Count the most masks that the method asks for this number of players, besides everything and nothing."""
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


def _check_names(question: Question, plan: Plan) -> None:
    if not plan.players:
        raise AppError("Choose what is hidden: regions of a picture, words, or pieces of the text.")
    for name in plan.players:
        if name not in PLAYERS:
            raise AppError(f"There are no players {name!r}; use some of {', '.join(PLAYERS)}, with commas between.")
    if REGIONS in plan.players and not question.pictures:
        raise AppError("No picture is given, so it has no regions; give one, or let words play.")
    if not plan.word_occluder.strip():
        raise AppError(f"Nothing is to be said for a hidden word; give {LEFT_OUT}, which leaves it out, or such as _.")


def _check_open(players: Players, plan: Plan) -> None:
    """Refuse a method that scores pixels of the pictures if words play, too."""
    regions = sum(one.segmentation.regions for one in players.pictured)
    if METHODS[plan.method].needs == "open model" and regions != players.count:
        raise AppError(
            f"{plan.method} scores regions of pictures only, no words; choose another method, such as smooth."
        )


def _check_budget(players: Players, plan: Plan) -> None:
    if plan.budget is None:
        return
    needed = most_masks(players.count, plan)
    if needed > plan.budget:
        of = "regions" if len(players.region_rows()) == players.count else "players"
        raise AppError(
            f"{plan.method} asks {needed} masks for {players.count} {of}, over the budget of {plan.budget}; "
            "raise the budget or cut the picture more coarsely."
        )
