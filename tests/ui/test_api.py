"""The tool for programs: gradio_client, and plain HTTP as curl speaks it."""

import base64
import io
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from gradio_client import Client
from PIL import Image

from mmattr_app import pipeline
from mmattr_app.domain import Pixels, Question
from mmattr_app.jobs import JobQueue
from mmattr_app.plan import Plan
from mmattr_app.results.reading import from_json
from tests.games import ToyWorker, explain_regions


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait for something that takes its turn."""
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def encoded(picture: Pixels) -> str:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False)


CALLS = {"ask_model", "explain_picture", "cut_picture", "measure_map", "compare_methods"}


def test_programs_see_five_calls_with_types_and_words(client: Client) -> None:
    known: Any = client.view_api(return_format="dict", print_info=False)
    assert set(known["named_endpoints"]) == {f"/{name}" for name in CALLS}
    assert all(call["description"] for call in known["named_endpoints"].values())
    parameters = {one["parameter_name"]: one for one in known["named_endpoints"]["/explain_picture"]["parameters"]}
    assert list(parameters)[:4] == ["image", "prompt", "regions", "method"]
    assert parameters["max_tokens"]["parameter_default"] == 64


def test_a_client_explains_a_picture_and_measures_its_map(client: Client, picture: Pixels) -> None:
    job = client.submit(encoded(picture), "An API", regions="grid:2x3", method="ablation", api_name="/explain_picture")
    last: Any = job.result(timeout=60)
    result = from_json(json.dumps(last["result"]), picture)
    assert (result.answer.text, result.method, result.segmentation.regions) == ("An API!", "ablation", 6)
    assert np.isfinite(result.scores.values).all()
    assert [told["done"] for told in job.outputs()] == sorted(told["done"] for told in job.outputs())  # type: ignore[index]
    measured: Any = client.predict(last["job"], "API", api_name="/measure_map")
    assert measured["state"] == "done"
    assert measured["result"]["meta"]["measured"]


def test_a_client_cuts_a_picture(client: Client, picture: Pixels) -> None:
    found: Any = client.predict("data:image/png;base64," + encoded(picture), "grid:3x4", api_name="/cut_picture")
    assert found["result"]["regions"] == 12
    assert found["result"]["shape"] == list(picture.shape[:2])


def test_a_client_asks_about_two_pictures_and_scores_a_text(client: Client, picture: Pixels) -> None:
    asked: Any = client.predict([encoded(picture)] * 2, "Two", api_name="/ask_model")
    assert (asked["result"]["answer"], asked["result"]["tokens"]) == ("Two!", ["Two", "!"])
    scored: Any = client.predict([], "No picture", answer="A text", api_name="/ask_model")
    assert (scored["result"]["answer"], scored["result"]["typed"]) == ("A text!", True)
    assert scored["result"]["logprob_spoken"] == [0, 0]


def test_a_client_compares_methods_on_the_same_words(client: Client, picture: Pixels, toy: ToyWorker) -> None:
    found: Any = client.predict(
        encoded(picture),
        "Alike",
        methods="ablation, keep-one, ablation on grid:3x2 hidden by white",
        word="Alike",
        regions="grid:2x3",
        api_name="/compare_methods",
    )
    result = found["result"]
    assert (result["answer"], result["selection"]) == ("Alike!", [0])
    names = ["ablation", "keep-one", "ablation on grid:3x2 hidden by white"]
    assert [one["name"] for one in result["maps"]] == names
    assert not result["one_measure"]
    assert result["asked"] >= sum(one["asked"] for one in result["maps"])
    answer = pipeline.ask(toy, Question((picture,), "Alike"))
    cut = pipeline.segment(picture, "grid:2x3")
    for one in result["maps"][:2]:
        ours = explain_regions(toy, answer, cut, Plan(one["name"]), selection=(0,))
        np.testing.assert_allclose(one["result"]["scores"], ours.scores.values, atol=1e-6)
    # Every region of the toy has a worth of its own, which both methods find.
    assert [row[:2] for row in result["correlations"][:2]] == [pytest.approx([1, 1])] * 2
    asked: Any = {"methods": "ablation, ablation asking clever-hans", "regions": "grid:2x3"}
    other: Any = client.predict(encoded(picture), "Alike", **asked, api_name="/compare_methods")
    names = [one["name"] for one in other["result"]["maps"]]
    assert names == ["ablation asking toy", "ablation asking clever-hans"], "another model scores the same answer"


def test_a_client_compares_and_explains_two_pictures(client: Client, picture: Pixels, toy: ToyWorker) -> None:
    pictures = [picture, picture[::-1].copy()]
    how: Any = {"image": list(map(encoded, pictures)), "prompt": "Both", "regions": "grid:2x3"}
    found: Any = client.predict(**how, methods="ablation,keep-one", word="Both", api_name="/compare_methods")
    explained: Any = client.predict(**how, method="ablation", api_name="/explain_picture")
    question = Question(tuple(pictures), "Both")
    answer, plan = pipeline.ask(toy, question), Plan("ablation")
    players = pipeline.find_all_players(answer, pipeline.segment_all(question, plan, "grid:2x3"), plan)
    ours = pipeline.explain(toy, answer, players, plan)
    for told in (found["result"]["maps"][0]["result"], explained["result"]):
        assert told["meta"]["players"]["kinds"] == ["picture 1"] * 6 + ["picture 2"] * 6
        np.testing.assert_allclose(np.array(told["scores"])[:, 0], ours.scores.values[:, 0], atol=1e-6)
    assert found["result"]["correlations"][0][1] == pytest.approx(1)
    assert found["result"]["maps"][0]["pointing"] is None


def test_curl_starts_a_call_and_reads_its_end(address: str, picture: Pixels) -> None:
    body = {"image": encoded(picture), "prompt": "By hand", "regions": "grid:1x2", "method": "ablation"}
    (event,) = httpx.post(f"{address}gradio_api/call/v2/explain_picture", json=body).json().values()
    last = None
    for kind, data in events(f"{address}gradio_api/call/v2/explain_picture/{event}"):
        assert kind != "error", data
        last = data or last
    assert last is not None
    assert last[0]["result"]["meta"]["answer"] == "By hand!"


def events(url: str) -> Iterator[tuple[str, Any]]:
    with httpx.stream("GET", url, timeout=60) as reply:
        kind = ""
        for line in reply.iter_lines():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield kind, json.loads(line.removeprefix("data: "))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"image": "no picture"}, "The picture cannot be read; send a PNG or JPEG file as base64"),
        ({"image": 7}, "image is not text"),
        ({"image": [""] * 9}, "9 pictures are given and the limit is 8"),
        ({"image": []}, "No picture is given, so it has no regions"),
        ({"prompt": " "}, "The question is empty"),
        ({"regions": "labels:/etc/passwd"}, "Regions from a file cannot be named here"),
        ({"regions": "saved:/etc/passwd"}, "Regions from a file cannot be named here"),
        ({"regions": "nonsense"}, "There is no"),
        ({"method": "nonsense"}, "There is no method 'nonsense'"),
        ({"method": "eagle"}, "eagle explains words that you choose"),
        ({"model": "/etc"}, "This page offers the models"),
        ({"players": "everybody"}, "There are no players 'everybody'"),
        ({"budget": -1}, "budget is not a whole number from 0 up"),
        ({"seed": "1"}, "seed is not a whole number"),
    ],
)
def test_what_cannot_be_is_one_sentence(client: Client, picture: Pixels, changes: dict[str, Any], says: str) -> None:
    asked: Any = {"image": encoded(picture), "prompt": "What?", "regions": "grid:2x2"} | changes
    with pytest.raises(Exception, match=says):
        client.predict(**asked, api_name="/explain_picture")


@pytest.mark.parametrize(
    ("call", "changes", "says"),
    [
        ("ask_model", {"images": "one"}, "images is not a list"),
        ("ask_model", {"images": ["no picture"]}, "The picture cannot be read"),
        ("ask_model", {"images": [""] * 9}, "9 pictures are given and the limit is 8"),
        ("ask_model", {"images": [7]}, "images.0. is not text"),
        ("compare_methods", {"image": [""] * 9}, "9 pictures are given and the limit is 8"),
        ("compare_methods", {"image": ["no picture"]}, "The picture cannot be read"),
        ("compare_methods", {"methods": "ablation, ablation with 3 masks"}, "ablation asks 4 masks for 4 regions"),
        ("compare_methods", {"methods": "ablation"}, "Only one method is named"),
        ("compare_methods", {"methods": "ablation,nonsense"}, "There is no method 'nonsense'"),
        ("compare_methods", {"methods": "ablation,eagle"}, "eagle explains words that you choose"),
        ("compare_methods", {"word": "absent"}, "The answer has no 'absent'"),
        ("compare_methods", {"regions": "masks:/etc/passwd"}, "Regions from a file cannot be named here"),
        ("compare_methods", {"methods": "ablation, ablation on saved:/a.npz"}, "Regions from a file cannot be named"),
        ("compare_methods", {"methods": "ablation, ablation asking org/large"}, "This page offers the models demo"),
        ("compare_methods", {"methods": "ablation, ablation like this"}, "cannot be read; write a method"),
    ],
)
def test_what_cannot_be_asked_or_compared_is_one_sentence(
    client: Client, picture: Pixels, call: str, changes: dict[str, Any], says: str
) -> None:
    usual: Any = {"images": []} if call == "ask_model" else {"image": encoded(picture), "regions": "grid:2x2"}
    with pytest.raises(Exception, match=says):
        client.predict(**usual | {"prompt": "What?"} | changes, api_name=f"/{call}")


def test_a_result_that_is_not_there_cannot_be_measured(client: Client) -> None:
    with pytest.raises(Exception, match="There is no such result"):
        client.predict("../../etc", "", api_name="/measure_map")


def test_a_call_that_is_cancelled_stops_its_job(
    client: Client, picture: Pixels, queue: JobQueue, toy: ToyWorker
) -> None:
    toy.gate.clear()
    try:
        job = client.submit(encoded(picture), "To be stopped", regions="grid:4x4", api_name="/explain_picture")
        wait_for(lambda: any(one.kind.question.prompt == "To be stopped" for one in queue.jobs()))
        ours = next(one for one in queue.jobs() if one.kind.question.prompt == "To be stopped")
        wait_for(lambda: ours.snapshot.state == "hiding")
        job.cancel()
        wait_for(lambda: ours.snapshot.ended)
    finally:
        toy.gate.set()
