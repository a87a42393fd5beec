"""The figures of a batch on maps whose figures are known."""

import numpy as np
import pytest

from mmattr_app.batch.figures import find_figures
from mmattr_app.batch.summary import draw_chart
from mmattr_app.domain import Attribution
from tests.explorer.moments import CAR, PIECES, REGIONS, done


def mapped(values: list[float]) -> Attribution:
    scores = np.zeros((REGIONS, len(PIECES)), np.float32)
    scores[: len(values), CAR] = values
    why = done(scores=scores).attribution
    assert why
    return why


@pytest.mark.parametrize(
    ("values", "share", "entropy"),
    [
        ([3.0], 1.0, 0.0),
        ([0.0, 3.0, -9.0], 1.0, 0.0),
        ([2.0] * REGIONS, 1 / REGIONS, 1.0),
        ([1.0, 1.0], 0.5, np.log(2) / np.log(REGIONS)),
        ([0.0], 1 / REGIONS, 1.0),
    ],
)
def test_one_region_is_local_and_all_alike_are_global(values: list[float], share: float, entropy: float) -> None:
    found = find_figures(mapped(values))
    assert (found.best_share, found.entropy) == (pytest.approx(share), pytest.approx(entropy, abs=1e-6))


def test_reliance_is_the_mean_over_the_tokens() -> None:
    assert find_figures(mapped([3.0])).reliance == pytest.approx((0.75 + 3.0 + 2.0 + 0.25) / len(PIECES))


def test_a_chart_counts_every_value_once() -> None:
    drawn = draw_chart("Reliance", "nats", [0.0, 0.5, 0.5, 2.0], to_one=False)
    counts = [int(part.split("<")[0]) for part in drawn.split("<title>")[1:]]
    assert (sum(counts), max(counts), len(counts)) == (4, 2, 10)
    assert "median 0.50, from 0.00 to 2.00" in drawn
