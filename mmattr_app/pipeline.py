"""From a picture and a prompt to an Attribution, with no page and no jobs: segment, ask, explain."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from mmattr_app.arithmetic.shares import count_shared_masks
from mmattr_app.contracts import Players, Worker
from mmattr_app.contrast import Alternative, alternative, text_instead
from mmattr_app.domain import Answer, Attribution, Pixels, Question
from mmattr_app.errors import AppError, Cancelled
from mmattr_app.listener import SILENT, Listener, Progress, ignore
from mmattr_app.models import load, wrap
from mmattr_app.plan import REGIONS, Plan, check, check_scope, count_masks, find_players, read_players, read_refined
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo
from mmattr_app.run import Run
from mmattr_app.segmentation import Segmentation
from mmattr_app.segmenters import find_segmenter
from mmattr_app.segmenters.editing import cells
from mmattr_app.segmenters.saved import for_picture
from mmattr_app.settings import settings
from mmattr_app.workers.calls import Answering, Segmenting
from mmattr_app.workers.inline import InlineWorker

__all__ = [
    "Listener",
    "Plan",
    "Progress",
    "ask",
    "check",
    "count_masks",
    "explain",
    "explain_on",
    "find_players",
    "measure",
    "read_players",
    "read_refined",
    "segment",
    "segment_all",
    "segment_checked",
    "share",
    "sharpen",
]

Value = TypeVar("Value", Answer, Segmentation)  # the value that a worker's call yields last


SHARE_PLAYERS = ("words", "answer")  # players whose shares `share` measures, besides the pictures'
WHOLE = "grid:1x1"  # a picture as one region
SHARPENING = 32  # masks that sharpening one selection asks
FINEST = 32  # cells along a side of the picture, in the finest grid that sharpening reaches


def open_worker(
    model: str | tuple[Any, Any],
    *,
    device: str = "auto",
    dtype: str = "auto",
    says: Callable[[str], None] = ignore,
) -> InlineWorker:
    """Load a model into this process, or take a loaded model with its processor; `says` gets a download's progress.

    The worker loads other models onto the same device where it is asked for them.
    """

    def open_other(name: str) -> InlineWorker:
        return open_worker(name, device=device, says=says)

    if not isinstance(model, str):
        if (device, dtype) != ("auto", "auto"):
            raise AppError("A model that is loaded stays where it is; leave device and dtype at auto.")
        return InlineWorker(wrap(*model), open_other)
    return InlineWorker(load(model, device=device, dtype=dtype, says=says), open_other)


def is_instant(regions: str) -> bool:
    """Say whether `segment` needs no worker for these regions; a wrong name raises the same AppError."""
    return find_segmenter(regions)[0].run is not None


def segment(image: Pixels, regions: str, worker: Worker | None = None, listener: Listener = SILENT) -> Segmentation:
    """Cut the picture as `regions` says, such as "grid:8x8"; a worker is needed only where `is_instant` is False."""
    segmenter, how = find_segmenter(regions)
    if segmenter.run:
        return _checked(segmenter.run(image, how))
    assert worker, f"{regions} is cut in a worker"
    cut = _last_value(worker.run(Segmenting(image, regions)), Segmentation, listener.on_segmenting, listener.cancelled)
    return _checked(cut)


def segment_all(
    question: Question,
    plan: Plan,
    regions: str,
    worker: Worker | None = None,
    listener: Listener = SILENT,
    *,
    known: Segmentation | None = None,
) -> tuple[Segmentation, ...]:
    """Cut each picture, if regions play; `known` are the regions of the first picture, if it is cut already."""
    pictures = question.pictures if REGIONS in plan.players else ()
    return tuple(
        known if known and not number else segment(one, for_picture(regions, number), worker, listener)
        for number, one in enumerate(pictures)
    )


def segment_checked(
    question: Question,
    plan: Plan,
    regions: str,
    worker: Worker | None = None,
    listener: Listener = SILENT,
    *,
    known: Segmentation | None = None,
    selects: bool = False,
    contrasts: bool = False,
) -> tuple[Segmentation, ...]:
    """Cut each picture as `segment_all` does, and check the plan with the players that come of it."""
    cuts = segment_all(question, plan, regions, worker, listener, known=known)
    check(question, find_players(question, cuts, plan), plan, selects=selects, contrasts=contrasts)
    return cuts


def ask(worker: Worker, question: Question, text: str | None = None, listener: Listener = SILENT) -> Answer:
    """Let the model answer, or score `text` as its answer."""
    answer = _last_value(worker.run(Answering(question, text)), Answer, listener.on_text, listener.cancelled)
    return replace(answer, typed=text is not None)


def ask_instead(
    worker: Worker, answer: Answer, selection: Sequence[int], text: str, listener: Listener = SILENT
) -> Alternative:
    """Let the model score `text` in the place of the selected tokens."""
    scored = ask(worker, answer.question, text_instead(answer, selection, text), replace(listener, on_text=ignore))
    return alternative(answer, selection, text, scored)


def explain(
    worker: Worker,
    answer: Answer,
    players: Players,
    plan: Plan,
    *,
    selection: tuple[int, ...] | None = None,
    instead: Alternative | None = None,
    memo: Memo | None = None,
    listener: Listener = SILENT,
) -> Attribution:
    """Run the method for every token at once, for a selection of tokens, or for a selection against another text."""
    check_scope(plan, selects=selection is not None, contrasts=instead is not None)
    total = count_masks(players, plan) * (1 if instead is None else 2)
    run = Run(answer, players, plan, listener, selection, total=total, instead=instead)
    return run.play(worker, {} if memo is None else memo)


def explain_on(
    worker: Worker,
    answer: Answer,
    cuts: Sequence[Segmentation],
    plan: Plan,
    *,
    selection: tuple[int, ...] | None = None,
    instead: Alternative | None = None,
    memo: Memo | None = None,
    listener: Listener = SILENT,
) -> Attribution:
    """Explain with the players that the plan names, on these regions; check the plan with them first."""
    players = find_players(answer.question, cuts, plan, answer)
    assert players, "somebody plays, now that the answer is known"
    check(answer.question, players, plan, selects=selection is not None, contrasts=instead is not None)
    return explain(worker, answer, players, plan, selection=selection, instead=instead, memo=memo, listener=listener)


def measure(
    worker: Worker,
    result: Attribution,
    names: Sequence[str],
    *,
    memo: Memo,
    instead: Alternative | None = None,
    listener: Listener = SILENT,
    total: int = 0,
) -> Attribution:
    """Measure a finished map by these metrics; `total` is the number of masks that the listener is told to expect."""
    plan = Plan(result.method, result.occluder, result.budget, result.seed, tuple(names))
    run = Run(result.answer, result.players, plan, listener, result.selection, total=total, instead=instead)
    return run.measure(result, worker, memo)


def share(worker: Worker, result: Attribution, *, memo: Memo, listener: Listener = SILENT) -> Attribution:
    """Add to a result how much of its answer came from the pictures, the question and the answer's own words.

    Each of these is hidden as a whole, in every combination with the others: 7 masks for a picture, a question and an
    answer. It does not matter who played for the result itself.
    """
    question = result.answer.question
    kinds = (REGIONS, *SHARE_PLAYERS) if question.pictures else SHARE_PLAYERS
    plan = Plan(result.method, result.occluder, players=kinds)
    players = find_players(question, segment_all(question, plan, WHOLE), plan, result.answer)
    assert players, "the question has words"
    run = Run(result.answer, players, plan, listener, None, total=count_shared_masks(players.kinds()))
    return run.share(result, worker, memo)


def check_sharpening(question: Question, *, fuses: bool, contrasts: bool) -> None:
    """Refuse maps that cannot be sharpened."""
    if len(question.pictures) != 1 or fuses or contrasts:
        raise AppError("Only the map of one picture can be sharpened, no fused one and no contrast; leave these out.")


def sharpen(
    worker: Worker,
    attribution: Attribution,
    tokens: Sequence[int],
    *,
    memo: Memo | None = None,
    listener: Listener = SILENT,
) -> Attribution:
    """Make a finer map for a selection of tokens, with about SHARPENING masks, by cutting the regions that matter.

    It starts from the result's own regions if each of them was hidden alone, and from a coarse grid otherwise.
    """
    answer, cut, known = attribution.answer, attribution.players.segmentation, None
    if cut is None:
        raise AppError("No region of a picture played, so none can be cut finer; let regions play.")
    plan = Plan("coarse-to-fine", attribution.occluder, SHARPENING, attribution.seed)
    start = None
    no_overlap = cut.holds.sum() == cut.holds.shape[1]  # each atom is in one region
    if attribution.reads == "measured loss" and attribution.players.count == cut.regions and no_overlap:
        finest, start = cells(cut, FINEST)
        plan, known = replace(plan, budget=SHARPENING + cut.regions), attribution
    else:
        high, wide = (min(FINEST, side) for side in cut.shape)
        finest = segment(answer.question.image, f"grid:{high}x{wide}")
    players = Regions(answer.question, finest, attribution.occluder, before=cut if known else None)
    run = Run(answer, players, plan, listener, tuple(tokens), total=2 + SHARPENING, start=start, known=known)
    return run.play(worker, {} if memo is None else memo)


def _checked(cut: Segmentation) -> Segmentation:
    limit = settings().max_regions
    if cut.regions > limit:
        raise AppError(
            f"{cut.made_by} makes {cut.regions} regions and the limit is {limit}; cut the picture more coarsely."
        )
    return cut


def _last_value(
    events: Iterator[str | Value], kind: type[Value], tell: Callable[[str], None], cancelled: Callable[[], bool]
) -> Value:
    """Give the value that a call yields last; pass the words that it yields before to `tell`."""
    for event in events:
        if isinstance(event, kind):
            return event
        tell(str(event))
        if cancelled():
            raise Cancelled
    raise AssertionError(f"the last event is the {kind.__name__}")
