"""What the tab "Can I trust it?" asks for: what it costs, a map measured, and a map explained again otherwise."""

from collections.abc import Sequence
from dataclasses import astuple, replace
from typing import Any, TypeAlias

from mmattr_app import checks, measuring
from mmattr_app.domain import UNITS, Attribution
from mmattr_app.errors import AppError
from mmattr_app.explorer import View
from mmattr_app.explorer.encoding import region_map
from mmattr_app.explorer.trusted import agreement_says, hiding_says, sure_scores
from mmattr_app.jobs import CompareByHiding, HideOtherwise, Job, JobQueue, Measure, Snapshot
from mmattr_app.sentences import inside, name, name_places
from mmattr_app.ui.chosen_words import check_tokens, checked
from mmattr_app.ui.session import Session, Shown

Trust: TypeAlias = dict[str, Any]

LOOKS = {"mean": "the mean colour", "blur": "a blur", "noise": "noise"}


def measuring_job(tokens: Any, session: Session) -> Measure:
    """Measure the result on show for some tokens."""
    shown, chosen = on_show(tokens, session)
    return checked(Measure(shown.result, chosen, shown.model_name, shown.rest.job))


def comparing_job(tokens: Any, session: Session) -> CompareByHiding:
    """Explain the result on show again, to compare the maps of some tokens: with another occluder, or by hiding."""
    shown, chosen = on_show(tokens, session)
    result, rest = shown.result, (chosen, shown.model_name, shown.rest.job)
    if hides_nothing(result):
        return checked(CompareByHiding(result, *rest))
    return checked(HideOtherwise(result, *rest, other_occluder(result)))


def hides_nothing(result: Attribution) -> bool:
    """Say whether it shows what the model computes with, and not what hiding changes."""
    return result.reads == "weight"


def other_occluder(result: Attribution) -> str:
    """Name what hides a region as differently as can be: a blur keeps the mood of the picture, a colour nothing."""
    return "mean" if result.occluder == "blur" else "blur"


def costs(shown: Shown, queue: JobQueue) -> Trust:
    """Say what it would take to find out, in masks and in seconds for each, or why it cannot be found out here."""
    result = shown.result
    tokens = result.chosen
    if says := measuring.whynot(result, tokens):
        return {"whynot": says}
    again = checks.by_hiding(result) if hides_nothing(result) else checks.other_occluder(result, other_occluder(result))
    return {
        "measure": measuring.count_masks(result, tokens),
        "compare": again.masks,
        "occluder": _looks(other_occluder(result)),
        "pace": queue.seconds_per_mask(shown.model_name),
    }


def priced(session: Session, queue: JobQueue) -> View:
    """Show the result as it is, with what it costs to find out more."""
    shown = session.shown[-1]
    session.shown[-1] = shown = _with(shown, costs=costs(shown, queue))
    return shown.view


def trust_view(job: Job, snapshot: Snapshot, session: Session, queue: JobQueue) -> View:
    """Show the result that stays on show, with how far the job is or what it found; remember what it found."""
    kind, shown = job.kind, session.shown[-1]
    if not snapshot.ended:
        what = "measure" if isinstance(kind, Measure) else "compare"
        running = {"what": what, "says": snapshot.says, "done": snapshot.done, "of": snapshot.of}
        return _with(shown, running=running, says="").view
    queue.forget(job.id)  # what it found is kept with the result
    shown = _with(shown, running=None, says="" if snapshot.found else _sentence(snapshot.says))
    if snapshot.found and isinstance(kind, Measure):
        if kind.job:
            queue.renew(kind.job, snapshot.found)
        else:  # an example, which is in memory anyway
            found = snapshot.found
            shown = replace(shown, find=lambda: found)
        shown = _with(shown, costs=costs(shown, queue))
    elif snapshot.found:
        shown = _with(shown, compared=[*_compared(shown, kind.tokens), _comparison(kind, snapshot.found)])
    session.shown[-1] = shown
    return shown.view


def _compared(shown: Shown, tokens: Sequence[int]) -> list[Trust]:
    """List what was compared for other words."""
    return [one for one in shown.rest.trust.get("compared", []) if one["tokens"] != list(tokens)]


def _comparison(kind: Any, other: Attribution) -> Trust:
    """Give the other map of the tokens, and how far the two agree in a sentence."""
    base, tokens = kind.base, list(kind.tokens)
    agree = astuple(checks.agreement(base, other, tokens))
    words, looks = inside(name(base, tokens)), [_looks(result.occluder) for result in (base, other)]
    if isinstance(kind, HideOtherwise):
        titles, says = [f"Hidden by {look}" for look in looks], agreement_says(words, looks, *agree)
    else:
        best, matters = checks.best_part(base, tokens), checks.surely_matters(other, tokens)
        hidden = [region for region in checks.best_part(other, tokens) if matters[region]]
        places = [name_places(base)[parts[0]] if len(parts) else "" for parts in (best, hidden)]
        titles = [base.method[0].upper() + base.method[1:], f"Hidden by {looks[1]}"]
        says = hiding_says(words, base.method, places, *agree, matters=bool(matters[best].any()))
    return {
        "tokens": tokens,
        "titles": titles,
        "unit": UNITS[other.reads],
        "says": says,
        "map": region_map(other.segmentation),
        "weights": sure_scores(other, tokens),
    }


def _with(shown: Shown, **news: Any) -> Shown:
    return replace(shown, rest=replace(shown.rest, trust={**shown.rest.trust, **news}))


def on_show(tokens: Any, session: Session) -> tuple[Shown, tuple[int, ...]]:
    """Give the result on show and the tokens that the browser named, where there are such tokens."""
    if not session.shown:
        raise AppError("Only a finished result can be checked; press Explain first.")
    shown = session.shown[-1]
    return shown, tuple(sorted(set(check_tokens(tokens, shown.result))))


def _looks(occluder: str) -> str:
    return LOOKS.get(occluder, occluder)


def _sentence(says: str) -> str:
    """Make a sentence of how a job ended that found nothing."""
    return f"{says[0].upper()}{says[1:].rstrip('.')}."
