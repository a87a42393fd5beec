"""Coarse to fine: score a few large cells, split those that matter most to each token, and go on with the parts."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Probe
from mmattr_app.domain import LogProbs, Segmentation
from mmattr_app.segmenters.editing import split

Values: TypeAlias = NDArray[np.float32]  # [regions, tokens]; NaN where a region was not asked yet
Group: TypeAlias = Sequence[int]  # tokens whose log-probabilities are added: one token, or a selection

SENSITIVE = 0.2  # of probability that a token loses without the picture (EAGLE): the others have no cause in it
PARTS = 4  # of a split region, at most
REFINED = ", refined"  # ends what such regions were made by
TOLERANCE = 0.75  # cells of uneven pixels may be a little finer than said


@dataclass(frozen=True)
class Depth:
    """How far to go."""

    finest: int  # cells a side of the picture, were they all as small as the smallest
    masks: int  # the most regions to ask about
    top: int = 1  # regions split for each group of tokens at a time


@dataclass(frozen=True, eq=False)
class Refined:
    """What came of it: regions of mixed sizes, each with the effect of hiding just it."""

    segmentation: Segmentation
    scores: Values
    full: LogProbs  # [tokens]
    blank: LogProbs  # [tokens]
    asked: int  # regions


def finest_of(segmentation: Segmentation) -> int | None:
    """Read from "refine:5-16" that these cells are a start, and how fine they may become."""
    match = re.fullmatch(r"refine:[0-9]+-([0-9]+)", segmentation.made_by)
    return int(match[1]) if match else None


def refine(
    probe_of: Callable[[Segmentation], Probe],
    start: Segmentation,
    depth: Depth,
    *,
    groups: Sequence[Group] | None = None,
    scores: Values | None = None,
    on_regions: Callable[[Segmentation, Values], None],
) -> Refined:
    """Split the regions that matter most to each group (by default each token that needs the picture).

    The top regions of a token are split, not those above a threshold: a region's loss and its parts' do not add up, so
    no threshold fits two sizes. Where no part comes out on top, the cause is in the whole and in none of them (a colour
    shows all over its object), and the split is taken back. `scores` are those of the start, if known.
    """
    probe = probe_of(start)
    full, blank = probe(np.ones((1, start.regions), bool))[0], probe.nothing()
    asked = start.regions if scores is None else 0
    values = full - probe(~np.eye(start.regions, dtype=bool)) if scores is None else scores
    wanted = _sensitive(full, blank) if groups is None else groups
    cut, whole = start, set[int]()  # regions that are not to be split
    while chosen := _top(cut, values, wanted, depth, whole)[: (depth.masks - asked) // PARTS]:
        finer, tried, parts = _split(cut, values, chosen)
        on_regions(finer, tried.copy())
        fresh = np.concatenate([parts[region] for region in chosen])
        tried[fresh] = full - probe_of(finer)(~np.eye(finer.regions, dtype=bool)[fresh])
        asked += len(fresh)
        good = [region for region in chosen if _on_top(tried[parts[region]], values, region, wanted, depth)]
        whole |= set(chosen) - set(good)
        cut, values, places = _split(cut, values, good)
        for region in good:
            values[places[region]] = tried[parts[region]]
    says = f"Approximate: {asked} regions asked, from coarse to fine; only those that matter most were cut finer."
    return Refined(replace(cut, made_by=start.made_by + REFINED, says=says), values, full, blank, asked)


def _sensitive(full: LogProbs, blank: LogProbs) -> list[Group]:
    """List the tokens that need the picture, those first that need it most."""
    loss = np.exp(full) - np.exp(blank)
    order = np.argsort(-loss, kind="stable")
    return [[int(token)] for token in order if loss[token] > SENSITIVE] or [[int(order[0])]]


def _top(cut: Segmentation, scores: Values, groups: Sequence[Group], depth: Depth, whole: set[int]) -> list[int]:
    """List the regions to split next: the first choices of all groups, then their second choices."""
    smallest = TOLERANCE * PARTS * cut.shape[0] * cut.shape[1] / depth.finest**2
    best = [_best(scores, group, depth) for group in groups]
    chosen = dict.fromkeys(int(region) for choices in np.transpose(best) for region in choices)
    return [region for region in chosen if region not in whole and cut.areas[region] >= max(smallest, 2)]


def _best(scores: Values, group: Group, depth: Depth) -> list[int]:
    return np.argsort(-scores[:, list(group)].sum(axis=1), kind="stable")[: depth.top].tolist()


def _split(
    cut: Segmentation, values: Values, regions: Sequence[int]
) -> tuple[Segmentation, Values, dict[int, list[int]]]:
    """Split these regions, and list the numbers of their parts, whose values are not known."""
    parts: dict[int, list[int]] = {}
    for region in regions:
        before = cut.regions
        cut = split(cut, region)
        parts[region] = [region, *range(before, cut.regions)]
    values = np.vstack([values, np.full((cut.regions - len(values), values.shape[1]), np.nan, np.float32)])
    values[list(parts)] = np.nan
    return cut, values, parts


def _on_top(parts: Values, scores: Values, region: int, groups: Sequence[Group], depth: Depth) -> bool:
    """Say whether a part says more than every other region, for all groups that had this one split."""
    others = np.delete(scores, region, axis=0)
    return all(
        parts[:, list(group)].sum(axis=1).max() >= others[:, list(group)].sum(axis=1).max(initial=-np.inf)
        for group in groups
        if region in _best(scores, group, depth)
    )
