"""One race: every engine hides the same regions, in turns, and what each took is held against Captum and the device."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from tests.bench.limits import Seconds, count_operations, peak_memory, take_time
from tests.bench.peers import Case, Engine, Losses, Slices

Runner = tuple[Case, Engine]


@dataclass(frozen=True)
class Weight:
    """What a picture costs an engine whatever the clock says."""

    operations: float
    memory: float | None  # bytes at the peak of a slice, above the model


@dataclass
class Lane:
    """What an engine did."""

    losses: list[Losses] = field(default_factory=list)
    pictures: int = 0
    took: Seconds = field(default_factory=Seconds)

    @property
    def each(self) -> Seconds:
        """Give the time of one picture."""
        return Seconds(self.took.wall / self.pictures, self.took.cpu / self.pictures)


@dataclass(frozen=True)
class Line:
    """A line of the table; times are those of one picture, in seconds."""

    model: str
    regions: int
    hidden: int
    engine: str
    precision: str
    wall: float
    cpu: float
    faster_wall: float  # how many times as fast as the yardstick, which is Captum or stands in for it
    faster_cpu: float
    memory: float | None
    difference: float  # the largest to the yardstick's scores, in nats
    ranks: float  # mean over tokens of the rank correlation with them
    operations: float
    limit_wall: float = 0.0  # share of the device's matrix limit
    limit_cpu: float = 0.0

    def against(self, rate: Seconds) -> "Line":
        """Hold it against the device's best rate, in operations a second."""
        return replace(
            self,
            limit_wall=self.operations / self.wall / rate.wall,
            limit_cpu=self.operations / self.cpu / rate.cpu,
        )


def weigh(device: str, runner: Runner, regions: Sequence[int]) -> Weight:
    """Warm the engine up, then count a slice, on another picture than that of the race: nothing may be remembered."""
    case, engine = runner
    asked = case.answer.question
    other = replace(asked, pictures=(np.ascontiguousarray(np.roll(asked.image, asked.image.shape[1] // 3, axis=1)),))
    case = replace(case, answer=replace(case.answer, question=other))
    list(engine(case, [regions[:1]]))
    operations: list[int] = []
    pictures: list[int] = []

    def work() -> None:
        pictures.extend(count for _, count in engine(case, [regions]))

    memory = peak_memory(device, lambda: operations.append(count_operations(work)))
    return Weight(operations[0] / sum(pictures), memory)


def race(device: str, runners: dict[str, Runner], slices: Slices) -> dict[str, Lane]:
    """Let every engine do a slice, then each the next: a machine that others use is then slow for all of them."""
    lanes = {name: Lane() for name in runners}
    running = {name: engine(case, slices) for name, (case, engine) in runners.items()}
    for _ in slices:
        for name, lane in lanes.items():
            (losses, pictures), took = take_time(device, lambda name=name: next(running[name]))
            lane.losses.append(losses)
            lane.pictures += pictures
            lane.took += took
    return lanes


def compare(
    model: str, runners: dict[str, Runner], lanes: dict[str, Lane], weights: dict[str, Weight], yardstick: str
) -> list[Line]:
    """Hold every engine against the yardstick."""
    found: list[Line] = []
    theirs, expected = lanes[yardstick].each, np.concatenate(lanes[yardstick].losses)
    for name, lane in lanes.items():
        case, losses = runners[name][0], np.concatenate(lane.losses)
        line = Line(
            model=model,
            regions=case.cut.regions,
            hidden=len(losses),
            engine=name,
            precision=case.model.precision,
            wall=lane.each.wall,
            cpu=lane.each.cpu,
            faster_wall=theirs.wall / lane.each.wall,
            faster_cpu=theirs.cpu / lane.each.cpu,
            memory=weights[name].memory,
            difference=float(np.abs(losses - expected).max()),
            ranks=correlate(losses, expected),
            operations=weights[name].operations,
        )
        found.append(line)
    return found


def correlate(losses: Losses, expected: Losses) -> float:
    """Give the mean over tokens of the rank correlation of the regions."""
    pairs = [(one, two) for one, two in zip(losses.T, expected.T, strict=True) if one.std() and two.std()]
    found: list[Any] = [spearmanr(one, two)[0] for one, two in pairs]
    return float(np.mean(found))
