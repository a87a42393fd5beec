"""What a class keeps, and from whom; with hand-made guesses whose score is known."""

import io
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mmattr_app import pipeline
from mmattr_app.classroom import Classes, class_routes
from mmattr_app.classroom import classes as limits
from mmattr_app.classroom.addresses import code_as_svg, reach
from mmattr_app.classroom.gallery import MOST_EACH
from mmattr_app.demo.scenes import scene
from mmattr_app.domain import Attribution, Question, Scores
from mmattr_app.errors import AppError
from mmattr_app.pipeline import Plan
from mmattr_app.segmentation import Segmentation
from tests.games import ToyWorker, explain_regions

ADDRESS = "http://192.0.2.1:7860"
Tell = Callable[..., dict[str, object]]


@pytest.fixture
def result() -> Attribution:
    """Give a result on a grid of 3x4 whose second token rests on region 5 alone, twice as much as on region 6."""
    toy, image = ToyWorker(), scene(3, 96).image
    answer = pipeline.ask(toy, Question((image,), "A yellow house"))
    made = explain_regions(toy, answer, pipeline.segment(image, "grid:3x4"), Plan("ablation"))
    values = np.zeros_like(made.scores.values)
    values[5, 1], values[6, 1], values[0, 1] = 2, 1, -1
    return replace(made, scores=Scores(values), reads="measured loss")


@pytest.fixture
def classes() -> Classes:
    return Classes()


@pytest.fixture
def client(classes: Classes, result: Attribution) -> TestClient:
    """Serve a class in which `scene` and `same` are of one scene of the lesson, and `own` is somebody's."""

    def find(name: str) -> tuple[Attribution, str | None] | None:
        return {"scene": (result, "seed 3"), "same": (result, "seed 3"), "own": (result, None)}.get(name)

    return TestClient(Starlette(routes=class_routes(classes, find, ADDRESS, lambda _: True)))


def tell(client: TestClient, path: str, **told: object) -> dict[str, object]:
    reply = client.post(path, json=told)
    return reply.json() | {"status": reply.status_code}


def refused(client: TestClient, path: str, **told: object) -> str:
    reply = tell(client, path, **told)
    assert reply["status"] in (400, 404)
    return str(reply["detail"])


def join(client: TestClient, code: str, nickname: str) -> str:
    return str(tell(client, "/class/join", code=code, nickname=nickname)["token"])


def test_a_guess_is_scored_against_the_map_and_drawn_for_the_class(client: TestClient, classes: Classes) -> None:
    one = classes.open()
    mia, tom = join(client, one.code, "Mia"), join(client, one.code, "Tom")
    tell(client, "/class/guess", token=mia, result="scene", tokens=[1], marked=[5])
    tell(client, "/class/guess", token=tom, result="same", tokens=[1], marked=[0, 1])
    (guessed,) = list(one.guesses)
    assert guessed.found == {1: pytest.approx(2 / 3 * 12), 2: 0.0}  # of the support, times the regions
    state = tell(client, "/teacher/state", key=one.key)
    assert state["guesses"] == [
        {"number": 1, "words": guessed.words, "count": 2, "version": guessed.version, "times": 4.0}
    ]
    drawn = np.asarray(Image.open(io.BytesIO(guessed.class_map())).convert("RGB"), float)
    height, width = drawn.shape[0] // 3, drawn.shape[1] // 4
    marked, left = drawn[: height - 2, : width - 2], drawn[2 * height + 2 :, : width - 2]
    assert np.ptp(marked[..., 0] - marked[..., 2]) >= 0
    assert (marked[..., 0] - marked[..., 2]).mean() > (left[..., 0] - left[..., 2]).mean() + 20  # orange over region 0
    before = guessed.version
    tell(client, "/class/guess", token=tom, result="scene", tokens=[1], marked=[5])  # the last one counts
    assert guessed.found[2] == guessed.found[1]
    assert guessed.version != before
    for region in (0, 4, 0):  # of one size, and without support: the same figures for another map
        before = guessed.version
        tell(client, "/class/guess", token=tom, result="scene", tokens=[1], marked=[region])
        assert guessed.version != before


def test_a_guess_of_a_region_without_pixels_is_refused_and_the_teacher_sees_the_others(classes: Classes) -> None:
    toy, image = ToyWorker(), scene(3, 96).image
    masks = np.zeros((2, *image.shape[:2]), bool)
    masks[0, :40] = True  # the second mask is empty, as one in a learner's file may be
    answer = pipeline.ask(toy, Question((image,), "A yellow house"))
    result = explain_regions(toy, answer, Segmentation.from_masks("masks", masks), Plan("ablation"))
    routes = class_routes(classes, lambda _: (result, "seed 3"), ADDRESS, lambda _: True)
    client, one = TestClient(Starlette(routes=routes)), classes.open()
    token = join(client, one.code, "Mia")
    says = refused(client, "/class/guess", token=token, result="scene", tokens=[1], marked=[1])
    assert says == "Mark some regions of the picture first."
    assert tell(client, "/teacher/state", key=one.key)["guesses"] == []
    tell(client, "/class/guess", token=token, result="scene", tokens=[1], marked=[0, 1])
    (guessed,) = one.guesses
    assert np.isfinite(guessed.found[1])


def test_a_picture_of_ones_own_is_not_told_with_a_guess(client: TestClient, classes: Classes) -> None:
    one = classes.open()
    token = join(client, one.code, "Mia")
    assert tell(client, "/class/guess", token=token, result="own", tokens=[1], marked=[5])["status"] == 200
    assert not list(one.guesses)


