"""The tab "Can I trust it?": what its checks cost, the jobs for them, and how their results are shown."""

from dataclasses import astuple, replace
from typing import Any, TypeAlias

import numpy as np

from mmattr_app.domain import Attribution, SecondMap
from mmattr_app.errors import AppError
from mmattr_app.explorer import View
from mmattr_app.explorer.trusted import agreement_says, hiding_says, occluder_shows, sure_scores
from mmattr_app.jobs import CompareByHiding, HideOtherwise, Job, JobQueue, Measure, Snapshot
from mmattr_app.sentences import OF_PICTURE, inside, name, name_places
from mmattr_app.studies import checks, measuring
from mmattr_app.ui.chosen_words import check_tokens, checked
from mmattr_app.ui.session import Session, Shown

Trust: TypeAlias = dict[str, Any]


def measuring_job(tokens: Any, session: Session) -> Measure:
    """Make the job that measures the map of some tokens of the result on show."""
    shown, chosen = on_show(tokens, session)
    return checked(Measure(shown.result, chosen, shown.model_name, shown.rest.job))


def comparing_job(tokens: Any, session: Session) -> CompareByHiding:
    """Make the job that explains the result on show again, to compare two maps of some tokens.

    The second map is made with another occluder; if the first map hides nothing, the second is made by hiding regions.
    """
    shown, chosen = on_show(tokens, session)
    result, rest = shown.result, (chosen, shown.model_name, shown.rest.job)
    if hides_nothing(result):
        return checked(CompareByHiding(result, *rest))
    return checked(HideOtherwise(result, *rest, other_occluder(result)))


def hides_nothing(result: Attribution) -> bool:
    """Say whether the method of a result hides nothing, and reads weights of the model instead."""
    return result.reads == "weight"


def other_occluder(result: Attribution) -> str:
    """Name the occluder to compare with: a blur keeps the colours of what it hides, the mean colour keeps nothing."""
    return "mean" if result.occluder == "blur" else "blur"


def costs(shown: Shown, queue: JobQueue) -> Trust:
    """Say what each check costs, in masks and in seconds for a mask, or why it cannot be made (`whynot`)."""
    result = shown.result
    tokens = result.chosen
    whynot = {"measure": measuring.whynot(result, tokens), "compare": measuring.whynot_compared(result, tokens)}
    told: Trust = {"whynot": whynot, "pace": queue.seconds_per_mask(shown.model_name)}
    if not whynot["measure"]:
        told["measure"] = measuring.count_masks(result, tokens)
    if whynot["compare"]:
        return told
    again = checks.by_hiding(result) if hides_nothing(result) else checks.other_occluder(result, other_occluder(result))
    return told | {"compare": again.masks, "occluder": occluder_shows(other_occluder(result))}


def priced(session: Session, queue: JobQueue) -> View:
    """Give the view on show with the costs of its checks added."""
    shown = session.shown[-1]
    session.shown[-1] = shown = _with(shown, costs=costs(shown, queue))
    return shown.view


def trust_view(job: Job, snapshot: Snapshot, session: Session, queue: JobQueue) -> View:
    """Give the view on show with the progress or the outcome of a check; store the outcome with the result."""
    kind, shown = job.kind, session.shown[-1]
    assert isinstance(kind, Measure | CompareByHiding), "only these jobs belong to this tab"
    if not snapshot.ended:
        what = "measure" if isinstance(kind, Measure) else "compare"
        running = {"what": what, "says": snapshot.says, "done": snapshot.done, "of": snapshot.total}
        return _with(shown, running=running, says="").view
    queue.forget(job.id)  # its outcome is stored with the result instead
    shown = _with(shown, running=None, says="" if snapshot.found else sentence(snapshot.says))
    if snapshot.found and isinstance(kind, Measure):
        shown = _renew(shown, kind, snapshot.found, queue)
        shown = _with(shown, costs=costs(shown, queue))
    elif snapshot.found and isinstance(kind, CompareByHiding):
        result = shown.result
        others = [one for one in result.compared if one.tokens != kind.tokens]
        second = _second_map(kind, snapshot.found)
        shown = _renew(shown, kind, replace(result, compared=(*others, second)), queue)
    session.shown[-1] = shown
    return shown.view


def _second_map(kind: CompareByHiding, other: Attribution) -> SecondMap:
    """Make what is stored and shown of the second map, with a sentence that says how far the two maps agree."""
    base, tokens = kind.base, list(kind.tokens)
    agree = astuple(checks.agreement(base, other, tokens))
    words, seen = inside(name(base, tokens)), [occluder_shows(result.occluder) for result in (base, other)]
    if isinstance(kind, HideOtherwise):
        says = agreement_says(words, seen, *agree)
    else:
        best, matters = checks.best_part(base, tokens), checks.surely_matters(other, tokens)
        hidden = [region for region in checks.best_part(other, tokens) if matters[region]]
        named = name_places(base, OF_PICTURE)
        places = [named[parts[0]] if len(parts) else "" for parts in (best, hidden)]
        says = hiding_says(words, base.method, places, *agree, matters=bool(matters[best].any()))
    known, cuts = (tuple(one.segmentation for one in result.players.pictured) for result in (base, other))
    alike = [cut.fingerprint for cut in cuts] == [cut.fingerprint for cut in known]
    scores = np.array(sure_scores(other, tokens), np.float32)
    return SecondMap(kind.tokens, other.method, other.occluder, other.reads, says, scores, () if alike else cuts)


def _renew(shown: Shown, kind: Measure | CompareByHiding, result: Attribution, queue: JobQueue) -> Shown:
    """Store the result that now holds the outcome of a check."""
    if kind.job:
        queue.renew(kind.job, result)
        return shown
    return replace(shown, find=lambda: result)  # an example, which stays in memory


def _with(shown: Shown, **news: Any) -> Shown:
    return replace(shown, rest=replace(shown.rest, trust={**shown.rest.trust, **news}))


def on_show(tokens: Any, session: Session) -> tuple[Shown, tuple[int, ...]]:
    """Give the result on show and the tokens that the browser sent, checked and sorted."""
    if not session.shown:
        raise AppError("Only a finished result can be checked; press Explain first.")
    shown = session.shown[-1]
    return shown, tuple(sorted(set(check_tokens(tokens, shown.result))))


def sentence(says: str) -> str:
    """Make a sentence of the text with which a job ended without an outcome."""
    return f"{says[0].upper()}{says[1:].rstrip('.')}."
