"""What the tab "Compare" offers: ways to make a map of the same words, each with what it costs."""

from dataclasses import replace
from typing import Any, TypeAlias

from mmattr_app.domain import Answer
from mmattr_app.errors import AppError
from mmattr_app.jobs import CompareMethods, JobQueue
from mmattr_app.jobs.comparing import MOST_FOUND
from mmattr_app.methods import METHODS
from mmattr_app.models import MODELS, memory, model_of, split
from mmattr_app.segmenters.automatic import whynot_sam2
from mmattr_app.studies.comparison import most_masks_of
from mmattr_app.ui.session import Shown
from mmattr_app.ui.visitors import offered

Told: TypeAlias = dict[str, Any]

USUAL = ("ablation", "surrogate", "smooth")  # those that are chosen at first, besides the result's own
CHOSEN = 3  # methods at first
FOUND = "sam2"
# Other regions, and how many at most; those that are found take their time.
CUTS = {"grid:4x4": 16, "grid:8x8": 64, "grid:16x16": 256, "slic:48": 48, FOUND: MOST_FOUND}
HIDDEN_BY = ("mean", "blur", "white", "black", "noise")
SEEDS = (0, 1, 2)
HIDES = "Hide parts of the picture"
WAYS = {"probe": HIDES, "distribution": HIDES, "open model": "Read the model instead; hide nothing"}
FOR_WORDS = "Search, for the chosen words"


def offers(shown: Shown, queue: JobQueue, *, any_model: bool) -> Told:
    """List everything that can be chosen, or say in a sentence why nothing can be compared here."""
    result = shown.result
    job = CompareMethods(result, result.chosen, shown.model_name, methods=tuple(METHODS))
    try:
        replace(job, methods=job.methods[:2]).check()
    except AppError as error:
        return {"whynot": str(error)}
    no_sam2 = whynot_sam2(device_here())
    regions = [job.own_regions, *(text for text in CUTS if _is_other(text, job.own_regions, no_sam2))]
    models = {model_of(result.answer): "", **models_offered(result.answer, any_model=any_model)}
    chosen = [name for name in dict.fromkeys((result.method, *USUAL)) if name in METHODS][:CHOSEN]
    return {
        "offers": _methods(job, regions),
        "chosen": chosen,
        "ways": {
            "models": list(models),
            "regions": regions,
            "occluders": list(dict.fromkeys((result.occluder, *HIDDEN_BY))),
            "seeds": list(dict.fromkeys((result.seed, *SEEDS))),
        },
        "sizes": list(models.values()),
        "paces": [queue.seconds_per_mask(name) for name in (shown.model_name, *list(models)[1:])],
        "no_sam2": no_sam2,
    }


def models_offered(answer: Answer, *, any_model: bool) -> dict[str, str]:
    """Name the other models, and precisions of the same one, that fit here; say how large each is."""
    room, usual = memory.free(), memory.usual_precision()
    own, found = model_of(answer), dict[str, str]()
    for name in offered(any_model=any_model):
        best = memory.best_precision(MODELS[name], room, usual) if name in MODELS else usual
        if best and name != answer.model:
            size = memory.remark(MODELS[name], room, usual) if name in MODELS else ""
            found[name if best == usual else f"{name}@{best}"] = size
    if answer.precision not in memory.BYTES or answer.model not in MODELS:
        return found  # it is served elsewhere, or its size is not known
    for precision in memory.SHOWN:
        gigabytes = memory.needs(MODELS[answer.model].billions, precision)
        if precision != answer.precision and gigabytes <= room:
            found[f"{split(own)[0]}@{precision}"] = f"{max(gigabytes, 0.1):.1f} GB"
    return found


def device_here() -> str:
    """Name the kind of device on which models run here."""
    return "cpu" if memory.gpu_memory() is None else "cuda"


def _is_other(text: str, own: str, no_sam2: str) -> bool:
    if text == FOUND:
        return not no_sam2 and not own.startswith(FOUND)
    return text != own


def _methods(job: CompareMethods, regions: list[str]) -> list[Told]:
    """List the methods that this answer allows: what each says, and its masks at most on each of the regions."""
    served, many = job.base.answer.precision == "served", len(job.question.pictures)
    return [
        {
            "name": name,
            "says": METHODS[name].summary,
            "way": _way(name),
            "there": job.figures if job.is_there(setup) else None,  # the map on show is only measured
            "masks": [job.cost(setup), *(most_masks_of(many * CUTS[text], setup.plan) for text in regions[1:])],
        }
        for name, setup in zip(job.methods, job.setups, strict=True)
        if METHODS[name].needs == "probe" or not served
    ]


def _way(name: str) -> str:
    method = METHODS[name]
    return FOR_WORDS if method.scope == "selection" and method.needs == "probe" else WAYS[method.needs]
