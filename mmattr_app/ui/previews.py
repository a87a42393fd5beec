"""Handlers of the preview: they show the regions before the model is asked, and change them by hand."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from mmattr_app import pipeline
from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.explorer import View
from mmattr_app.jobs import JobQueue
from mmattr_app.players.regions import Regions
from mmattr_app.segmentation import HowToCut, Segmentation
from mmattr_app.ui.drawing import is_same_picture
from mmattr_app.ui.form_values import FormValues, event_value, question_of, read
from mmattr_app.ui.region_choices import Missing, cut, cut_further, edit, on_stage, regions_of, resume
from mmattr_app.ui.session import Session, picture_of
from mmattr_app.ui.views import Message, cost, message, preview_view, show_error

REPEATED = 2.0  # seconds in which Gradio may report again a picture that was taken away


@dataclass(frozen=True)
class Previews:
    """Handlers that show a preview; each takes the form's values, and the session last."""

    queue: JobQueue

    def preview(self, *form: Any) -> Message:
        """Show the picture with the regions that the form asks for, unless they are on show already.

        This event also comes when somebody only moves through a field with Tab.
        """
        filled, session = read(form)
        if not filled.image or _on_show(filled, session):
            return gr.skip()  # pyright: ignore[reportReturnType]
        return self._show(filled, session)

    def picture(self, *form: Any) -> tuple[Message, Any, Any]:
        """Preview a new picture, and empty the text to explain, which was meant for the picture before.

        A text that is typed while this event is on its way is meant for the new picture, and stays. A file that is
        not a picture is removed from the form, and what is on show stays.
        """
        filled, session = read(form)
        if filled.image:
            session.uploads.add(filled.image)
        if not filled.image or _is_repeated(filled, session):
            return gr.skip(), gr.skip(), gr.skip()  # pyright: ignore[reportReturnType]
        try:
            session.look_at(filled.files)
        except AppError as error:
            show_error(error)
            return gr.skip(), gr.skip(), None  # pyright: ignore[reportReturnType]
        return self._show(filled, session), "" if filled.text else gr.skip(), gr.skip()

    def no_picture(self, session: Session) -> tuple[Message, str]:
        """Show the welcome, since the picture was removed from the form."""
        file, _ = session.regions_on_show or (None, "")
        session.taken_away = file or "", time.monotonic()
        session.leave()
        return message(preview_view()), ""

    def _show(self, filled: FormValues, session: Session) -> Message:
        """Show the preview over a result or a run; the run goes on, and Back shows it again."""
        session.take_turn()
        session.regions_on_show = _asked(filled, session)
        return message(regions_view(self.queue, filled, session))

    def draw(self, event: gr.EventData, *form: Any) -> Message:
        """Store the shapes that are drawn now on each picture, and preview their regions."""
        filled, session = read(form)
        if filled.choice != "drawn" or not filled.image:  # a late event: the person has left the drawing meanwhile
            return gr.skip()  # pyright: ignore[reportReturnType]
        try:
            session.look_at(filled.files)
            session.drawing = session.drawing.redrawn(event_value(event, "shapes"))
        except AppError as error:
            show_error(error)
        return self._show(filled, session)

    def edit(self, event: gr.EventData, *form: Any) -> Message:
        """Split or merge the regions that were clicked; this lasts until the form asks for other regions."""
        filled, session = read(form)
        if not on_stage(filled, session) or not filled.image:
            return gr.skip()  # pyright: ignore[reportReturnType]
        try:
            what, picture, regions = (event_value(event, name) for name in ("what", "picture", "regions"))
            edit(filled, session, what, picture, regions)
        except AppError as error:
            show_error(error)
        return self._show(filled, session)

    def recut(self, *form: Any) -> Message:
        """Go back from a result to its regions, to split, merge or draw them."""
        filled, session = read(form)
        try:
            resume(filled, session)
        except AppError as error:
            show_error(error)
            return gr.skip()  # pyright: ignore[reportReturnType]
        return self._show(filled, session)

    def recount(self, *form: Any) -> Message:
        """Update what the regions on show cost; further pictures are noted as files of this tab."""
        filled, session = read(form)
        for file in filled.further:
            session.uploads.add(file)
        if not (session.previewing and filled.image):
            return gr.skip()  # pyright: ignore[reportReturnType]
        session.regions_on_show = _asked(filled, session)
        return message(regions_view(self.queue, filled, session))


