"""Jobs for chosen words of the answer on show: a finer map, a method for chosen words, "Why not this?"."""

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from mmattr_app.domain import Attribution
from mmattr_app.errors import AppError
from mmattr_app.jobs import ExplainWords, FromResult, Sharpen
from mmattr_app.methods import METHODS
from mmattr_app.plan import REGIONS, Plan
from mmattr_app.settings import METHOD
from mmattr_app.ui.form_values import TEXT, FormValues, question_of
from mmattr_app.ui.session import Session, Shown

GoesOn = TypeVar("GoesOn", bound=FromResult)


def explain_words_job(filled: FormValues, session: Session) -> ExplainWords:
    """Make the job that explains the selected words by the method of the form."""
    shown = _answered(session)
    if shown is None or not _is_asked(filled, shown.result, session):
        raise AppError(
            f"{filled.method} explains words that you choose: explain with another method first, such as {METHOD}, "
            f"then click words of the answer, choose {filled.method} and press Explain."
        )
    tokens = check_tokens(session.selected, shown.result)
    return checked(ExplainWords(shown.result, tokens, shown.model_name, shown.view.job, plan=_plan(filled)))


def sharpen_job(tokens: Any, session: Session) -> Sharpen:
    """Make the job that makes the map of some tokens finer, from the result on show."""
    if not session.shown:
        raise AppError("Only a finished result can be sharpened; press Explain first.")
    shown = session.shown[-1]
    return checked(Sharpen(shown.result, check_tokens(tokens, shown.result), shown.model_name, shown.view.job))


def contrast_job(tokens: Any, text: Any, filled: FormValues, session: Session) -> ExplainWords:
    """Make the job that explains why the model said some tokens and not another text."""
    shown = _answered(session)
    if shown is None:
        raise AppError("Only a finished result can be compared with another text; press Explain first.")
    if not isinstance(text, str) or not text.strip() or len(text) > TEXT:
        raise AppError(f"Name something else that could be said, in at most {TEXT} characters.")
    plan, method = _plan(filled), METHODS.get(filled.method)
    if method is None or method.scope == "selection" or method.needs != "probe":
        plan = replace(plan, method=METHOD, budget=None)
    chosen, job = check_tokens(tokens, shown.result), shown.view.job
    return checked(ExplainWords(shown.result, chosen, shown.model_name, job, plan=plan, instead_of=text.strip()))


def checked(job: GoesOn) -> GoesOn:
    """Check a job and return it; raises an `AppError` if it cannot be run."""
    job.check()
    return job


def check_tokens(tokens: Any, result: Attribution) -> tuple[int, ...]:
    """Check the numbers of tokens that a browser sent; refuse those that the answer does not have."""
    known = range(len(result.answer.tokens))
    if not (isinstance(tokens, list) and tokens and all(type(token) is int and token in known for token in tokens)):
        raise AppError("Select one or more words of the answer first.")
    return tuple(tokens)


def _plan(filled: FormValues) -> Plan:
    return replace(filled.plan, players=(REGIONS,), measure=())


def _answered(session: Session) -> Shown | None:
    """Find the newest result on show that explains all words; jobs for chosen words start from it."""
    return next((shown for shown in reversed(session.shown) if shown.result.selection is None), None)


def _is_asked(filled: FormValues, result: Attribution, session: Session) -> bool:
    """Say whether the form still has the pictures and texts of the result."""
    question, asked = result.answer.question, question_of(filled, session)
    same = (question.text, question.system) == (asked.text, asked.system)
    alike = len(question.pictures) == len(asked.pictures) > 0
    return same and alike and all(map(np.array_equal, asked.pictures, question.pictures))
