"""From a picture and a prompt to an Attribution, with no page and no jobs: segment, ask, explain."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mmattr_app.arithmetic.shares import count_shared_masks
from mmattr_app.contracts import Players, Worker
from mmattr_app.contrast import Alternative, alternative, text_instead
from mmattr_app.domain import SERVED, Answer, Attribution, Pixels, Question
from mmattr_app.errors import AppError, Cancelled
from mmattr_app.listener import SILENT, Listener, Progress, ignore
from mmattr_app.models import load, wrap
from mmattr_app.plan import (
    REGIONS,
    Plan,
    check,
    check_players,
    check_scope,
    count_masks,
    find_all_players,
    find_players,
    join,
    read_how_to_cut,
    read_players,
    read_refined,
)
from mmattr_app.players.regions import Regions
from mmattr_app.probe import Memo
from mmattr_app.run import Run
from mmattr_app.segmentation import HowToCut, Segmentation, for_picture
from mmattr_app.segmenters import find_segmenter
from mmattr_app.segmenters.editing import cells
from mmattr_app.settings import settings
from mmattr_app.workers.calls import Answering, Segmenting
from mmattr_app.workers.inline import InlineWorker

__all__ = [
    "REGIONS",
    "SHARPENING",
    "Listener",
    "Plan",
    "Progress",
    "ask",
    "ask_instead",
    "check",
    "count_contrast_masks",
    "count_masks",
    "explain",
    "find_all_players",
    "find_players",
    "is_instant",
    "measure",
    "open_worker",
    "read_how_to_cut",
    "read_players",
    "read_refined",
    "segment",
    "segment_all",
    "share",
    "sharpen",
]

Value = TypeVar("Value", Answer, Segmentation)  # the value that a worker's call yields last

WHOLE = "grid:1x1"  # a picture as one region
SHARPENING = 32  # masks that sharpening one selection asks
FINEST = 32  # cells along a side of the picture, in the finest grid that sharpening reaches


def open_worker(
    model: str | tuple[Any, Any],
    *,
    device: str = "auto",
    dtype: str = "auto",
    on_loading: Callable[[str], None] = ignore,
) -> InlineWorker:
    """Load a model into this process, or take a loaded model with its processor.

    `on_loading` gets the progress of a download, in words. The worker loads other models onto the same device when it
    is asked for them.
    """

    def open_other(name: str) -> InlineWorker:
        return open_worker(name, device=device, on_loading=on_loading)

    if not isinstance(model, str):
        if (device, dtype) != ("auto", "auto"):
            raise AppError("A model that is loaded stays where it is; leave device and dtype at auto.")
        return InlineWorker(wrap(*model), open_other)
    return InlineWorker(load(model, device=device, dtype=dtype, on_loading=on_loading), open_other)


def is_instant(regions: HowToCut) -> bool:
    """Say whether `segment` needs no worker for these regions; a wrong name raises the same AppError."""
    each = (regions,) if isinstance(regions, str) else regions
    return all(find_segmenter(one)[0].run is not None for one in each)


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
    regions: HowToCut,
    worker: Worker | None = None,
    listener: Listener = SILENT,
    *,
    known: Sequence[Segmentation | None] = (),
) -> tuple[Segmentation, ...]:
    """Cut each picture, if regions play, and check the plan with the players that come of it.

    `known` are the regions of pictures that are cut already, in their order, with None for the others.
    """
    pictures = question.pictures if REGIONS in plan.players else ()
    found = dict(enumerate(known))
    cuts = tuple(
        found.get(number) or segment(one, for_picture(regions, number), worker, listener)
        for number, one in enumerate(pictures)
    )
    if players := find_players(question, cuts, plan):
        check_players(players, plan)
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
    """Run the method for every token at once, for a selection of tokens, or for a selection against another text.

    A selection against another text gets the shares of all that can be hidden, whoever plays.
    """
    check_scope(plan, selects=selection is not None, contrasts=instead is not None)
    shared, total = None, count_masks(players, plan)
    if instead and selection:
        shared = find_kinds(answer, plan, selection)
        total = 2 * count_masks(players, plan, shared)  # each mask is asked of both texts
    return Run(
        worker, {} if memo is None else memo, answer, players, plan, listener, selection,
        total=total, instead=instead, shared=shared,
    ).play()  # fmt: skip


def count_contrast_masks(answer: Answer, players: Players, plan: Plan, selection: Sequence[int]) -> int:
    """Count the masks of a selection against another text, its shares included; each is asked of both texts."""
    return 2 * count_masks(players, plan, find_kinds(answer, plan, selection))


def find_kinds(answer: Answer, plan: Plan, selection: Sequence[int] | None = None) -> Players:
    """Build players of all that an answer can come from: each picture as a whole, the texts, and its own words.

    Of a selection that is explained against another text, only the words before it are own words: both texts have them.
    """
    question = answer.question
    texts = {"words": question.prompt, "system": question.system, "paragraphs": question.document}
    said = answer if selection is None else replace(answer, tokens=answer.tokens[: selection[0]])
    texts["answer"] = "" if answer.revision == SERVED else said.text
    kinds = [REGIONS] * bool(question.pictures) + [name for name, text in texts.items() if text.strip()]
    everybody = replace(plan, players=tuple(kinds))
    cuts = [segment(picture, WHOLE) for picture in question.pictures]
    players = find_players(question, cuts, everybody, said)
    assert players, "the question has words"
    return players


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
    asked = result.answer, result.players, plan
    return Run(worker, memo, *asked, listener, result.selection, total=total, instead=instead).measure(result)


def share(worker: Worker, result: Attribution, *, memo: Memo, listener: Listener = SILENT) -> Attribution:
    """Add to a result how much of its answer came from the pictures, the question and the answer's own words.

    Each of these is hidden as a whole, in every combination with the others: 7 masks for a picture, a question and an
    answer. It does not matter who played for the result itself.
    """
    plan = Plan(result.method, result.occluder)
    players = find_kinds(result.answer, plan)
    total = count_shared_masks(players.kinds())
    return Run(worker, memo, result.answer, players, plan, listener, None, total=total).share(result)


def check_sharpening(question: Question, *, fuses: bool, contrasts: bool) -> None:
    """Refuse maps that cannot be sharpened."""
    if not question.pictures or fuses or contrasts:
        raise AppError("Only a map of pictures can be sharpened, no fused one and no contrast; leave these out.")


def sharpen(
    worker: Worker,
    attribution: Attribution,
    tokens: Sequence[int],
    *,
    memo: Memo | None = None,
    listener: Listener = SILENT,
) -> Attribution:
    """Make a finer map for a selection of tokens, with about SHARPENING masks, by cutting the regions that matter.

    These may lie in any picture. It starts from the result's own regions if each of them was hidden alone, and from a
    coarse grid of each picture otherwise.
    """
    answer, known, start = attribution.answer, None, None
    plan = Plan("coarse-to-fine", attribution.occluder, SHARPENING, attribution.seed)
    pictured = attribution.players.pictured
    if not pictured:
        raise AppError("No region of a picture played, so none can be cut finer; let regions play.")
    parts = list[Regions]()
    if _was_each_hidden(attribution):
        plan, known = replace(plan, budget=SHARPENING + attribution.players.count), attribution
        owners = list[NDArray[np.intp]]()
        for number, cut, rows in pictured:
            finest, owner = cells(cut, FINEST)
            parts.append(Regions(answer.question, finest, attribution.occluder, number, before=cut))
            owners.append(rows[owner])
        start = np.concatenate(owners)
    else:
        for number, cut, _ in pictured:
            high, wide = (min(FINEST, side) for side in cut.shape)
            finest = segment(answer.question.pictures[number], f"grid:{high}x{wide}")
            parts.append(Regions(answer.question, finest, attribution.occluder, number))
    return Run(
        worker, {} if memo is None else memo, answer, join(parts), plan, listener, tuple(tokens),
        total=2 + SHARPENING, start=start, known=known,
    ).play()  # fmt: skip


def _was_each_hidden(result: Attribution) -> bool:
    """Say whether each player is a region that was hidden alone, and no two regions overlap."""
    cuts = [one.segmentation for one in result.players.pictured]
    no_overlap = all(cut.holds.sum() == cut.holds.shape[1] for cut in cuts)  # each atom is in one region
    return result.reads == "measured loss" and sum(cut.regions for cut in cuts) == result.players.count and no_overlap


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
