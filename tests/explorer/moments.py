"""Views for the tests: a picture of twelve regions and an answer whose reasons are known."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mmattr_app.arithmetic.pixel_maps import shrink
from mmattr_app.domain import Answer, Attribution, Question, Scores
from mmattr_app.explorer import View
from mmattr_app.players.regions import Regions
from mmattr_app.segmentation import Segmentation

PIECES = ("A", " red", " car", " and", " a", " wind", "mill", ".")
RED, CAR, WIND, MILL = 1, 2, 5, 6
REGIONS = 12  # three rows of four
HEIGHT, WIDTH = 96, 128


def picture() -> np.ndarray:
    """Draw something with colours of its own."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([rows * 2, columns, (rows + columns) % 200], axis=-1).astype(np.uint8)


def grid(rows: int = 3, columns: int = 4, shape: tuple[int, int] = (HEIGHT, WIDTH)) -> Segmentation:
    """Cut evenly."""
    down, right = np.mgrid[0 : shape[0], 0 : shape[1]]
    return Segmentation.from_labels(
        f"grid:{rows}x{columns}", down * rows // shape[0] * columns + right * columns // shape[1]
    )


def scores(pieces: Sequence[str] = PIECES) -> np.ndarray:
    """Regions 5 and 6 hold the car, 3 the windmill; 10 argues against the car; all else is zero."""
    values = np.zeros((REGIONS, len(pieces)), np.float32)
    if len(pieces) == len(PIECES):
        values[5, [RED, CAR]] = 0.5, 2.0
        values[6, [RED, CAR]] = 0.25, 1.0
        values[10, CAR] = -0.5
        values[3, [WIND, MILL]] = 2.0, 0.25
    return values


RESULT = {"method": "ablation", "reads": "measured loss", "occluder": "mean", "noise": 0.0}  # of a result, by default


def done(pieces: Sequence[str] = PIECES, prompt: str = "What is there?", **changes: Any) -> View:
    """Give a finished run; the changes are of the view, or of its result."""
    of_result = {name: changes.pop(name, usual) for name, usual in RESULT.items()}
    image, cut = changes.pop("image", picture()), changes.pop("segmentation", grid())
    full = np.full(len(pieces), -0.125, np.float32)
    blank = full.copy()
    if len(pieces) == len(PIECES):
        blank[[RED, CAR, WIND, MILL]] -= (0.75, 3.0, 2.0, 0.25)
    blank = changes.pop("blank", blank)
    question = Question((image,), prompt)
    noise = of_result["noise"]
    answer = Answer(question, tuple(range(len(pieces))), tuple(pieces), full, False, "toy", "1", "float32", noise)
    players = Regions(question, cut, of_result["occluder"])
    values, errors = changes.pop("scores", scores(pieces)), changes.pop("errors", (None, None))
    found = Scores(values, *errors)
    why = Attribution(answer, players, of_result["method"], None, 0, found, of_result["reads"], full, blank)
    return replace(View("done", says="12 regions hidden.", attribution=why, job="one"), **changes)


def estimated(error: float = 0.25, **changes: Any) -> View:
    """Give a fitted map with the same standard error everywhere; errors of two tokens have nothing to do together."""
    errors = np.full((REGIONS, len(PIECES)), error, np.float32), np.eye(len(PIECES), dtype=np.float32)
    return done(**{"method": "smooth", "reads": "estimate", "errors": errors, **changes})


def hiding(asked: int = 6, **changes: Any) -> View:
    """Give the same run with the first regions asked."""
    partial = scores()
    partial[asked:] = np.nan
    usual = {"state": "hiding", "says": f"Hiding region {asked + 1} of 12", "scores": partial}
    return done(**{**usual, "hiding": asked, "done": asked, "of": 12, **changes})


def overlapping() -> View:
    """Give three regions, each inside the one before; no region holds the right half."""
    masks = np.zeros((3, HEIGHT, WIDTH), bool)
    masks[0, :, :64] = True
    masks[1, 24:72, 8:56] = True
    masks[2, 40:56, 24:40] = True
    values = np.zeros((3, len(PIECES)), np.float32)
    values[:, CAR] = (1.0, -1.0, 2.0)
    return done(segmentation=Segmentation.from_masks("masks", masks), scores=values)


def pixels(*, for_all: bool = True) -> np.ndarray:
    """Draw maps: two tokens have a square of their own, and one of them a square that argues against it."""
    maps = np.zeros((len(PIECES) if for_all else 1, HEIGHT, WIDTH), np.float32)
    car, red = (maps[CAR], maps[RED]) if for_all else (maps[0], maps[0])
    car[: HEIGHT // 4, -WIDTH // 4 :] = 1e-4
    red[-HEIGHT // 4 :, : WIDTH // 4] = 5e-5
    car[HEIGHT // 2 - 8 : HEIGHT // 2 + 8, WIDTH // 2 - 8 : WIDTH // 2 + 8] = -1e-4
    return maps


def weighed(maps: np.ndarray, view: View | None = None, **changes: Any) -> View:
    """Give a result of a method that reads pixels."""
    view = view or done(method="attention-rollout", reads="weight", **changes)
    assert view.attribution
    scores = replace(view.attribution.scores, pixels=(shrink(maps),))
    return replace(view, attribution=replace(view.attribution, scores=scores))
