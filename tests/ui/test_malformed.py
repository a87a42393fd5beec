"""Requests that no browser sends: each is answered, none leaves a traceback, and the log is not flooded."""

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from mmattr_app.errors import AppError
from mmattr_app.ui import request_log
from mmattr_app.ui.form_values import NAMES, RANGES, Refused, read
from mmattr_app.ui.session import Session
from tests.ui.client import Client, sentences

FILE = {"meta": {"_type": "gradio.FileData"}}
WRONG: list[Any] = [
    *("text", "", "a" * 5000, "\0", None, True, -1, 1.5, 10**400, float("nan"), float("inf"), -float("inf")),
    *([], ["a", "b"], [[[]]], {}, {"path": 5}, {"path": "/etc/passwd", **FILE}, {"path": "", **FILE}),
    {"path": "a" * 5000, **FILE},
]
NO_EVENTS: list[Any] = [
    *(None, "text", 5, [], {}, {"tokens": None}, {"tokens": "01"}, {"tokens": [1.5]}, {"tokens": [-1, 10**30]}),
    *({"shapes": 5}, {"shapes": [None, 5]}, {"shapes": [["brush", float("nan"), []]]}, {"shapes": [["lasso", [[]]]]}),
    *({"shapes": [["rectangle", "a", [], {}, None]]}, {"shapes": [["rectangle", 10**400, 0, 1, 1]]}),
    *({"what": []}, {"what": {}, "regions": {}}, {"what": "split", "regions": [10**30]}, {"what": "split"}),
    *({"what": "merge", "regions": [-1, 70]}, {"what": "undo", "regions": "all"}),
]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Give the log with every line in it."""
    monkeypatch.setattr(request_log.log, "filters", [])
    caplog.set_level(logging.INFO)
    return caplog


@pytest.fixture
def client(address: str, own_picture: Path) -> Client:
    """Open a tab with a result on show."""
    client = Client(address)
    client.fill(image=client.upload(own_picture), prompt="Who asks?")
    client.call("picture")
    assert '"state": "done"' in sentences(client.call("explain"))
    return client


def no_traceback(log: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    assert "Traceback" not in log.text
    assert "Traceback" not in "".join(capfd.readouterr())
    log.clear()


def test_no_function_stumbles_over_values_of_the_wrong_kind(
    client: Client, log: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, function in client.functions.items():
        for value in WRONG:
            assert client.call(name, [value] * len(function["inputs"])), (name, value)
            no_traceback(log, capfd)


def test_no_field_of_the_form_stumbles_over_a_value_of_the_wrong_kind(
    client: Client, log: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    inputs = client.functions["explain"]["inputs"]
    for place in range(len(inputs)):
        for value in WRONG[:-8:2]:
            values = [client.form.get(part) for part in inputs]
            values[place] = value
            assert client.call("explain", values), (inputs[place], value)
            no_traceback(log, capfd)


@pytest.mark.parametrize("name", ["sharpen", "draw", "edit", "recut", "unsharpen"])
def test_no_event_stumbles_over_what_it_carries(
    client: Client, log: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    if name == "draw":
        client.fill(choice="drawn")
    for data in NO_EVENTS:
        assert client.call(name, event_data=data), data
        no_traceback(log, capfd)


def test_the_server_answers_whatever_is_sent_to_it(
    address: str, client: Client, log: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    right = client.body("models")
    bodies = [{**right, name: value} for name in right for value in (None, "x", -1, 10**9, [], {}, "a" * 5000)]
    for where in ("queue/join", "run/models", "call/models", "api/models", "cancel", "reset", "component_server"):
        for body in [*bodies, {}, [], None, "x"]:
            assert client.http.post(f"/gradio_api/{where}", json=body).status_code < 600
    for content in (b"", b"{", b"\xff", b"[" * 100_000, b'{"data": ["\\ud800"]}'):
        reply = client.http.post("/gradio_api/queue/join", content=content)
        assert 400 <= reply.status_code < 500
    for path in (
        "queue/data?session_hash=nobody",
        "heartbeat/%0aINFO",
        "file=%00",
        "stream/x/y/0/playlist.m3u8",
        "call/x/y",
    ):
        with httpx.stream("GET", f"{address}gradio_api/{path}", timeout=30) as reply:
            next(reply.iter_bytes(), b"")
    no_traceback(log, capfd)


@pytest.mark.parametrize("name", [name for name in NAMES if name in RANGES])
def test_a_number_out_of_its_range_is_one_sentence(name: str) -> None:
    form: dict[str, Any] = dict.fromkeys(NAMES, "x") | {each: low for each, (low, _) in RANGES.items()}
    form |= {"measure": [], "players": ["regions"], "hide_text": "nothing"}
    read([*form.values(), Session()])
    for wrong in ("8", [8], True, RANGES[name][0] - 1, RANGES[name][1] + 1, float("nan"), float("inf"), 10**400):
        with pytest.raises(
            Refused, match=f"(?i){name.replace('_', ' ')} is not a number from .* to .*; choose one"
        ) as told:
            read([*(form | {name: wrong}).values(), Session()])
        assert isinstance(told.value, AppError)
        assert told.value.print_exception is False


def test_what_nobody_can_read_is_a_line_a_request_and_few_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("few")
    log.addFilter(few := request_log.MostAMinute(3))
    for number in range(50):
        log.warning("malformed %d", number)
    assert [record.getMessage() for record in caplog.records] == ["malformed 0", "malformed 1", "malformed 2"]
    few._since -= 61
    log.warning("malformed again")
    assert caplog.records[-1].getMessage() == "malformed again (47 more were left out before)"


def test_a_bug_of_ours_keeps_its_traceback(
    address: str, log: pytest.LogCaptureFixture, own_picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("mmattr_app.ui.handlers.cut", breaks)
    client = Client(address)
    client.fill(image=client.upload(own_picture), prompt="Who asks?")
    client.call("explain")
    assert "ZeroDivisionError" in log.text
    assert "Traceback" in log.text
