"""Handlers of the lesson: set up the example of a step or another scene, and check whether the cause was marked."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

import gradio as gr
import numpy as np
from anyio import to_thread

from mmattr_app.demo.examples import CHOSEN, Chosen
from mmattr_app.demo.scenes import FIRST_TRAINING_SEED, TAG, Scene, scene
from mmattr_app.domain import Attribution, Question
from mmattr_app.errors import AppError
from mmattr_app.settings import METHOD, REGIONS
from mmattr_app.ui.examples import Example
from mmattr_app.ui.filling import save_picture, unchanged, values_of_question
from mmattr_app.ui.form_values import FURTHER, NAMES, Refused, chosen, event_value
from mmattr_app.ui.lesson.drawn import note_scene
from mmattr_app.ui.lesson.steps import STEPS, Step
from mmattr_app.ui.region_choices import fields_of
from mmattr_app.ui.returning import Returning
from mmattr_app.ui.session import Session

Updates: TypeAlias = AsyncGenerator[list[Any], None]  # updates of the explorer, the history and the form's fields

SIZE = 512  # pixels of a scene's side, as in the examples
COVERED = 0.5  # share of the tag that must be marked
SMALL = 0.1  # share of the picture that may be marked at most: marking everything proves nothing
FOUND = "Yes: this is what the word comes from."
TOO_MUCH = "It is in there, but you marked too much of the picture: mark only the cause."
ELSEWHERE = "No: without what you marked the model would say the word all the same."
NOT_SET_UP = "This is another picture; press “Set up” first."

_numbers = count(1)


@dataclass(frozen=True)
class Teaching:
    """Handlers of the lesson's events."""

    returning: Returning

    async def set_up(self, request: gr.Request, event: gr.EventData, *form: Any) -> Updates:
        """Show the example of a step, or draw the scene with a seed and explain it; fill the form in both cases."""
        session: Session = form[-1]
        step, seed = chosen(STEPS, event_value(event, "number")), _seed(event_value(event, "seed"))
        if seed is None and (example := self._example(step)):
            message, *fields = self.returning.show(example, request, session)
            yield [{**message, "first_word": step.word, "begins": True}, gr.skip(), *fields]
            return
        drawn = await to_thread.run_sync(_draw, step, seed)
        word = step.word if seed is None or TAG in drawn.masks else _smallest_single_thing(drawn)
        values = await to_thread.run_sync(_values, _scene_of(step), drawn)
        session.leave()
        session.uploads.add(values["image"])
        fields = self.returning.fill(values, request, session)
        filled = {
            **dict(zip(NAMES, form, strict=False)),
            **values,
        }  # fields that the lesson does not set stay as they are
        asked = [filled[name] for name in NAMES]
        async for message, history in self.returning.handlers.explain(request, *asked, session):
            named = {**message, "first_word": word} if "pieces" in message else message
            yield [named, history, *fields]
            fields = unchanged()

    def check(self, event: gr.EventData, session: Session) -> dict[str, Any]:
        """Reply whether the marked regions are the cause that a step asks for."""
        number = event_value(event, "number")
        step, seed = chosen(STEPS, number), _seed(event_value(event, "seed"))
        if step.done != "tag":
            raise Refused("This step is not done by marking.")
        drawn, says = _draw(step, seed), NOT_SET_UP
        try:
            result = session.shown[-1].result if session.shown else None
        except AppError:  # the result is not kept any more
            result = None
        if result and np.array_equal(result.answer.question.image, drawn.image):
            says = judge(result, drawn, event_value(event, "regions"))
        return {"number": number, "done": says == FOUND, "says": says, "serial": next(_numbers)}

    def _example(self, step: Step) -> Example | None:
        examples = {example.picture.stem: example for example in self.returning.examples}
        return examples.get(step.example)


def judge(result: Attribution, drawn: Scene, regions: Any) -> str:
    """Say in a sentence whether the marked regions hold the tag and little else."""
    cut = result.players.segmentation
    if cut is None or not isinstance(regions, list) or not all(type(one) is int for one in regions):
        raise Refused("The marked regions cannot be read; mark them again.")
    marked = np.zeros(drawn.image.shape[:2], bool)
    for one in {one for one in regions if 0 <= one < cut.regions}:
        marked |= cut.mask(one)
    if marked[drawn.masks[TAG]].mean() < COVERED:
        return ELSEWHERE
    return FOUND if marked.mean() <= SMALL else TOO_MUCH


def _seed(value: Any) -> int | None:
    """Check the seed of a scene; None means the example's own scene."""
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < FIRST_TRAINING_SEED:
        raise Refused("There is no such scene; press “Another scene”.")
    return value


def _scene_of(step: Step) -> Chosen:
    for one in CHOSEN:
        if one.name == step.example:
            return one
    raise Refused("This step has no scene.")


def _draw(step: Step, seed: int | None) -> Scene:
    own = _scene_of(step)
    if seed is not None and not step.another:
        raise Refused("This step has one scene only; press “Set up”.")
    number = own.seed if seed is None else seed
    drawn = scene(number, SIZE, own.staging)
    note_scene(own, number, drawn.image)
    return drawn


def _smallest_single_thing(drawn: Scene) -> str:
    """Name the smallest thing in a scene whose kind is there only once; empty if there is none."""
    kinds = [thing.kind for thing in drawn.objects]
    single = [thing for thing in drawn.objects if thing.told and kinds.count(thing.kind) == 1]
    return min(single, key=lambda thing: thing.area).kind if single else ""


def _values(own: Chosen, drawn: Scene) -> dict[str, Any]:
    """Give the values of the form's fields for a scene."""
    asked = values_of_question(Question((drawn.image,), own.prompt), own.model, REGIONS, save_picture(drawn.image))
    usual = {"method": METHOD, "occluder": "mean", "budget": 0, "seed": 0, "text": "", "measure": []}
    usual |= {"document": "", **dict.fromkeys(FURTHER)}
    return {**asked, **usual, "players": ["regions"], **fields_of(REGIONS)}
