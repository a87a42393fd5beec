"""The way from a picture and a prompt to an Attribution, with no screen: segment, ask, explain."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mmattr_app.atoms import Different
from mmattr_app.contracts import Worker
from mmattr_app.domain import (
    Answer,
    Attribution,
    Keeps,
    LogProbs,
    Pixels,
    Question,
    Sampling,
    Scores,
    Segmentation,
    Task,
)
from mmattr_app.errors import AppError, Cancelled
from mmattr_app.masking import occluder
from mmattr_app.methods import METHODS
from mmattr_app.models import load
from mmattr_app.probe import Memo, RememberingProbe
from mmattr_app.refining import Depth, finest_of, refine
from mmattr_app.segmenters import find
from mmattr_app.settings import settings
from mmattr_app.workers.inline import InlineWorker

Value = TypeVar("Value", Answer, Segmentation)  # what a worker's call ends in


@dataclass(frozen=True)
class Plan:
    """How to explain: chosen before any model runs, and checked then."""

    method: str = "ablation"
    occluder: str = "mean"
    budget: int | None = None
    seed: int = 0


def _ignore(*_: object) -> None:
    pass


@dataclass(frozen=True)
class Listener:
    """What a caller wants to hear of a long run, and its way to end it."""

    on_loading: Callable[[str], None] = _ignore  # how far the model's download is
    on_text: Callable[[str], None] = _ignore  # the answer so far
    on_answer: Callable[[Answer, int], None] = _ignore  # the answer, and how many masks will be asked
    on_chunk: Callable[[Keeps, LogProbs], None] = _ignore  # masks just answered
    cancelled: Callable[[], bool] = lambda: False
    on_regions: Callable[[Segmentation, NDArray[np.float32]], None] = _ignore  # they became finer; scores, or NaN
    on_cutting: Callable[[str], None] = _ignore  # how far a segmenter is that takes its time, in words


SILENT = Listener()
SHARPENING = 32  # masks for one selection
MOST_MASKS = 10_000  # of a budget; they are drawn, and held, all at once
QUARTER = 4  # from coarse to fine asks a quarter of the masks of the finest grid, the whole picture and none included


def open_worker(
    model: str, *, device: str = "auto", dtype: str = "auto", says: Callable[[str], None] = _ignore
) -> InlineWorker:
    """Load a model into this process; `says` hears how far a download is."""
    return InlineWorker(load(model, device=device, dtype=dtype, says=says))


def is_instant(regions: str) -> bool:
    """Say whether `segment` cuts so without a worker; what it says of a wrong name is the same."""
    return find(regions)[0].run is not None


def segment(image: Pixels, regions: str, worker: Worker | None = None, listener: Listener = SILENT) -> Segmentation:
    """Cut the picture as `regions` says, such as "grid:8x8"; only what is not instant needs a worker."""
    segmenter, how = find(regions)
    if segmenter.run:
        return _checked(segmenter.run(image, how))
    assert worker, f"{regions} is cut in a worker"
    return _checked(_end(worker.segment(image, regions), Segmentation, listener.on_cutting, listener.cancelled))


def _checked(cut: Segmentation) -> Segmentation:
    limit = settings().max_regions
    if cut.regions > limit:
        raise AppError(
            f"{cut.made_by} makes {cut.regions} regions and the limit is {limit}; cut the picture more coarsely."
        )
    return cut


def check(question: Question, segmentation: Segmentation | None, plan: Plan) -> None:
    """Say in one sentence what is wrong with a wish, before any model runs; the regions may come later."""
    limits = settings()
    if not question.prompt.strip():
        raise AppError("The prompt is empty; ask something about the picture.")
    if len(question.prompt) > limits.max_prompt:
        raise AppError(
            f"The prompt has {len(question.prompt)} characters and the limit is {limits.max_prompt}; shorten it."
        )
    if not 1 <= question.max_tokens <= limits.max_tokens:
        raise AppError(f"An answer can have 1 to {limits.max_tokens} tokens, not {question.max_tokens}.")
    _check_sampling(question.sampling)
    _check_plan(plan)
    occluder(plan.occluder)
    if segmentation is None:
        return
    if finest_of(segmentation) and plan.method != "ablation":
        raise AppError(f"From coarse to fine regions are hidden one by one: choose ablation, not {plan.method}.")
    _check_budget(segmentation, plan)


def ask(worker: Worker, question: Question, text: str | None = None, listener: Listener = SILENT) -> Answer:
    """Let the model answer, or score `text` as its answer."""
    return _end(worker.answer(question, text), Answer, listener.on_text, listener.cancelled)


def _end(
    events: Iterator[str | Value], kind: type[Value], tell: Callable[[str], None], cancelled: Callable[[], bool]
) -> Value:
    """Give the value that events end in; those before it are words for the listener."""
    for event in events:
        if isinstance(event, kind):
            return event
        tell(event)
        if cancelled():
            raise Cancelled
    raise AssertionError(f"the last event is the {kind.__name__}")


def explain(
    worker: Worker,
    answer: Answer,
    segmentation: Segmentation,
    plan: Plan,
    *,
    memo: Memo | None = None,
    listener: Listener = SILENT,
) -> Attribution:
    """Play the method's game on every token at once; cells that refine themselves are cut on the way."""
    listener.on_answer(answer, count_masks(segmentation, plan))
    probe_of = _probes(worker, answer, plan.occluder, {} if memo is None else memo, listener)
    if finest := finest_of(segmentation):
        depth = Depth(finest, _most(segmentation, finest, plan))
        finer = refine(probe_of, segmentation, depth, on_regions=listener.on_regions)
        return _attribution(answer, plan, finer.segmentation, Scores(finer.scores), full=finer.full, blank=finer.blank)
    probe = probe_of(segmentation)
    full = probe(np.ones((1, segmentation.regions), bool))[0]
    blank = probe.nothing()
    scores = METHODS[plan.method].run(probe, budget=plan.budget, seed=plan.seed)
    return _attribution(answer, plan, segmentation, scores, full=full, blank=blank)


