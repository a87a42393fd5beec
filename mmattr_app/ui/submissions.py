"""From the form to a kind of job."""

from typing import Any

from mmattr_app import pipeline
from mmattr_app.domain import Answer, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain, FindRegions, Sharpen
from mmattr_app.models import PRECISIONS, memory
from mmattr_app.ui.form_values import FormValues
from mmattr_app.ui.region_choices import cut, regions_of
from mmattr_app.ui.session import Session


def explaining(filled: FormValues, session: Session) -> Explain:
    """Ask for a run; regions that take their time and are not on the stage yet are found by the job itself."""
    image = session.look_at(filled.image)
    asked = (filled.prompt.strip(), filled.system.strip(), int(filled.max_tokens), filled.sampling)
    question = Question((image,), *asked, session.original)
    segmentation = cut(image, filled, session)
    regions = regions_of(filled, session)
    kind = Explain(question, segmentation, filled.plan, filled.named_model, filled.text.strip() or None, regions)
    pipeline.check(question, kind.players, filled.plan)
    return kind


def cutting(filled: FormValues, session: Session) -> FindRegions:
    """Ask for regions alone."""
    return FindRegions(session.look_at(filled.image), regions_of(filled, session), filled.named_model)


def sharpening(tokens: Any, session: Session) -> Sharpen:
    """Ask for a finer map of some tokens of the result on show."""
    if not session.shown:
        raise AppError("Only a finished result can be sharpened; press Explain first.")
    shown = session.shown[-1]
    known = range(len(shown.result.answer.tokens))
    if not (isinstance(tokens, list) and tokens and all(type(token) is int and token in known for token in tokens)):
        raise AppError("Select one or more words of the answer first.")
    return Sharpen(shown.result, tuple(tokens), shown.model or _model_of(shown.result.answer), shown.view.job)


def _model_of(answer: Answer) -> str:
    """Name the model of an earlier answer as the queue knows it; in another precision its numbers would not fit."""
    chosen = answer.precision in PRECISIONS and answer.precision != memory.usual_precision()
    return f"{answer.model}@{answer.precision}" if chosen else answer.model
