"""Makes the views that the explorer shows, of jobs, results, examples and previews; and shows errors in toasts."""

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

OFFERED = ("html", "json", "npz")  # formats of the files to download
UNFAMILIAR = 0.5  # from this probability on (the model's own, that it knows no such pictures) a notice is shown
LIKE_NONE = "This picture looks like none of them, so its answer and its map mean little."
CARRIES = 0.2  # nats: if the top score is lower, the page says that no single region carries the word


def message(view: View) -> Message:
    """Encode a view as a message with a growing number; the explorer ignores a message that is older than the last."""
    return {**encode(view), "serial": next(_serials)}


def show_error(error: AppError | str) -> str:
    """Show an error in a toast, escaped, since toasts are HTML; return its sentence as it is."""
    gr.Warning(escape(str(error), quote=False), title="This did not work")
    return str(error)


def preview_view(
    picture: Pixels | None = None,
    segmentation: Segmentation | None = None,
    says: str = "",
    others: Sequence[Pixels] = (),
    **more: Any,
) -> View:
    """Make the view before a run: the pictures, with regions if there are any; without a picture, the welcome."""
    question = None if picture is None else Question((picture, *others), "")
    return View(state="empty", says=says, question=question, segmentation=segmentation, **more)


def cost(cuts: Sequence[Segmentation], masks: int, pace: float | None) -> str:
    """Say how many regions there are, and how many masks and seconds it takes to explain them."""
    seconds = f", about {max(1, round(pace * masks))} s here" if pace else ""
    regions = counted(sum(cut.regions for cut in cuts), "region")
    return f"{regions}; {counted(masks, 'mask')} to ask{seconds}. {cuts[0].says}".strip()


def counted(number: int, thing: str) -> str:
    """Give a number with its noun, such as "1 mask" or "2 masks"."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def job_view(job: Job, snapshot: Snapshot, files: dict[str, str]) -> View:
    """Make the view of a job as it is now. A job that improves a result shows that result until it has its own."""
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
    """Say whether the new map is finer: its top region is smaller than before, and still matters."""
    (_, then), (now, top) = (_top_region(why, tokens) for why in (before, after))
    return top < then and now >= CARRIES


def _top_region(why: Attribution, tokens: Sequence[int]) -> tuple[float, float]:
    """Give the score of the best region of all pictures, and its share of its own picture."""
    scores = why.scores.values[:, list(tokens)].sum(axis=1)
    tops = list[tuple[float, float]]()
    for _, cut, rows in why.players.pictured:
        top = int(scores[rows].argmax())
        tops.append((float(scores[rows][top]), float(cut.areas[top] / cut.atoms.size)))
    return max(tops, key=lambda top: top[0])


def example_view(example: Example) -> View:
    """Make the view of an example, with its first word selected."""
    view = result_view(example.attribution, "An example, computed beforehand.")
    more = {"example": example.name, "code": code_of(example.attribution)}
    return replace(view, live=True, first_word=example.first_word, **more)


def stored_view(result: Attribution, job_id: str, store: Store) -> View:
    """Make the view of an earlier result of the store."""
    view = result_view(result, "An earlier result.", files=file_links(job_id, store), job=job_id)
    return replace(view, live=True, code=code_of(result))


def file_links(job_id: str, store: Store) -> dict[str, str]:
    """Give the URL of each file of a result, and under "link" that of the result; empty if it is not stored."""
    if store.find(job_id) is None:
        return {}
    urls = {ending: f"result/{job_id}/mmattr.{ending}" for ending in OFFERED}
    return urls | {"link": f"?result={job_id}"}


def code_of(result: Attribution | None) -> dict[str, str]:
    """Give the Python code and the command that make a result again, and what they need; empty if none can."""
    if result is None:
        return {}
    try:
        return {"python": to_python(result), "command": to_command(result), "needs": save_first(result)}
    except AppError:
        return {}


def result_view(result: Attribution, says: str = "", **more: Any) -> View:
    """Make the view of a finished result."""
    return View(
        "done",
        says,
        attribution=result,
        model_says=_model_says(result.answer.model),
        **{**_doubt(result.answer), **more},
    )


def _doubt(answer: Answer | None) -> dict[str, Any]:
    """Make the notice for a picture of a kind that the model, by its own estimate, was not trained on; else empty."""
    if answer is None or answer.unfamiliar < UNFAMILIAR or answer.model not in MODELS:
        return {}
    return {"notice": f"{MODELS[answer.model].knows} {LIKE_NONE}", "unfamiliar": True}


def _model_says(model: str) -> str:
    return MODELS[model].summary if model in MODELS else model