def sharpen(
    worker: Worker,
    attribution: Attribution,
    tokens: Sequence[int],
    *,
    memo: Memo | None = None,
    listener: Listener = SILENT,
) -> Attribution:
    """Cut finer what matters to a selection of tokens, with about SHARPENING masks.

    It goes on from the regions as they are where each was hidden by itself, and from a coarse grid otherwise.
    """
    answer, start = attribution.answer, attribution.segmentation
    plan = Plan("ablation", attribution.occluder, SHARPENING, attribution.seed)
    scores: NDArray[np.float32] | None = attribution.scores.values
    if attribution.method != "ablation" or start.labels is None:
        start, scores = segment(answer.question.image, "refine:3-32"), None
    unknown = np.full((start.regions, len(answer.tokens)), np.nan, np.float32)
    listener.on_regions(start, unknown if scores is None else scores)
    listener.on_answer(answer, 2 + SHARPENING)
    probe_of = _probes(worker, answer, plan.occluder, {} if memo is None else memo, listener)
    depth = Depth(finest=32, masks=SHARPENING, top=2)
    finer = refine(probe_of, start, depth, groups=[tokens], scores=scores, on_regions=listener.on_regions)
    return _attribution(answer, plan, finer.segmentation, Scores(finer.scores), full=finer.full, blank=finer.blank)


def count_masks(segmentation: Segmentation, plan: Plan) -> int:
    """Count the different masks that are asked, the whole picture and none of it included.

    From coarse to fine it is the most that may be asked: what is split depends on the answers.
    """
    _check_plan(plan)
    if finest := finest_of(segmentation):
        return 2 + _most(segmentation, finest, plan)
    keeps = METHODS[plan.method].masks(segmentation.regions, plan.budget, plan.seed)
    whole, none = np.ones(segmentation.regions + 1, bool), np.zeros(segmentation.regions + 1, bool)
    with_rest = np.hstack([keeps, np.ones((len(keeps), 1), bool)])
    return len(Different(segmentation)(np.vstack([whole, none, with_rest])))


def _most(segmentation: Segmentation, finest: int, plan: Plan) -> int:
    """Say how many regions are hidden at most, from coarse to fine."""
    return plan.budget or max(segmentation.regions, finest**2 // QUARTER - 2)


def _probes(
    worker: Worker, answer: Answer, occluder: str, memo: Memo, listener: Listener
) -> Callable[[Segmentation], RememberingProbe]:
    """Make probes of one answer that share a memo, whatever the regions."""

    def probe(segmentation: Segmentation) -> RememberingProbe:
        task = Task(answer, segmentation, occluder)
        different = Different(segmentation)

        def on_chunk(keeps: Keeps, logprobs: LogProbs) -> None:
            if rows := different(keeps):  # a method may ask again what is known
                listener.on_chunk(keeps[rows], logprobs[rows])

        return RememberingProbe(
            lambda keeps: worker.score(task, keeps),
            task,
            chunk=worker.chunk,
            lanes=worker.lanes,
            memo=memo,
            on_chunk=on_chunk,
            cancelled=listener.cancelled,
        )

    return probe


def _attribution(
    answer: Answer, plan: Plan, segmentation: Segmentation, scores: Scores, *, full: LogProbs, blank: LogProbs
) -> Attribution:
    how = (plan.method, plan.occluder, plan.budget, plan.seed)
    return Attribution(answer, segmentation, *how, scores, logprob_full=full, logprob_blank=blank)


def _check_sampling(sampling: Sampling) -> None:
    if not 0 <= sampling.temperature <= 5:
        raise AppError(f"The temperature is {sampling.temperature:g}; give a number from 0 (greedy) to 5.")
    if not 0 < sampling.top_p <= 1:
        raise AppError(f"Top-p is {sampling.top_p:g}; give a number above 0 and at most 1, which is every token.")
    if not 0 <= sampling.seed < 1 << 63:
        raise AppError(f"The seed is {sampling.seed}; give a whole number from zero up.")


def _check_plan(plan: Plan) -> None:
    if plan.method not in METHODS:
        raise AppError(f"There is no method {plan.method!r}; use one of {', '.join(METHODS)}.")
    if plan.seed < 0:
        raise AppError(f"The seed is {plan.seed}; give a whole number from zero up.")
    if plan.budget is not None and not 1 <= plan.budget <= MOST_MASKS:
        raise AppError(f"The budget is {plan.budget} masks; give a whole number above zero, at most {MOST_MASKS}.")


def _check_budget(segmentation: Segmentation, plan: Plan) -> None:
    if plan.budget is None:
        return
    masks = METHODS[plan.method].masks(segmentation.regions, plan.budget, plan.seed)
    needed = segmentation.regions if finest_of(segmentation) else len(masks)
    if needed > plan.budget:
        raise AppError(
            f"{plan.method} asks {needed} masks for {segmentation.regions} regions, over the budget of {plan.budget}; "
            "raise the budget or cut the picture more coarsely."
        )
