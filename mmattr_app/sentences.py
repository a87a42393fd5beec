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
OF_PICTURE = "{place} of picture {number}"  # how a sentence names a place in one of several pictures
PLACES = (
    ("the upper left", "the top", "the upper right"),
    ("the left side", "the middle", "the right side"),
    ("the lower left", "the bottom", "the lower right"),
)


def describe(result: Attribution, tokens: Sequence[int]) -> str:
    """Describe the map of some tokens in two sentences; empty if it is no map of regions, or not finished."""
    tokens, cuts = list(tokens), result.players.pictured
    scores = result.scores.values[:, tokens].sum(axis=1, dtype=np.float64)
    full, blank = (float(logprobs[tokens].sum()) for logprobs in (result.logprob_full, result.logprob_blank))
    if sum(one.segmentation.regions for one in cuts) != result.players.count or np.isnan([full, blank, *scores]).any():
        return ""
    if result.instead_of:
        return _describe_contrast(result, tokens, scores)
    called, several = name(result, tokens), len(cuts) > 1
    whole = "all pictures" if several else "the whole picture"
    if abs(full - blank) < MATTERS:
        it, what = ("them", "the pictures") if several else ("it", "the picture")
        odds = f"its probability is {percent(full)} with {it} and {percent(blank)} without {it}"
        return f"{called} hardly needs {what}: {odds}. So its map says little."
    least, top = _least_sure(result, tokens), int(scores.argmax())
    falls = f"takes its probability from {percent(full)} to {percent(blank)}"
    if scores[top] <= least[top]:
        nowhere = (
            f"No region surely supports {inside(called)}: the largest score is {_write_score(result, tokens, top)}."
        )
        return f"{nowhere} Hiding {whole} {falls}."
    first = f"{called} {_rests_on(result, tokens, least)}."
    if result.reads == "measured loss":
        one = (
            f"Hiding the best region alone takes its probability from {percent(full)} to {percent(full - scores[top])}"
        )
        return f"{first} {one}, and hiding {whole} to {percent(blank)}."
    return f"{first} The best region counts for {_write_score(result, tokens, top)}; hiding {whole} {falls}."


def _describe_contrast(result: Attribution, tokens: list[int], scores: NDArray[np.float64]) -> str:
    """Describe a map whose scores are no probabilities, but of words against others."""
    called, least = f"{name(result, tokens)} rather than “{result.instead_of}”", _least_sure(result, tokens)
    nowhere = f"No region surely supports {inside(called)}."
    return nowhere if (scores <= least).all() else f"{called} {_rests_on(result, tokens, least)}."


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
    regions = f"{hidden.sum()} best regions"
    if hidden.sum() == 1:
        named = result.players.names()[int(hidden.argmax())]
        regions = f"best region ({named})" if len(result.players.pictured) > 1 else "best region"
    fall = f"from {_share(float(curve.values[0]))} to {_share(left)}"
    pictures = "pictures" if len(result.players.pictured) > 1 else "picture"
    said = f"Hiding the {regions}, {_share(share)} of the {pictures}, takes {what} {fall}"
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


def name_places(result: Attribution, form: str = "picture {number}, {place}") -> list[str]:
    """Name the place of each player in its picture, in words, of several pictures also in which; empty for words."""
    return [str(place) for place in _places_said(result, form).tolist()]


def picture_shares(result: Attribution, tokens: Sequence[int]) -> dict[int, str]:
    """Give the share of each of several pictures in some tokens, as text, by its number; empty if it is not known."""
    shares = result.shares and (result.shares.given or result.shares)
    if not shares:
        return {}
    values, said = shares.values[:, list(tokens)].sum(axis=1), dict[int, str]()
    for kind, share, value in zip(shares.kinds, shares.of(tokens).tolist(), values.tolist(), strict=True):
        if match := re.fullmatch(r"picture (\d+)", kind):
            about = "about " if shares.estimated else ""
            said[int(match[1]) - 1] = f"{about}{100 * share:.0f}%{' against it' if value < 0 else ''}"
    return said


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
    scores = result.scores.values[:, tokens].sum(axis=1, dtype=np.float64)
    places = _places_said(result, OF_PICTURE)
    areas, pixels = _areas(result)
    error, top, low = result.scores.error(tokens), int(scores.argmax()), int(scores.argmin())
    rests = "rests" if error is None or scores[top] > VERY_SURE * error[top] else "probably rests"
    where, named = _strong_places(scores, areas, places, sure=scores > least)
    heat = np.maximum(scores, 0) * areas
    several = len(result.players.pictured) > 1
    of, its = ("", "the pictures'") if several else (" of the picture", "its")
    parts = f"{_count(named)} there, {_share(areas[named].sum() / pixels)} of {its} area"
    support = f"{parts}, with {_share(heat[named].sum() / heat.sum())} of the support"
    against = f", while {places[low]} argues against it" if scores[low] < -least[low] else ""
    return f"{rests} mostly on {where}{of}: {support}{against}"


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
    scores: NDArray[np.float64], areas: NDArray[np.float64], places: NDArray[np.object_], sure: NDArray[np.bool_]
) -> tuple[str, NDArray[np.bool_]]:
    """Name the places that hold most of the strong regions' support; give the mask [regions] of those regions."""
    strong = sure & (scores >= STRONG * scores.max())
    heat = np.where(strong, scores * areas, 0)
    support = {place: heat[places == place].sum() for place in dict.fromkeys(places[strong].tolist())}
    ranked = sorted(support, key=lambda place: -support[place])
    for count in (1, 2, 3):
        named = ranked[:count]
        if sum(support[place] for place in named) >= NAMED * heat.sum():
            *firsts, last = named
            return f"{', '.join(firsts)} and {last}" if firsts else last, strong & np.isin(places, named)
    return "many parts", strong


def _areas(result: Attribution) -> tuple[NDArray[np.float64], int]:
    """Count the pixels of each region, and of all pictures."""
    areas, pixels = np.zeros(result.players.count), 0
    for _, cut, rows in result.players.pictured:
        areas[rows] += cut.areas
        pixels += cut.atoms.size
    return areas, pixels


def _places_said(result: Attribution, form: str) -> NDArray[np.object_]:
    """Name the place of each region [players], of several pictures by `form`, which has {place} and {number}."""
    places, shown = _places(result), result.players.pictured
    if len(shown) > 1:
        for number, _, rows in shown:
            places[rows] = [form.format(place=place, number=number + 1) for place in places[rows].tolist()]
    return places


def _places(result: Attribution) -> NDArray[np.object_]:
    """Name the ninth of its picture in which the middle of each region is: [players]; nothing of other players."""
    names = np.full(result.players.count, "", object)
    for _, cut, rows in result.players.pictured:
        middles = result.players.places()[rows, :2] * np.sqrt(cut.areas.mean()) / cut.shape
        down, right = np.clip((3 * middles).astype(int), 0, 2).T
        names[rows] = np.array(PLACES, object)[down, right]
    return names
