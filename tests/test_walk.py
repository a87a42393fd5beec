"""The way of a click through the code is short, and docs/architecture.md tells it."""

import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import astuple, replace
from pathlib import Path
from types import FrameType

import gradio as gr
import pytest
from PIL import Image

import mmattr_app
from mmattr_app.demo.scenes import scene
from mmattr_app.jobs import JobQueue, Store
from mmattr_app.pipeline import open_worker
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.session import Session
from mmattr_app.workers.inline import InlineSlot
from tests.tabs import told
from tests.ui.test_region_choices import FILLED

PACKAGE = Path(mmattr_app.__file__).parent
MOST = 44  # files that a click on Explain may enter, once the model is warm


class Watch:
    """Notes the files of the package in which a function is called, in every thread that starts from now on."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.on = False

    def note(self, frame: FrameType, event: str, _: object) -> None:
        """Take one event of the profiler."""
        file = frame.f_code.co_filename
        if self.on and event == "call" and file.startswith(f"{PACKAGE}/"):
            self.files.add(str(Path(file).relative_to(PACKAGE)))


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    threading.setprofile(watch.note)
    sys.setprofile(watch.note)
    yield watch
    sys.setprofile(None)
    threading.setprofile(None)  # pyright: ignore[reportArgumentType]


def click(handlers: Handlers, session: Session, picture: Path) -> None:
    """Press Explain on a grid of 4x4, and follow to the end."""
    filled = replace(FILLED, image=str(picture), rows=4, columns=4)
    fields = [getattr(filled, name) for name in filled.__dataclass_fields__]
    values = [*(list(value) if isinstance(value, tuple) else value for value in fields), session]
    assert len(values) == len(astuple(filled)) + 1
    *_, (last, _) = told(handlers.explain(gr.Request(session_hash="a tab", client=None), *values))
    assert last["state"] == "done"


def test_a_warm_click_enters_few_files_and_the_documents_name_the_way(watch: Watch, tmp_path: Path) -> None:
    for seed in (3, 4):
        Image.fromarray(scene(seed, 128).image).save(tmp_path / f"{seed}.png")
    queue = JobQueue.on([InlineSlot(open_worker)], Store(tmp_path / "store"))
    handlers, session = Handlers(queue), Session()
    click(handlers, session, tmp_path / "3.png")  # loads the model
    watch.on = True
    click(handlers, session, tmp_path / "4.png")
    watch.on = False
    assert len(watch.files) <= MOST, " ".join(sorted(watch.files))
    way = (PACKAGE.parent / "docs/architecture.md").read_text().split("## From a click to its heatmap")[1]
    told_files = re.findall(r"`([a-z_/]+\.py)`", way)
    assert len(told_files) >= 8
    assert set(told_files) <= watch.files
