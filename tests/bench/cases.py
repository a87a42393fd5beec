"""What the engines are asked: a drawn scene, an answer of a wished length, a grid, and which regions are hidden."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mmattr_app import pipeline
from mmattr_app.contracts import Worker
from mmattr_app.demo.scenes import scene
from mmattr_app.domain import Answer, Question, Task
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.probe import RememberingProbe
from mmattr_app.segmentation import Segmentation
from mmattr_app.workers.calls import Scoring
from mmattr_app.workers.inline import InlineWorker

PROMPT = "What is in the picture?"
STORY = "The answer is a small green tree at the top left, next to a house. A red car stands in front of two doors. "


def wrap(model: Any, processor: Any, *, batch: int | None = None) -> HuggingFaceModel:
    """Give our engine a model; it chooses its batch itself unless told."""
    precision = str(model.dtype).removeprefix("torch.")
    wrapped = HuggingFaceModel(model, processor, name="random weights", revision="0", precision=precision)
    wrapped._scorer.batch = batch or wrapped.batch
    return wrapped


def spare_nothing(model: HuggingFaceModel) -> HuggingFaceModel | None:
    """Switch off what our engine spares in tiled models, if there is any."""
    if not model._scorer._tower:
        return None
    model._scorer._tower, model._scorer._restarts = None, False
    return model


def tell(model: HuggingFaceModel, side: int, tokens: int) -> Answer:
    """Let the model score a text of that many tokens about a scene drawn `side` pixels wide."""
    words: Any = model._tokenizer
    ids = words(STORY * tokens, add_special_tokens=False)["input_ids"][:tokens]
    answer = pipeline.ask(InlineWorker(model), Question((scene(3, side).image,), PROMPT), words.decode(ids))
    assert len(answer.token_ids) == tokens, "the text should be read as it was cut"
    return answer


def grid(answer: Answer, regions: int) -> Segmentation:
    """Cut the picture into that many cells, as square as can be."""
    rows = next(rows for rows in range(math.isqrt(regions), 0, -1) if regions % rows == 0)
    return pipeline.segment(answer.question.image, f"grid:{rows}x{regions // rows}")


def spread(regions: int, count: int) -> list[int]:
    """Draw `count` of the regions, one from each stretch of them; zero, or as many as there are, is all."""
    if not 0 < count < regions:
        return list(range(regions))
    ends = np.linspace(0, regions, count + 1).round().astype(int)
    drawn = np.random.default_rng(0).integers(ends[:-1], ends[1:])
    return [int(region) for region in drawn]


def slices(regions: Sequence[int], size: int) -> list[list[int]]:
    """Cut the regions into turns of `size` pictures; the first has the whole picture besides."""
    first, rest = list(regions[: size - 1]), regions[size - 1 :]
    return [first, *(list(rest[start : start + size]) for start in range(0, len(rest), size))]


def probe_of(worker: Worker, task: Task) -> RememberingProbe:
    """Give a probe that asks a worker, which nobody watches."""
    return RememberingProbe(
        lambda keeps: next(worker.run(Scoring(task, keeps))),  # pyright: ignore[reportArgumentType]
        task,
        chunk=worker.chunk,
        lanes=worker.lanes,
        memo={},
        on_reply=lambda _keeps, _logprobs: None,
        cancelled=lambda: False,
    )
