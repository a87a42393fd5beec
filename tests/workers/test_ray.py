"""Ray's actors give the numbers of this process, survive a kill, and stop talking when told."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from PIL import Image

from mmattr_app import pipeline
from mmattr_app.batch.questions import Row
from mmattr_app.batch.running import Batch
from mmattr_app.contracts import Slot
from mmattr_app.demo.scenes import scene
from mmattr_app.domain import Answer, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain, Job, Snapshot
from mmattr_app.jobs.queue import SharedSlots
from mmattr_app.pipeline import Plan
from mmattr_app.results.reading import read_npz
from mmattr_app.segmentation import Segmentation
from mmattr_app.workers.calls import Answering, Segmenting
from mmattr_app.workers.queued import QueuedWorker
from mmattr_app.workers.ray import ray_slots
from tests.games import ToyWorker, explain_regions

FAR_AWAY = "far away, until there is "  # begins the name of a model that takes its time


@pytest.fixture(scope="module")
def slots() -> Iterator[list[Slot]]:
    def open_worker(model: str, *, on_loading: Callable[[str], None]) -> Any:
        if not model.startswith(FAR_AWAY):
            return pipeline.open_worker(model, on_loading=on_loading)
        on_loading("1.00 of 2.00 GB")
        heard, until = Path(model.removeprefix(FAR_AWAY)), time.monotonic() + 60
        while not heard.exists():
            assert time.monotonic() < until, "the words are told before the model is there"
            time.sleep(0.01)
        on_loading("2.00 of 2.00 GB")
        return ToyWorker()

    yield ray_slots(open_worker, 2)
    ray.shutdown()


@pytest.fixture(scope="module")
def shared(slots: list[Slot]) -> SharedSlots:
    return SharedSlots(slots)


@pytest.fixture(scope="module")
def image() -> Pixels:
    return scene(12, 128).image


def process(shared: SharedSlots, image: Pixels, prompt: str = "Describe the picture.", model: str = "demo") -> Snapshot:
    job = Job(
        Explain(Question((image,), prompt), pipeline.segment(image, "grid:6x6"), Plan("ablation"), model),
        patience=600,
        rest=600,
    )
    shared(job)
    return job.snapshot


def test_two_actors_give_the_numbers_of_this_process(shared: SharedSlots, image: Pixels) -> None:
    there = process(shared, image).attribution
    assert there is not None
    here = pipeline.open_worker("demo")
    answer = pipeline.ask(here, Question((image,), "Describe the picture."))
    assert answer.text == there.answer.text
    alone = explain_regions(here, answer, there.segmentation, Plan("ablation"))
    np.testing.assert_allclose(there.scores.values, alone.scores.values, atol=1e-6)


def test_an_actor_that_is_killed_costs_no_number(shared: SharedSlots, slots: list[Slot], image: Pixels) -> None:
    before = process(shared, image, "What do you see?").attribution
    for slot in slots:
        _kill(slot)
    after = process(shared, image[:, ::-1].copy(), "What do you see?")
    assert after.state == "done"
    again = SharedSlots(slots)
    _kill(slots[0])
    repeated = process(again, image, "What do you see?").attribution
    assert before is not None
    assert repeated is not None
    np.testing.assert_allclose(before.scores.values, repeated.scores.values, atol=1e-6)


def test_an_answer_that_nobody_wants_ends_and_the_actor_goes_on(slots: list[Slot], image: Pixels) -> None:
    ready(slots[0])
    pieces = slots[0].run("demo", Answering(Question((image,), "Describe the picture.")))
    next(pieces)
    pieces.close()  # pyright: ignore[reportAttributeAccessIssue]  (it is a generator)
    *_, answer = slots[0].run("demo", Answering(Question((image,), "Describe the picture.")))
    assert isinstance(answer, Answer)


def test_a_picture_is_cut_in_an_actor(slots: list[Slot], image: Pixels) -> None:
    ready(slots[0])
    *_, cut = slots[0].run("demo", Segmenting(image, "slic:12"))
    assert isinstance(cut, Segmentation)
    assert cut.fingerprint == pipeline.segment(image, "slic:12").fingerprint


def test_what_a_person_can_put_right_comes_back_from_an_actor(slots: list[Slot]) -> None:
    with pytest.raises(AppError, match="There is no folder /nowhere"):
        ready(slots[0], "/nowhere")


def test_how_far_a_model_is_comes_from_an_actor_as_it_is_said(slots: list[Slot], tmp_path: Path) -> None:
    """The actor goes on only once its first words were heard here."""
    heard = tmp_path / "heard"
    events = slots[1].load(f"{FAR_AWAY}{heard}")
    assert next(events) == "1.00 of 2.00 GB"
    heard.touch()
    assert list(events) == ["2.00 of 2.00 GB", ToyWorker.batch]


def ready(slot: Slot, model: str = "demo") -> int:
    """Load a model to the end."""
    *_, batch = slot.load(model)
    assert isinstance(batch, int)
    return batch


def _kill(slot: Any) -> None:
    os.kill(ray.get(slot._actor.process.remote()), signal.SIGKILL)


def test_a_batch_on_two_actors_gives_the_numbers_of_this_process(
    shared: SharedSlots, image: Pixels, tmp_path: Path
) -> None:
    Image.fromarray(image).save(tmp_path / "a.png")
    rows = [
        Row(number, "a.png", prompt, model="demo", regions="grid:4x4", method="ablation")
        for number, prompt in enumerate(("What is this?", "Describe the picture."), 1)
    ]
    here = pipeline.open_worker("demo")

    def there(model: str) -> QueuedWorker:
        return QueuedWorker(shared.scheduler, "batch", model, look=lambda _: None, on_loading=lambda _: None)

    found: list[list[Any]] = []
    for name, opens in (("here", lambda _: here), ("there", there)):
        outcomes = list(Batch(tmp_path, tmp_path / name, Plan(), 16, opens).run(rows))
        found.append([read_npz(tmp_path / name / outcome.file) for outcome in outcomes])
    for one, other in zip(*found, strict=True):
        assert one.answer.text == other.answer.text
        np.testing.assert_allclose(one.scores.values, other.scores.values, atol=1e-4)
