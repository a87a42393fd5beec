"""A server that is told to stop: tabs hear that their run is lost, nothing is left, and a reload is told, too."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain
from mmattr_app.jobs.temporary import PREFIX
from mmattr_app.pipeline import Plan
from tests.games import ToyWorker, toy_queue
from tests.ui.client import Client, sentences

ROOT = Path(__file__).parents[2]
Start = Callable[[], tuple[subprocess.Popen[str], str]]


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


def answers(address: str) -> bool:
    try:
        return urlopen(f"{address}/health", timeout=5).status == 200  # noqa: S310
    except (URLError, OSError):
        return False


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the app as a person does, with its results and temporary files in a folder of the test."""
    environment = os.environ | {"TMPDIR": str(tmp_path), "MMATTR_STORE": str(tmp_path / "results")}
    processes: list[subprocess.Popen[str]] = []

    def start_app() -> tuple[subprocess.Popen[str], str]:
        port = free_port()
        command = [sys.executable, "app.py", "--port", str(port), "--workers", "inline"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        address = f"http://127.0.0.1:{port}"
        while not answers(address):
            assert process.poll() is None, "the app ended by itself"
        return process, address

    yield start_app
    for process in processes:
        process.kill()
        process.communicate()


def test_a_run_that_is_stopped_midway_is_told_lost_before_and_after_the_restart(start: Start, tmp_path: Path) -> None:
    process, address = start()
    client = Client(address)
    client.fill(rows=24, columns=24, method="ablation", prompt="What is it?")
    news, job = client.follow("explain"), ""
    for message in news:
        if not job and message["msg"] == "process_generating":
            job = message["output"]["data"][0]["job"]
        if " masks, " in json.dumps(message):
            break
    process.send_signal(signal.SIGTERM)
    *_, told, end = news
    assert "this run is lost; ask again in a minute" in sentences([told, end])
    assert end["success"]
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert list(tmp_path.glob(f"{PREFIX}*")) == []

    _, address = start()
    shown = sentences(Client(address).call("come_back", [job, None]))
    assert "This run is lost: the server was restarted" in shown
    assert '"state": "done"' in shown


def test_a_desk_that_closes_ends_its_jobs_with_a_sentence_and_takes_no_more(tmp_path: Path, picture: Pixels) -> None:
    toy = ToyWorker()
    toy.gate.clear()
    queue = toy_queue(toy, tmp_path)
    wanted = Explain(Question((picture,), "hello"), pipeline.segment(picture, "grid:2x3"), Plan("ablation"), "toy")
    job = queue.submit(wanted)
    toy.busy.wait(10)
    queue.close("Closed; come back.", patience=0)
    *_, end = job.follow(pause=0)
    assert (end.state, end.says) == ("cancelled", "Closed; come back.")
    with pytest.raises(AppError, match="Closed; come back"):
        queue.submit(wanted)
    toy.gate.set()
