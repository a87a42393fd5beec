"""A map in two plain sentences, and a verdict on it in one.

`describe` says where in the picture the support of some words lies, which share of the support and of the picture that
is, how sure it is, and how hiding the picture changes the probability. `verdict` says whether hiding the best regions
hurts more than hiding random ones.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic import curves
from mmattr_app.domain import INTERVAL, UNITS, Attribution, Curve

MATTERS = 0.3  # nats: words that lose less without the picture hardly need it
LEAST = 0.2  # nats or logits: smaller scores are not worth a sentence, however sure
VERY_SURE = 2.33  # standard errors: a best region with a smaller score gets the word "probably"
STRONG = 0.5  # share of the top score: regions from this score on are strong, and the sentence is about them
NAMED = 0.75  # share of the strong regions' support that the named places (three at most) must hold
SHARE = 0.1  # share of the picture that is hidden for the verdict, about
PLACES = (
    ("the upper left", "the top", "the upper right"),
    ("the left side", "the middle", "the right side"),
    ("the lower left", "the bottom", "the lower right"),
)


def describe(result: Attribution, tokens: Sequence[int]) -> str:
    """Describe the map of some tokens in two sentences; empty if it is no map of regions, or not finished."""
    tokens, cut = list(tokens), result.players.segmentation
    scores = result.scores.values[:, tokens].sum(axis=1, dtype=np.float64)
    full, blank = (float(logprobs[tokens].sum()) for logprobs in (result.logprob_full, result.logprob_blank))
    if cut is None or cut.regions != result.players.count or np.isnan([full, blank, *scores]).any():
        return ""
    called = name(result, tokens)
    if abs(full - blank) < MATTERS:
        odds = f"its probability is {percent(full)} with it and {percent(blank)} without it"
        return f"{called} hardly needs the picture: {odds}. So its map says little."
    least, top = _least_sure(result, tokens), int(scores.argmax())
    falls = f"takes its probability from {percent(full)} to {percent(blank)}"
    if scores[top] <= least[top]:
        largest = _write_score(result, tokens, top)
        return (
            f"No region surely supports {inside(called)}: the largest score is {largest}. "
            f"Hiding the whole picture {falls}."
        )
    first = f"{called} {_rests_on(result, tokens, least)}."
    if result.reads == "measured loss":
        one = (
            f"Hiding the best region alone takes its probability from {percent(full)} to {percent(full - scores[top])}"
        )
        return f"{first} {one}, and hiding the whole picture to {percent(blank)}."
    best = _write_score(result, tokens, top)
    return f"{first} The best region counts for {best}; hiding the whole picture {falls}."


def verdict(result: Attribution) -> str:
    """Compare hiding the best tenth of the picture with hiding a random tenth; empty if deletion was not measured."""
    curve, chance = (result.figures.get(figure) for figure in ("deletion", "random-deletion"))
    if not isinstance(curve, Curve):
        return ""
    tokens = list(result.chosen)
    point = 1 + int(np.abs(curve.shares[1:] - SHARE).argmin())
    share, left = float(curve.shares[point]), float(curve.values[point])
    order = curves.order_of(result.scores, tokens)
    hidden = ~curves.steps(result.players, order[::-1])[::-1][point]
    called = name(result, tokens)
    what = called if len(tokens) == 1 else f"the mean probability of the {len(tokens)} tokens of {inside(called)}"
    regions = "best region" if hidden.sum() == 1 else f"{hidden.sum()} best regions"
    fall = f"from {_share(float(curve.values[0]))} to {_share(left)}"
    said = f"Hiding the {regions}, {_share(share)} of the picture, takes {what} {fall}"
    if not isinstance(chance, Curve) or chance.low is None:
        return f"{said}."
    random, lowest = (float(np.interp(share, chance.shares, line)) for line in (chance.values, chance.low))
    no_better = left >= lowest
    more = " That is no better than chance: some of the random regions do as well." if no_better else ""
    return f"{said}; as much of it at random: {_share(random)}.{more}"


def words(result: Attribution) -> list[list[int]]:
    """List the tokens of each word of the answer, or of the selection that the result is for."""
    if result.selection is not None:
        return [list(result.selection)]
    found = [list(result.answer.tokens_at(*match.span())) for match in re.finditer(r"\w+", result.answer.text)]
    return [tokens for place, tokens in enumerate(found) if tokens not in found[:place]]


def name_places(result: Attribution) -> list[str]:
    """Name the place of each player in the first picture, in words; empty for a player that is no region of it."""
    names = [""] * result.players.count
    if result.players.segmentation is not None:
        for row, place in zip(result.players.region_rows().tolist(), _places(result).tolist(), strict=True):
            names[row] = place
    return names


def name(result: Attribution, tokens: Sequence[int]) -> str:
    """Quote some tokens, or call them the whole answer."""
    if len(tokens) == len(result.answer.tokens) > 1:
        return "The whole answer"
    return f"“{''.join(result.answer.tokens[token] for token in tokens).strip()}”"


def inside(called: str) -> str:
    """Write a name from `name` as it stands inside a sentence: with a small first letter."""
    return called[0].lower() + called[1:]


def percent(logprob: float) -> str:
    """Write the probability of a log-probability as a percentage."""
    return _share(float(np.exp(min(logprob, 0.0))))


def _share(share: float) -> str:
    if share < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < share < 0.9995 else f"{100 * share:.0f}%"


def _count(regions: NDArray[np.bool_]) -> str:
    return "1 region" if regions.sum() == 1 else f"{regions.sum()} regions"


def _rests_on(result: Attribution, tokens: list[int], least: NDArray[np.float64]) -> str:
    """Say where the support of some tokens is, how much it is, and where something argues against them."""
    scores, cut = result.scores.values[:, tokens].sum(axis=1, dtype=np.float64), result.segmentation
    error, top, low = result.scores.error(tokens), int(scores.argmax()), int(scores.argmin())
    rests = "rests" if error is None or scores[top] > VERY_SURE * error[top] else "probably rests"
    where, named = _strong_places(result, scores, sure=scores > least)
    heat = np.maximum(scores, 0) * cut.areas
    parts = f"{_count(named)} there, {_share(cut.areas[named].sum() / cut.atoms.size)} of its area"
    support = f"{parts}, with {_share(heat[named].sum() / heat.sum())} of the support"
    against = f", while {_places(result)[low]} argues against it" if scores[low] < -least[low] else ""
    return f"{rests} mostly on {where} of the picture: {support}{against}"


def _least_sure(result: Attribution, tokens: list[int]) -> NDArray[np.float64]:
    """Give for each region the size from which on its score is surely not zero, and worth a word: [regions]."""
    error = result.scores.error(tokens)
    sure = np.full(result.players.count, result.answer.noise) if error is None else INTERVAL * error.astype(np.float64)
    return np.maximum(sure, LEAST) if UNITS[result.reads] else sure


def _write_score(result: Attribution, tokens: list[int], region: int) -> str:
    """Write a region's score with its 90% interval and unit."""
    error = result.scores.error(tokens)
    off = "" if error is None else f" ± {INTERVAL * error[region]:.2f}"
    return f"{result.scores.values[region, tokens].sum():+.2f}{off} {UNITS[result.reads]}".strip()


def _strong_places(
    result: Attribution, scores: NDArray[np.float64], sure: NDArray[np.bool_]
) -> tuple[str, NDArray[np.bool_]]:
    """Name the places that hold most of the strong regions' support; give the mask [regions] of those regions."""
    strong = sure & (scores >= STRONG * scores.max())
    heat = np.where(strong, scores * result.segmentation.areas, 0)
    places = _places(result)
    support = {place: heat[places == place].sum() for place in dict.fromkeys(places[strong].tolist())}
    ranked = sorted(support, key=lambda place: -support[place])
    for count in (1, 2, 3):
        named = ranked[:count]
        if sum(support[place] for place in named) >= NAMED * heat.sum():
            *firsts, last = named
            return f"{', '.join(firsts)} and {last}" if firsts else last, strong & np.isin(places, named)
    return "many parts", strong


def _places(result: Attribution) -> NDArray[np.str_]:
    """Name the ninth of the picture in which the middle of each region is: [regions]."""
    cut = result.segmentation
    middles = result.players.places()[result.players.region_rows(), :2] * np.sqrt(cut.areas.mean()) / cut.shape
    rows, columns = np.clip((3 * middles).astype(int), 0, 2).T
    return np.array(PLACES)[rows, columns]