def _asked(filled: FormValues, session: Session) -> tuple[str | None, HowToCut] | None:
    try:
        return filled.image, regions_of(filled, session)
    except AppError:  # something is still missing
        return None


def _is_repeated(filled: FormValues, session: Session) -> bool:
    """Say whether this event is no news: Gradio reports the picture on show again, or one that was just removed."""
    file, when = session.taken_away
    if session.previewing:
        return _on_show(filled, session)
    return time.monotonic() - when < REPEATED and is_same_picture(filled.image, file)


def _on_show(filled: FormValues, session: Session) -> bool:
    """Say whether the form asks for the first picture and the regions that are on show."""
    asked, shown = _asked(filled, session), session.regions_on_show
    if asked is None or shown is None or asked[1] != shown[1] or not (asked[0] and shown[0]):
        return asked == shown
    return is_same_picture(asked[0], shown[0])


def regions_view(queue: JobQueue, filled: FormValues, session: Session) -> View:
    """Show the regions that the form asks for and what they cost; if there are none, the picture and the reason."""
    assert filled.image, "there is a picture to be cut"
    try:
        picture = session.look_at(filled.files)
    except AppError as error:
        return preview_view(says=show_error(error))
    session.previewing = True
    more: dict[str, Any] = {"back": session.has_result, "others": _others(filled)}
    if filled.choice == "drawn":
        more["drawing"] = session.drawing.message()
    try:
        regions = cut(picture, filled, session)
    except Missing as missing:
        return preview_view(picture, says=str(missing), **more)
    except AppError as error:
        return preview_view(picture, says=show_error(error), **more)
    if regions is None:
        return preview_view(picture, says="Press Find regions, or Explain, which finds them first.", **more)
    try:
        asked = question_of(filled, session)
        asked, plan = replace(asked, prompt=asked.prompt or "?"), filled.plan
        more["further"] = further = cut_further(filled, session, asked.pictures)
        cuts = (regions, *filter(None, further)) if None not in further else (regions,)
        players = pipeline.find_players(asked, cuts, plan) or Regions(asked, regions, plan.occluder)
        costs = cost(cuts, pipeline.count_masks(players, plan), queue.seconds_per_mask(filled.named_model))
        costs += _about_others(filled, session, further)
    except AppError as error:
        costs = str(error)
    says = f"{costs} {Question((picture,), '', original=session.original).size_says}".strip()
    edits = sum(len(known.before) for known in on_stage(filled, session).values())
    return preview_view(picture, regions, says, edits=edits, **more)


def _others(filled: FormValues) -> list[Pixels]:
    """Give the further pictures; none if one of them cannot be read, which the line about the cost then says."""
    try:
        return [picture_of(file)[0] for file in filled.further]
    except AppError:
        return []


def _about_others(filled: FormValues, session: Session, further: Sequence[Segmentation | None]) -> str:
    """Say which pictures are cut in another way than the form's choice says, or are not cut yet."""
    if None in further:
        return " Explain finds the regions of the other pictures, too."
    grid = f"cut into a grid of {filled.rows:g}x{filled.columns:g}"
    if further and filled.choice == "file":
        return f" The file is about the first picture; the others are {grid}."
    if further and filled.choice == "drawn" and not all(map(session.drawing.regions, filled.files)):
        return f" A picture on which nothing is drawn is {grid}."
    return ""
