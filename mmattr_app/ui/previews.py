"""What happens to the regions before anything is asked: show them at once, draw them."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from mmattr_app import pipeline
from mmattr_app.domain import Question
from mmattr_app.errors import AppError
from mmattr_app.explorer import View
from mmattr_app.jobs import Desk
from mmattr_app.players.regions import Regions
from mmattr_app.ui.form_values import Wish, event_value, read
from mmattr_app.ui.region_choices import Missing, cut, edited, resume
from mmattr_app.ui.session import Session
from mmattr_app.ui.views import Message, cost, message, preview_view, tell


@dataclass(frozen=True)
class Previews:
    """Handlers that end in a preview, each given the form's values and the session."""

    desk: Desk

    def preview(self, *form: Any) -> Message:
        """Show the picture with its regions; a run on other ones is no longer wanted."""
        wish, session = read(form)
        session.leave()
        if not wish.image:
            return message(preview_view())
        return message(regions_view(self.desk, wish, session))

    def picture(self, *form: Any) -> Message:
        """Preview a picture that this tab brought; one that the page itself put there is on show already."""
        wish, session = read(form)
        expected, session.expected = session.expected, ""
        if wish.image and Path(wish.image).name == expected:
            return gr.skip()  # pyright: ignore[reportReturnType]
        if wish.image:
            session.uploads.add(wish.image)
        return self.preview(*form)

    def draw(self, event: gr.EventData, *form: Any) -> Message:
        """Take over what is drawn now, and preview it."""
        wish, session = read(form)
        if wish.choice != "drawn" or not wish.image:  # the last stroke of a drawing that was left meanwhile
            return gr.skip()  # pyright: ignore[reportReturnType]
        try:
            session.look_at(wish.image)
            session.drawing = session.drawing.redrawn(event_value(event, "shapes"))
        except AppError as error:
            tell(error)
        return self.preview(*form)

    def edit(self, event: gr.EventData, *form: Any) -> Message:
        """Split or merge the regions that were clicked; what the form says stands until it changes."""
        _, session = read(form)
        if session.cut is None:
            return gr.skip()  # pyright: ignore[reportReturnType]
        try:
            session.cut = edited(session.cut, event_value(event, "what"), event_value(event, "regions"))
        except AppError as error:
            tell(error)
        return self.preview(*form)

    def recut(self, *form: Any) -> Message:
        """Go back from a result to its regions, to split, merge or draw them."""
        wish, session = read(form)
        try:
            resume(wish, session)
        except AppError as error:
            tell(error)
            return gr.skip()  # pyright: ignore[reportReturnType]
        return self.preview(*form)

    def recount(self, *form: Any) -> Message:
        """Say anew what the regions on show cost."""
        wish, session = read(form)
        if not (session.previewing and wish.image):
            return gr.skip()  # pyright: ignore[reportReturnType]
        return message(regions_view(self.desk, wish, session))


def regions_view(desk: Desk, wish: Wish, session: Session) -> View:
    """Show the regions that the form says, with what they cost; whatever is wrong with them, the picture stays."""
    assert wish.image, "there is a picture to be cut"
    try:
        picture = session.look_at(wish.image)
    except AppError as error:
        return preview_view(says=tell(error))
    session.previewing = True
    drawing = asdict(session.drawing) if wish.choice == "drawn" else None
    try:
        regions = cut(picture, wish, session)
    except Missing as missing:
        return preview_view(picture, says=str(missing), drawing=drawing)
    except AppError as error:
        return preview_view(picture, says=tell(error), drawing=drawing)
    if regions is None:
        return preview_view(picture, says="Press Find regions, or Explain, which finds them first.")
    try:
        players = Regions(Question((picture,), ""), regions, wish.plan.occluder)
        costs = cost(regions, pipeline.count_masks(players, wish.plan), desk.pace(wish.named_model))
    except AppError as error:
        costs = str(error)
    says = f"{costs} {Question((picture,), '', original=session.original).size_says}".strip()
    edits = len(session.cut.before) if session.cut else None
    return preview_view(picture, regions, says, drawing=drawing, edits=edits)
