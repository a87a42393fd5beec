"""Maps of the same words, made in several ways: how good and how dear each is, and how alike they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.agreement import ranks_of
from mmattr_app.domain import Answer, Attribution
from mmattr_app.results.heatmaps import Heat, find_heat
from mmattr_app.segmentation import Mask, Segmentation
from mmattr_app.studies.setups import Setup, usual_says

Cuts: TypeAlias = tuple[Segmentation, ...]  # the regions of each picture

POINTS = 256  # of a side of the picture, at most, at which two maps are compared


@dataclass(frozen=True, eq=False)
class ComparedMap:
    """One map, and how good and how dear it is."""

    name: str
    setup: Setup
    attribution: Attribution
    insertion: float
    deletion: float
    pointing: float | None  # share of the top region that lies on what the words name, where that is known
    asked: int  # masks that the model was asked
    remembered: int  # masks that were known from the maps before it
    seconds: float
    measured: tuple[int, int]  # masks that its figures asked, and that they found known

    @property
    def heats(self) -> list[Heat]:
        """Give each pixel of each picture its score; where regions overlap, their sum."""
        why = self.attribution
        return [find_heat(why, why.chosen, picture=number) for number in range(len(why.answer.question.pictures))]

    @property
    def likely(self) -> float:
        """Give the probability of the words by the model that this map is of."""
        why = self.attribution
        return float(np.exp(why.logprob_full[list(why.chosen)].sum(dtype=np.float64)))

    @cached_property
    def ranks(self) -> NDArray[np.float64]:
        """Give the order of the pixels by their scores."""
        return _ranks_over(self.heats)


@dataclass(frozen=True, eq=False)
class Comparison:
    """The maps, and how alike their orders are."""

    answer: Answer
    selection: tuple[int, ...] | None
    maps: tuple[ComparedMap, ...]
    correlations: NDArray[np.float64]  # [maps, maps], Spearman's, over the pixels; NaN where a map is all the same
    cuts: Mapping[str, Cuts] = field(default_factory=dict[str, Cuts])  # by the text of their regions

    @property
    def asked(self) -> int:
        """Count the masks that maps and figures asked together."""
        return sum(one.asked + one.measured[0] for one in self.maps)

    @property
    def saved(self) -> int:
        """Count those that maps and figures needed, too, and that were known already."""
        return sum(one.remembered + one.measured[1] for one in self.maps)

    @property
    def usual_says(self) -> str:
        """Say what the names of the maps leave out."""
        return usual_says([one.setup for one in self.maps]) if self.maps else ""

    @property
    def cuts_say(self) -> str:
        """Say how regions came out that were found for it, such as superpixels where SAM-2 could not be had."""
        return " ".join(dict.fromkeys(cut.says for cuts in self.cuts.values() for cut in cuts if cut.says))

    @property
    def several_models(self) -> bool:
        """Say whether maps of several models are compared."""
        return len({one.setup.model for one in self.maps}) > 1

    @property
    def one_measure(self) -> bool:
        """Say whether insertion and deletion of all maps hid the same things from the same model."""
        return len({one.setup.measured_by for one in self.maps}) <= 1


def share_on(result: Attribution, named: Mask) -> float:
    """Say how much of the top region lies on these pixels."""
    return float(named[result.segmentation.mask(int(_span(result).argmax()))].mean())


def correlate(heats: Sequence[Heat]) -> NDArray[np.float64]:
    """Give the rank correlation (Spearman) of any two maps of a picture, over its pixels or every few of them."""
    return alike([_ranks_over([heat]) for heat in heats])


def _ranks_over(heats: Sequence[Heat]) -> NDArray[np.float64]:
    """Rank the points of all pictures together."""
    points = [heat[:: _step(heat.shape[0]), :: _step(heat.shape[1])].ravel() for heat in heats]
    return ranks_of(np.concatenate(points))


def alike(ranks: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Give the correlation of any two of these; NaN where ranks are all the same."""
    centred = np.stack(ranks) - np.mean(ranks, axis=1, keepdims=True)
    sizes = np.linalg.norm(centred, axis=1)
    sizes[sizes == 0] = np.nan
    return centred @ centred.T / np.outer(sizes, sizes)


def _span(result: Attribution) -> NDArray[np.float32]:
    return result.scores.values[:, list(result.chosen)].sum(axis=1)


def _step(side: int) -> int:
    return -(-side // POINTS)