def test_what_was_sent_is_shown_until_it_is_hidden_or_the_class_ends(client: TestClient, classes: Classes) -> None:
    one = classes.open()
    token = join(client, one.code, "<b>Mia</b>")
    for step in (1, 3):
        tell(client, "/class/step", token=token, step=step)
    tell(client, "/class/send", token=token, result="own", tokens=[1])
    state = tell(client, "/teacher/state", key=one.key)
    assert state["learners"] == [{"number": 1, "name": "<b>Mia</b>", "steps": [1, 3], "hidden": False}]
    assert client.post("/teacher/picture", json={"key": one.key, "kind": "sent", "number": 1}).content[1:4] == b"PNG"
    for what in ("learner", "picture"):
        tell(client, "/teacher/hide", key=one.key, what=what, number=1)
    text = json.dumps(tell(client, "/teacher/state", key=one.key))
    assert "Mia" not in text
    assert text.count('"hidden": true') == 2
    tell(client, "/teacher/end", key=one.key)
    assert "over" in refused(client, "/class/me", token=token)
    assert "not a teacher's key" in refused(client, "/teacher/state", key=one.key)


def test_two_classes_never_see_each_other(client: TestClient, classes: Classes) -> None:
    one = classes.open()
    other = classes.by_key(str(tell(client, "/teacher/open", key=one.key)["key"]))
    assert other.code != one.code
    here, there = join(client, one.code, "Mia"), join(client, other.code, "Mia")
    tell(client, "/class/send", token=here, result="own", tokens=[1])
    tell(client, "/class/guess", token=there, result="scene", tokens=[1], marked=[5])
    states = [tell(client, "/teacher/state", key=each.key) for each in (one, other)]
    assert [(len(state["gallery"]), len(state["guesses"])) for state in states] == [(1, 0), (0, 1)]  # type: ignore[arg-type]
    assert "not there" in refused(client, "/teacher/picture", key=other.key, kind="sent", number=1)


def test_every_wrong_thing_gets_one_sentence(client: TestClient, classes: Classes) -> None:
    one = classes.open()
    token = join(client, one.code.lower(), "  Mia\n ")
    assert next(iter(one.learners.values())).nickname == "Mia"
    assert "nickname already" in refused(client, "/class/join", code=one.code, nickname="MIA")
    assert "1 to 20 letters" in refused(client, "/class/join", code=one.code, nickname="\x00")
    assert "1 to 20 letters" in refused(client, "/class/join", code=one.code, nickname="m" * 21)
    assert "ask your teacher" in refused(client, "/class/join", code="AAAAA", nickname="Tom")
    assert "steps 1 to 7" in refused(client, "/class/step", token=token, step=8)
    assert "not there" in refused(client, "/class/send", token=token, result="../etc", tokens=[1])
    assert "Select a word" in refused(client, "/class/send", token=token, result="own", tokens=[])
    assert "tokens 1 to 2, not 100" in refused(client, "/class/send", token=token, result="own", tokens=[99])
    assert "Mark some regions" in refused(client, "/class/guess", token=token, result="scene", tokens=[1], marked=[12])
    assert "not a teacher's key" in refused(client, "/teacher/state", key="")
    assert "not there" in refused(client, "/teacher/hide", key=one.key, what="learner", number=7)
    for broken in (b"[]", b"{", b"\xff", b'{"token": 3}', b'{"token": "' + b"x" * 400 + b'"}', b"[" * 60_000):
        reply = client.post("/class/me", content=broken)
        assert (reply.status_code, reply.json()) == (400, {"detail": "This request cannot be read."})


def test_a_class_is_deleted_after_a_day(classes: Classes, monkeypatch: pytest.MonkeyPatch) -> None:
    still = classes.open()
    monkeypatch.setattr(limits, "A_DAY", -1)  # which is over at once
    one = classes.open()
    assert classes.by_code(still.code) is still
    with pytest.raises(AppError, match="over"):
        classes.by_code(one.code)


def test_a_class_a_machine_and_a_gallery_are_bounded(client: TestClient, classes: Classes) -> None:
    one = classes.open()
    token = join(client, one.code, "Mia")
    for _ in range(MOST_EACH):
        assert tell(client, "/class/send", token=token, result="own", tokens=[1])["status"] == 200
    assert "full" in refused(client, "/class/send", token=token, result="own", tokens=[1])
    for number in range(limits.MOST_LEARNERS - 1):
        one.join(f"learner {number}")
    assert "full" in refused(client, "/class/join", code=one.code, nickname="one too many")
    for _ in range(limits.MOST_CLASSES - 1):
        classes.open()
    with pytest.raises(AppError, match="end one first"):
        classes.open()


def test_the_address_is_one_that_a_phone_reaches(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reach("192.168.1.5", 7860) == "http://192.168.1.5:7860"
    assert reach("fe80::1", 80) == "http://[fe80::1]:80"
    assert not reach("0.0.0.0", 7860).startswith("http://0.0.0.0")  # noqa: S104
    monkeypatch.setenv("SPACE_HOST", "owner-name.hf.space")
    assert reach("0.0.0.0", 7860) == "https://owner-name.hf.space"  # noqa: S104
    assert code_as_svg("http://192.168.1.5:7860/class?code=ACDEF").startswith("<svg")
