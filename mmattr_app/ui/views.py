"""From what the app knows to what the explorer shows, and to the sentences in toasts."""

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from itertools import count
from typing import Any, TypeAlias

import gradio as gr

from mmattr_app.domain import Answer, Attribution, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.explorer import View
from mmattr_app.explorer import message as encode
from mmattr_app.jobs import Explain, Job, Snapshot, Store
from mmattr_app.models import MODELS
from mmattr_app.results.snippets import save_first, to_command, to_python
from mmattr_app.segmentation import Segmentation
from mmattr_app.ui.examples import Example

Message: TypeAlias = dict[str, Any]
_serials = count(1)

OFFERED = ("html", "json", "npz")  # formats that people take home
UNFAMILIAR = 0.5  # probability that a model says it knows no such picture: above, the page says so too
LIKE_NONE = "This picture looks like none of them, so its answer and its map mean little."
CARRIES = 0.2  # nats: below, the page says that no single region carries the word


def message(view: View) -> Message:
    """Give the message a number, since the explorer shows none that is older than what it shows."""
    return {**encode(view), "serial": next(_serials)}


def tell(error: AppError | str) -> str:
    """Say what went wrong in a toast, which Gradio would read as HTML."""
    gr.Warning(escape(str(error), quote=False), title="This did not work")
    return str(error)


def preview_view(
    picture: Pixels | None = None,
    segmentation: Segmentation | None = None,
    says: str = "",
    others: Sequence[Pixels] = (),
    **more: Any,
) -> View:
    """Show a picture, and the others of its question, with their regions or without them yet; or nothing at all."""
    question = None if picture is None else Question((picture, *others), "")
    return View(state="empty", says=says, question=question, segmentation=segmentation, **more)


def cost(cuts: Sequence[Segmentation], masks: int, pace: float | None) -> str:
    """Say how many regions there are and what explaining them takes."""
    seconds = f", about {max(1, round(pace * masks))} s here" if pace else ""
    regions = counted(sum(cut.regions for cut in cuts), "region")
    return f"{regions}; {counted(masks, 'mask')} to ask{seconds}. {cuts[0].says}".strip()


def counted(number: int, thing: str) -> str:
    """Say how many there are of a thing."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def job_view(job: Job, snapshot: Snapshot, files: dict[str, str]) -> View:
    """Show a job as it stands: until it has a result of its own, the one that it makes better, if there is one."""
    kind = job.kind
    preview = not kind.maps
    view = View(
        state="empty" if preview and snapshot.state == "done" else snapshot.state,
        says=snapshot.says,
        question=kind.question,
        segmentation=snapshot.segmentation or kind.segmentation,
        further=kind.further if isinstance(kind, Explain) else (),
        text=snapshot.text,
        attribution=snapshot.attribution or kind.base,
        hiding=snapshot.hiding,
        done=snapshot.done,
        of=snapshot.total,
        model_says="" if preview else _model_says(kind.model),
        **_doubt(snapshot.attribution.answer if snapshot.attribution else None),
        files=files,
        code=code_of(snapshot.result),
        job=job.id,
        live=not preview,
    )
    if kind.base is None:
        return view
    says = f"{kind.remark}: {snapshot.says}" if snapshot.result else snapshot.says
    return replace(view, says=says, text="", base=kind.job, sharpened=kind.tokens)


def sharper(before: Attribution, after: Attribution, tokens: Sequence[int]) -> bool:
    """Say whether the top region has become smaller and still matters; where a cause is spread out, it has not."""
    then, now = (why.scores.values[:, list(tokens)].sum(axis=1) for why in (before, after))
    smaller = after.segmentation.areas[now.argmax()] < before.segmentation.areas[then.argmax()]
    return bool(smaller and now.max() >= CARRIES)


def example_view(example: Example) -> View:
    """Show a result that was computed beforehand, with the word selected that it is about."""
    view = result_view(example.attribution, "An example, computed beforehand.")
    more = {"example": example.name, "code": code_of(example.attribution)}
    return replace(view, live=True, first_word=example.first_word, **more)


def stored_view(result: Attribution, job_id: str, store: Store) -> View:
    """Show a result that was kept."""
    view = result_view(result, "An earlier result.", files=file_links(job_id, store), job=job_id)
    return replace(view, live=True, code=code_of(result))


def file_links(job_id: str, store: Store) -> dict[str, str]:
    """Give the URL of each format of a result, and of the result itself; none where it could not be stored."""
    if store.find(job_id) is None:
        return {}
    urls = {ending: f"result/{job_id}/mmattr.{ending}" for ending in OFFERED}
    return urls | {"link": f"?result={job_id}"}


def code_of(result: Attribution | None) -> dict[str, str]:
    """Write the texts that make a result again, and what they need; none where no text can."""
    if result is None:
        return {}
    try:
        return {"python": to_python(result), "command": to_command(result), "needs": save_first(result)}
    except AppError:
        return {}


def result_view(result: Attribution, says: str = "", **more: Any) -> View:
    """Show a finished result."""
    return View(
        "done",
        says,
        attribution=result,
        model_says=_model_says(result.answer.model),
        **{**_doubt(result.answer), **more},
    )


def _doubt(answer: Answer | None) -> dict[str, Any]:
    """Say that a model knows no such pictures, where it says so itself."""
    if answer is None or answer.unfamiliar < UNFAMILIAR or answer.model not in MODELS:
        return {}
    return {"notice": f"{MODELS[answer.model].knows} {LIKE_NONE}", "unfamiliar": True}


def _model_says(model: str) -> str:
    return MODELS[model].summary if model in MODELS else model
