"""A model is fetched from a hub, in words; the hub is a small one of ours."""

import json
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants, snapshot_download

from mmattr_app.errors import AppError
from mmattr_app.models import hub as hub_files

SHA = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "config.json": b"{}",
    "model-00001-of-00002.safetensors": bytes(30_000_000),
    "model-00002-of-00002.safetensors": bytes(20_000_000),
    "pytorch_model.bin": b"not wanted",
    "consolidated.safetensors": b"not wanted",
}


class Hub(BaseHTTPRequestHandler):
    """Answers what the hub's client asks for one small model."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Stay quiet."""

    def do_HEAD(self) -> None:
        """Tell about a file."""
        self.do_GET(body=False)

    def do_GET(self, *, body: bool = True) -> None:
        """Give the model's commit, its list of files, or a file."""
        if "/resolve/" in self.path:
            name = self.path.rpartition("/")[2]
            return self.reply(FILES[name], body=body, **{"ETag": f'"{name}"', "X-Repo-Commit": SHA})
        if "/tree/" in self.path:
            listed = [{"type": "file", "path": name, "size": len(data), "oid": name} for name, data in FILES.items()]
            return self.reply(json.dumps(listed).encode())
        return self.reply(json.dumps({"id": "tiny/model", "sha": SHA, "siblings": []}).encode())

    def reply(self, data: bytes, *, body: bool = True, **headers: str) -> None:
        """Send it."""
        self.send_response(200)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(data)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    ours = partial(snapshot_download, endpoint=f"http://127.0.0.1:{server.server_port}", cache_dir=tmp_path)
    monkeypatch.setattr(hub_files, "snapshot_download", ours)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    yield tmp_path
    server.shutdown()
    server.server_close()


def test_a_download_is_told_in_words(hub: Path) -> None:
    told: list[str] = []
    hub_files.fetch("tiny/model", "tiny/model", told.append)
    assert told[-1] == "downloading tiny/model: 0.05 of 0.05 GB"
    assert 2 <= len(told) <= 101 * len(FILES)
    got = {path.name for path in hub.rglob("*") if path.is_symlink() or path.suffix == ".safetensors"}
    assert {name for name in FILES if name in got} == set(list(FILES)[:3])


def test_what_is_here_already_is_not_fetched_again(hub: Path) -> None:
    del hub
    hub_files.fetch("tiny/model", "tiny/model", lambda _: None)
    told: list[str] = []
    hub_files.fetch("tiny/model", "tiny/model", told.append)
    assert told == []


def test_offline_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_files, "snapshot_download", lambda *_, **__: pytest.fail("it asked"))
    hub_files.fetch("tiny/model", "tiny/model", lambda _: None)


def test_without_a_hub_one_sentence_comes_soon_or_the_files_that_are_here(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub_files.fetch("tiny/model", "tiny/model", lambda _: None)
    monkeypatch.setattr(hub_files, "snapshot_download", partial(snapshot_download, cache_dir=hub))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")  # where nobody listens
    assert Path(hub_files.files_without_hub("tiny/model", "tiny/model"), "config.json").is_file()
    started = time.monotonic()
    with pytest.raises(AppError, match="not whole on this machine, and the hub cannot be reached"):
        hub_files.files_without_hub("other/model", "other/model")
    assert time.monotonic() - started < hub_files.TIMEOUT + 1


def test_a_hub_that_answers_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        assert not hub_files.files_without_hub("tiny/model", "tiny/model")
        server.shutdown()
