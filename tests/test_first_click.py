"""The page that `make run` opens: a heatmap at the first click, before any model is there, and nothing left behind."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.canvas import wait_until_painted

ROOT = Path(__file__).parents[1]
RUN = re.search(r"^run:.*\n\t\$\(BIN\)/python (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as asked:
        return asked.getsockname()[1]


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Start what `make run` starts, with a temporary folder and a home of its own, and open it."""
    assert RUN, "make run should start the page"
    for name in ("temporary", "home"):
        (tmp_path / name).mkdir()
    ours = {"TMPDIR": str(tmp_path / "temporary"), "XDG_CACHE_HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, *RUN[1].split(), "--port", str(free_port())]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | ours, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = next(line.split()[-1] for line in server.stdout if "http://" in line)
        tab = browser.new_page()
        tab.goto(address)
        yield tab
        tab.close()
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)
    assert list((tmp_path / "temporary").iterdir()) == [], "uploads should go with the server"


def test_the_first_click_shows_a_heatmap_without_a_run(page: Page) -> None:
    page.wait_for_selector("#explorer [data-state=done]")
    number = page.locator("[data-token]:not([aria-selected=true])").first.get_attribute("data-token")
    word = page.locator(f"[data-token='{number}']").first
    word.click()
    expect(word).to_have_attribute("aria-selected", "true")
    wait_until_painted(page)
    assert page.locator("#explorer [data-state=done]").count() == 1, "nothing should have been asked of a model"
    assert page.request.get(f"{page.url}health").json()["jobs"] == 0
