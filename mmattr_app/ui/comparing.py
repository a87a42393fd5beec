"""What the tab "Compare" asks for: what each map costs, and maps of the same words, made in several ways."""

from collections.abc import Sequence
from dataclasses import replace
from math import isnan
from typing import Any, TypeAlias

from mmattr_app.domain import UNITS, Attribution
from mmattr_app.errors import AppError
from mmattr_app.explorer import View
from mmattr_app.explorer.encoding import region_map
from mmattr_app.explorer.trusted import sure_scores
from mmattr_app.jobs import CompareMethods, Job, JobQueue, Snapshot
from mmattr_app.methods import METHODS
from mmattr_app.plan import Plan
from mmattr_app.studies.comparison import ComparedMap, Comparison, most_masks_of
from mmattr_app.studies.setups import Setup, read_setup
from mmattr_app.ui.api_values import check_regions
from mmattr_app.ui.chosen_words import checked
from mmattr_app.ui.session import Session, Shown
from mmattr_app.ui.trusting import on_show, sentence

Told: TypeAlias = dict[str, Any]

USUAL = ("ablation", "surrogate", "smooth")  # those that are chosen at first, besides the result's own
CHOSEN = 3  # methods at first
CUTS = {"grid:4x4": 16, "grid:8x8": 64, "grid:16x16": 256, "slic:48": 48}  # other regions, and how many at most
HIDDEN_BY = ("mean", "blur", "white", "black", "noise")
SEEDS = (0, 1, 2)
DIGITS = 4  # of a figure
HIDES = "Hide parts of the picture"
WAYS = {"probe": HIDES, "distribution": HIDES, "open model": "Read the model instead; hide nothing"}
FOR_WORDS = "Search, for the chosen words"


def comparing_methods(tokens: Any, methods: Any, session: Session) -> CompareMethods:
    """Explain some tokens of the result on show in several ways, each said as `mmattr_app.studies.setups` reads it."""
    shown, chosen = on_show(tokens, session)
    if not (isinstance(methods, list) and all(isinstance(name, str) for name in methods)):
        raise AppError("Choose the methods to compare first.")
    names = tuple(methods)
    for text in names:
        check_regions(read_setup(text, Setup("", Plan())).regions)
    return checked(CompareMethods(shown.result, chosen, shown.model_name, shown.rest.job, methods=names))


def offered(session: Session, queue: JobQueue) -> View:
    """Show the result as it is, with what a map by each method costs."""
    shown = session.shown[-1]
    session.shown[-1] = shown = _with(shown, **_offers(shown, queue))
    return shown.view


def comparison_view(job: Job, snapshot: Snapshot, session: Session, queue: JobQueue) -> View:
    """Show the result that stays on show, with the maps so far; remember them when the job has ended."""
    shown, kind = session.shown[-1], job.kind
    assert isinstance(kind, CompareMethods), "it is what this shows"
    found = snapshot.comparison and _encoded(snapshot.comparison, kind.base)
    others = [one for one in shown.rest.compare.get("found", []) if one["tokens"] != list(kind.tokens)]
    news: Told = {"found": [*others, found] if found else others}
    if not snapshot.ended:
        running = {"says": snapshot.says, "done": snapshot.done, "of": snapshot.total, "tokens": list(kind.tokens)}
        running["names"] = kind.names
        return _with(shown, **news, running=running, says="").view
    queue.forget(job.id)  # what it found is kept here
    says = "" if snapshot.state == "done" else sentence(snapshot.says)
    session.shown[-1] = shown = _with(shown, **news, running=None, says=says)
    return shown.view


def _offers(shown: Shown, queue: JobQueue) -> Told:
    result = shown.result
    names = tuple(METHODS)
    job = CompareMethods(result, result.chosen, shown.model_name, methods=names)
    try:
        replace(job, methods=names[:2]).check()
    except AppError as error:
        return {"whynot": str(error)}
    regions = [job.own_regions, *(text for text in CUTS if text != job.own_regions)]
    offers = [
        {
            "name": name,
            "says": METHODS[name].summary,
            "way": _way(name),
            "there": job.is_there(setup),
            "masks": [masks, *(most_masks_of(CUTS[text], setup.plan) for text in regions[1:])],
        }
        for name, setup, masks in zip(names, job.setups, job.costs, strict=True)
        if not (METHODS[name].needs != "probe" and result.answer.precision == "served")
    ]
    chosen = [name for name in dict.fromkeys((result.method, *USUAL)) if name in METHODS][:CHOSEN]
    ways = {
        "regions": regions,
        "occluders": list(dict.fromkeys((result.occluder, *HIDDEN_BY))),
        "seeds": list(dict.fromkeys((result.seed, *SEEDS))),
    }
    return {"offers": offers, "chosen": chosen, "ways": ways, "pace": queue.seconds_per_mask(shown.model_name)}


def _way(name: str) -> str:
    method = METHODS[name]
    return FOR_WORDS if method.scope == "selection" and method.needs == "probe" else WAYS[method.needs]


def _encoded(found: Comparison, base: Attribution) -> Told:
    tokens = found.selection or ()
    return {
        "tokens": list(tokens),
        "maps": [_map(one, tokens, base) for one in found.maps],
        "correlations": [
            [None if isnan(value) else round(value, DIGITS) for value in row] for row in found.correlations.tolist()
        ],
        "asked": found.asked,
        "saved": found.saved,
        "usual_says": found.usual_says,
        "one_measure": found.one_measure,
    }


def _map(one: ComparedMap, tokens: Sequence[int], base: Attribution) -> Told:
    """Give a map as the page draws it; the regions of the result itself are there already."""
    why = one.attribution
    own = why.segmentation.fingerprint == base.segmentation.fingerprint
    return {
        "name": one.name,
        "unit": UNITS[why.reads],
        "map": None if own else region_map(why.segmentation),
        "weights": sure_scores(why, tokens),
        "insertion": round(one.insertion, DIGITS),
        "deletion": round(one.deletion, DIGITS),
        "pointing": None if one.pointing is None else round(one.pointing, DIGITS),
        "asked": one.asked,
        "remembered": one.remembered,
        "seconds": round(one.seconds, 1),
        "known": why.scores is base.scores,
    }


def _with(shown: Shown, **news: Any) -> Shown:
    return replace(shown, rest=replace(shown.rest, compare={**shown.rest.compare, **news}))
