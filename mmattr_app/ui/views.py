"""From what the app knows to what the explorer shows: a preview, a job as it stands, an example."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mmattr_app.domain import Attribution, Pixels, Question, Segmentation
from mmattr_app.explorer import View
from mmattr_app.jobs import Cutting, Job, Sharpening, Snapshot
from mmattr_app.models import MODELS
from mmattr_app.ui.examples import Example

CARRIES = 0.2  # nats: below, the page says that no single region carries the word


def preview_view(
    picture: Pixels | None = None, segmentation: Segmentation | None = None, says: str = "", **more: Any
) -> View:
    """Show a picture with its regions, or without them yet; or nothing at all."""
    question = None if picture is None else Question(picture, "")
    return View(state="empty", says=says, question=question, segmentation=segmentation, **more)


def cost(segmentation: Segmentation, masks: int, pace: float | None) -> str:
    """Say how many regions there are and what explaining them takes."""
    regions = f"{segmentation.regions} region{'' if segmentation.regions == 1 else 's'}"
    seconds = f", about {max(1, round(pace * masks))} s here" if pace else ""
    return f"{regions}; {masks} masks to ask{seconds}. {segmentation.says}".strip()


def job_view(job: Job, snapshot: Snapshot, files: dict[str, str]) -> View:
    """Show a job as it stands."""
    request = job.request
    if isinstance(request, Cutting):
        state = "empty" if snapshot.state == "done" else snapshot.state
        question = Question(request.image, "")
        return View(state, snapshot.says, question, segmentation=snapshot.segmentation, job=job.id)
    if isinstance(request, Sharpening):
        return _sharpening_view(job.id, request, snapshot, files)
    return View(
        state=snapshot.state,
        says=snapshot.says,
        question=request.question,
        text=snapshot.text,
        answer=snapshot.answer,
        segmentation=snapshot.segmentation or request.segmentation,
        scores=snapshot.scores,
        full=snapshot.full,
        blank=snapshot.blank,
        hiding=snapshot.hiding,
        done=snapshot.done,
        of=snapshot.of,
        unit=snapshot.unit,
        method=request.plan.method,
        occluder=request.plan.occluder,
        model_says=_model_says(request.model),
        files=files,
        job=job.id,
        live=True,
    )


def _sharpening_view(job_id: str, wanted: Sharpening, snapshot: Snapshot, files: dict[str, str]) -> View:
    """Show the map that is to become finer until the first finer regions are there."""
    known, words = wanted.attribution, "".join(wanted.attribution.answer.tokens[token] for token in wanted.tokens)
    says = f"Sharpened for “{words.strip()}”, approximate: {snapshot.says}" if snapshot.attribution else snapshot.says
    view = result_view(known, says, files=files, job=job_id)
    view = replace(view, state=snapshot.state, live=True, base=wanted.job, sharpened=wanted.tokens)
    if snapshot.scores is None:
        return view
    news = {"segmentation": snapshot.segmentation, "scores": snapshot.scores, "unit": "nats", "method": "ablation"}
    if snapshot.full is not None and snapshot.blank is not None:
        news |= {"full": snapshot.full, "blank": snapshot.blank}
    return replace(view, **news, hiding=snapshot.hiding, done=snapshot.done, of=snapshot.of)


def sharper(wanted: Sharpening, after: Attribution) -> bool:
    """Say whether the top region has become smaller and still matters; where a cause is spread out, it has not."""
    known, tokens = wanted.attribution, list(wanted.tokens)
    before, now = (why.scores.values[:, tokens].sum(axis=1) for why in (known, after))
    smaller = after.segmentation.areas[now.argmax()] < known.segmentation.areas[before.argmax()]
    return bool(smaller and now.max() >= CARRIES)


def example_view(example: Example) -> View:
    """Show a result that was computed beforehand."""
    return replace(result_view(example.attribution, "An example, computed beforehand."), live=True)


def stored_view(result: Attribution, job_id: str, downloads: Callable[[str, Attribution], dict[str, str]]) -> View:
    """Show a result that was kept."""
    return replace(result_view(result, "An earlier result.", files=downloads(job_id, result), job=job_id), live=True)


def result_view(result: Attribution, says: str = "", **more: Any) -> View:
    """Show a finished result."""
    return View.of_result(result, says=says, model_says=_model_says(result.answer.model), **more)


def _model_says(model: str) -> str:
    return MODELS[model].says if model in MODELS else model
