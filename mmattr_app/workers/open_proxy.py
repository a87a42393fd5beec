"""The open model that methods get, a proxy: it sends each question as a call to a worker, and can be cancelled."""

from collections.abc import Callable, Sequence

import numpy as np

from mmattr_app.contracts import Call, Value, Worker
from mmattr_app.domain import Task
from mmattr_app.white_box import Combine, Floats, Fold, GradientMaps, Line, Maps, Positions
from mmattr_app.workers.calls import Activations, Attentions, Gradients, Spreading, ask


class OpenProxy:
    """An open model that is asked through a worker; `on_pass` is called after every pass through the model."""

    def __init__(
        self, worker: Worker, task: Task, *, on_pass: Callable[[], None], cancelled: Callable[[], bool]
    ) -> None:
        """Take the worker and the task."""
        self._worker, self._task = worker, task
        self._on_pass, self._cancelled = on_pass, cancelled

    def gradients(self, line: Line, spans: Sequence[Sequence[int]]) -> GradientMaps:
        """Ask for one point of the line at a time, so that other sessions get turns in between."""
        asked = [
            self._run(Gradients(self._task, Line(line.start, line.end, (share,), (weight,), line.sizes), spans))
            for share, weight in zip(line.shares, line.weights, strict=True)
        ]
        maps = [np.sum(of_points, axis=0) for of_points in zip(*(one.maps for one in asked), strict=True)]
        return GradientMaps(
            maps, np.concatenate([one.totals for one in asked]), np.concatenate([one.logprobs for one in asked])
        )

    def attentions(self, fold: Fold, *, with_gradients: bool = False) -> Positions:
        """Fold the attention of all layers."""
        return self._run(Attentions(self._task, fold, with_gradients))

    def activations(self) -> Positions:
        """Give the activations."""
        return self._run(Activations(self._task))

    def features(self, combine: Combine) -> Positions:
        """Combine features and gradients."""
        return self._run(Activations(self._task, combine))

    def spread(self, weights: Floats) -> Maps:
        """Spread weights over the pictures; this takes no pass through the model, so `on_pass` is not called."""
        return ask(self._worker, Spreading(self._task, weights), self._cancelled)

    def _run(self, call: Call[Value]) -> Value:
        value = ask(self._worker, call, self._cancelled)
        self._on_pass()
        return value
