"""What the tab "Compare" asks for: maps of the same words, made in several ways, while the result stays on show."""

from collections.abc import Mapping
from dataclasses import replace
from math import isnan
from typing import Any, TypeAlias

from mmattr_app import pipeline
from mmattr_app.contracts import Players
from mmattr_app.domain import UNITS, Attribution
from mmattr_app.errors import AppError
from mmattr_app.explorer import View
from mmattr_app.explorer.players_shown import maps_of, rows_on_stage
from mmattr_app.explorer.trusted import sure_scores
from mmattr_app.jobs import CompareMethods, Job, JobQueue, Snapshot
from mmattr_app.models import model_of
from mmattr_app.plan import Plan
from mmattr_app.segmenters.automatic import whynot_sam2
from mmattr_app.studies.compared_maps import ComparedMap, Comparison
from mmattr_app.studies.setups import Setup, read_setup
from mmattr_app.ui.api_values import check_regions
from mmattr_app.ui.chosen_words import checked
from mmattr_app.ui.comparing_offers import FOUND, device_here, offers
from mmattr_app.ui.session import Session, Shown, kept_small
from mmattr_app.ui.trusting import on_show, sentence
from mmattr_app.ui.visitors import check_model

Told: TypeAlias = dict[str, Any]

DIGITS = 4  # of a figure


def comparing_methods(tokens: Any, methods: Any, session: Session, *, any_model: bool = False) -> CompareMethods:
    """Explain some tokens of the result on show in several ways, each said as `mmattr_app.studies.setups` reads it."""
    shown, chosen = on_show(tokens, session)
    if not (isinstance(methods, list) and all(isinstance(name, str) for name in methods)):
        raise AppError("Choose the methods to compare first.")
    names = tuple(methods)
    for setup in (read_setup(text, Setup("", Plan())) for text in names):
        _check_cut(setup.regions, shown)
        if setup.model not in ("", shown.model_name):
            check_model(setup.model, any_model=any_model)
    known = {regions: tuple(cut() for cut in cuts) for regions, cuts in shown.found.items()}
    return checked(CompareMethods(shown.result, chosen, shown.model_name, shown.rest.job, methods=names, found=known))


def offered(session: Session, queue: JobQueue, *, any_model: bool = False) -> View:
    """Show the result as it is, with what can be compared and what it costs."""
    shown = session.shown[-1]
    session.shown[-1] = shown = _with(shown, **offers(shown, queue, any_model=any_model))
    return shown.view


def comparison_view(job: Job, snapshot: Snapshot, session: Session, queue: JobQueue) -> View:
    """Show the result that stays on show, with the maps so far; remember them when the job has ended."""
    shown, kind = session.shown[-1], job.kind
    assert isinstance(kind, CompareMethods), "it is what this shows"
    found = snapshot.comparison and _encoded(snapshot.comparison, kind)
    others = [one for one in shown.rest.compare.get("found", []) if one["tokens"] != list(kind.tokens)]
    news: Told = {"found": [*others, found] if found else others}
    if not snapshot.ended:
        running = {"says": snapshot.says, "done": snapshot.done, "of": snapshot.total, "tokens": list(kind.tokens)}
        running |= {"names": kind.names, "pace": _pace(kind, queue)}
        return _with(shown, **news, running=running, says="").view
    queue.forget(job.id)  # what it found is kept here
    cuts = snapshot.comparison.cuts if snapshot.comparison else {}
    slow = {text: tuple(map(kept_small, cuts[text])) for text in cuts if text == FOUND}
    session.shown[-1] = shown = replace(shown, found={**shown.found, **slow})
    says = "" if snapshot.state == "done" else sentence(snapshot.says)
    session.shown[-1] = shown = _with(shown, **news, running=None, says=says)
    return shown.view


def _pace(kind: CompareMethods, queue: JobQueue) -> float | None:
    """Give the seconds for each mask, on average over its maps; None if one of the models has not run yet."""
    paces = [queue.seconds_per_mask(setup.model or kind.model) for setup in kind.setups]
    known = [pace * cost for pace, cost in zip(paces, kind.costs, strict=True) if pace]
    return sum(known) / max(sum(kind.costs), 1) if len(known) == len(paces) else None


def _check_cut(regions: str, shown: Shown) -> None:
    """Refuse a file of this machine, and what takes its time unless it is offered."""
    check_regions(regions)
    if not regions or regions in shown.found or pipeline.is_instant(regions):
        return
    if regions != FOUND:
        raise AppError(f"{regions[:60]} is not offered here; choose {FOUND}, or explain on these regions first.")
    if says := whynot_sam2(device_here()):
        raise AppError(says)


def _encoded(found: Comparison, kind: CompareMethods) -> Told:
    names = {one.setup.model: one.setup.model or model_of(found.answer) for one in found.maps}
    return {
        "tokens": list(found.selection or ()),
        "maps": [_map(one, kind.base, names if found.several_models else {}) for one in found.maps],
        "correlations": [
            [None if isnan(value) else round(value, DIGITS) for value in row] for row in found.correlations.tolist()
        ],
        "asked": found.asked,
        "saved": found.saved,
        "usual_says": " ".join(filter(None, (_cuts_say(found, kind), found.usual_says))),
        "one_measure": found.one_measure,
    }


def _cuts_say(found: Comparison, kind: CompareMethods) -> str:
    """Say how other regions came out; what is to be said of the result's own stands beside its map."""
    others = {regions: cuts for regions, cuts in found.cuts.items() if regions != kind.own_regions}
    return replace(found, cuts=others).cuts_say


def _map(one: ComparedMap, base: Attribution, models: Mapping[str, str]) -> Told:
    """Give a map as the page draws it; the regions of the result itself are there already."""
    why = one.attribution
    own = _cuts_and_rows(why.players) == _cuts_and_rows(base.players)
    return {
        "name": one.name,
        "model": models.get(one.setup.model, ""),  # where several are asked
        "likely": round(one.likely, DIGITS),
        "unit": UNITS[why.reads],
        "maps": None if own else maps_of(why.players),
        "weights": sure_scores(why, why.chosen, rows_on_stage(why.players)),
        "insertion": round(one.insertion, DIGITS),
        "deletion": round(one.deletion, DIGITS),
        "pointing": None if one.pointing is None else round(one.pointing, DIGITS),
        "asked": one.asked,
        "remembered": one.remembered,
        "seconds": round(one.seconds, 1),
        "known": why.scores is base.scores,
    }


def _cuts_and_rows(players: Players) -> list[tuple[bytes, list[int]]]:
    return [(one.segmentation.fingerprint, one.rows.tolist()) for one in players.pictured]


def _with(shown: Shown, **news: Any) -> Shown:
    return replace(shown, rest=replace(shown.rest, compare={**shown.rest.compare, **news}))
