"""The part of the message for the tab "Can I trust it?": measured curves with a verdict, and second maps."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import UNITS, Attribution, Curve, Measured, SecondMap
from mmattr_app.explorer.encoding import cached_while_alive, region_map
from mmattr_app.sentences import verdict

DIGITS = 4  # digits of a share or a probability on a curve
LOOKS = {"mean": "the mean colour", "blur": "a blur", "noise": "noise"}
SCORE_DIGITS = 3  # digits of a score on a small map
SAME_BEST = 0.5  # two maps agree on the best part if they share at least this much of their best tenths
SAME_ORDER = 0.7  # and agree everywhere if their ranks correlate by at least this much


@cached_while_alive
def measured(why: Attribution) -> list[dict[str, Any]]:
    """List the measurements of a map: curves, a verdict in a sentence, and how far the map is above chance."""
    first = Measured(why.chosen, why.figures)
    return [_encoded(why, one) for one in (first, *why.measured) if _curves(one)]


def _curves(one: Measured) -> dict[str, Curve]:
    return {name: figure for name, figure in one.figures.items() if isinstance(figure, Curve)}


def _encoded(why: Attribution, one: Measured) -> dict[str, Any]:
    above, says = one.figures.get("above-chance"), verdict(replace(why, selection=one.tokens, figures=one.figures))
    return {
        "tokens": list(one.tokens),
        "curves": {name: _points(curve) for name, curve in _curves(one).items()},
        "verdict": says,
        "above": round(above, DIGITS) if isinstance(above, float) else None,
        "chance": above <= 0 if isinstance(above, float) else "no better than chance" in says,
    }


def _points(curve: Curve) -> dict[str, Any]:
    """Encode a curve with its area, and `low` and `high` if it has a band."""
    lines = {"shares": curve.shares, "values": curve.values, "low": curve.low, "high": curve.high}
    points = {name: line.round(DIGITS).tolist() for name, line in lines.items() if line is not None}
    return {**points, "area": round(curve.area, DIGITS)}


def sure_scores(result: Attribution, tokens: Sequence[int], rows: NDArray[np.intp] | None = None) -> list[float]:
    """Give each region's score for some tokens; 0 where it is not sure that it differs from zero.

    `rows` are the players to list; None is the regions of all pictures.
    """
    scores = result.scores.values[:, list(tokens)].sum(axis=1)
    sure = np.where(result.scores.surely_not_zero(tokens), scores, 0)
    listed = np.concatenate([one.rows for one in result.players.pictured]) if rows is None else rows
    return sure[listed].astype(float).round(SCORE_DIGITS).tolist()


def occluder_shows(occluder: str) -> str:
    """Say what an occluder shows in place of a hidden region, such as "a blur"."""
    return LOOKS.get(occluder, occluder)


@cached_while_alive
def compared(why: Attribution) -> list[dict[str, Any]]:
    """List the second maps of words, each with the titles of both maps."""
    own = (
        f"Hidden by {occluder_shows(why.occluder)}" if why.reads != "weight" else why.method[0].upper() + why.method[1:]
    )
    return [
        {
            "tokens": list(one.tokens),
            "titles": [own, f"Hidden by {occluder_shows(one.occluder)}"],
            "unit": UNITS[one.reads],
            "says": one.says,
            "maps": _maps(why, one),
        }
        for one in why.compared
    ]


def _maps(why: Attribution, second: SecondMap) -> list[dict[str, Any]]:
    """Give a second map of each picture that has regions, with their scores."""
    shown = why.players.pictured
    cuts = second.segmentations or tuple(one.segmentation for one in shown)
    ends = np.cumsum([cut.regions for cut in cuts])
    return [
        {
            "picture": one.picture,
            "map": region_map(cut),
            "weights": second.scores[end - cut.regions : end].astype(float).round(SCORE_DIGITS).tolist(),
        }
        for one, cut, end in zip(shown, cuts, ends.tolist(), strict=True)
    ]


def hiding_says(
    words: str, method: str, places: Sequence[str], correlation: float, overlap: float, *, matters: bool
) -> str:
    """Say in two sentences whether hiding the part that has most weight changes anything.

    `places` are the best place by weight and the best place by hiding; one is empty if there is no such place.
    """
    weighed, hidden = places
    numbers = _in_numbers(correlation, overlap)
    if not weighed:
        return f"By {method} no region has weight for {words}, so there is nothing to compare."
    if not hidden:
        return f"By {method} {words} has most weight on {weighed}, but hiding no region surely changes it. {numbers}"
    if matters and overlap >= SAME_BEST:
        return f"Both maps agree: {words} has most weight on {weighed}, and hiding that part changes it. {numbers}"
    says = f"By {method} {words} has most weight on {weighed}"
    if weighed == hidden:
        also = (
            "where hiding changes it most, too" if matters else "but hiding changes it only where there is less weight"
        )
        return f"{says}, {also}. {numbers}"
    changes = "changes it, too, but less than hiding" if matters else "changes nothing for sure; what does is"
    return f"{says}. Hiding that part {changes} {hidden}. {numbers}"


def agreement_says(words: str, seen: Sequence[str], correlation: float, overlap: float) -> str:
    """Say in a sentence how far the maps of two occluders agree."""
    if overlap >= SAME_BEST and correlation >= SAME_ORDER:
        judged = "agree"
    elif overlap >= SAME_BEST:
        judged = "agree on the best part only"
    else:
        judged = "do not agree on the best part"
    hidden = f"With {seen[0]} and with {seen[1]} in place of what is hidden"
    return f"{hidden}, the maps of {words} {judged}: {_in_numbers(correlation, overlap)}"


def _in_numbers(correlation: float, overlap: float) -> str:
    return (
        f"{100 * overlap:.0f}% of the best tenths is the same, and the ranks of all places correlate by "
        f"{correlation:.2f} (1 is the same order, 0 is chance)."
    )
