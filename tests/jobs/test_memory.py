"""The page's memory stays flat: what is freed goes back to the system, and the memo counts all that it holds."""

import ctypes
import inspect
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from mmattr_app import heaps, pipeline
from mmattr_app.domain import Pixels, Question
from mmattr_app.jobs import Explain
from mmattr_app.jobs.queue import SharedSlots
from mmattr_app.pipeline import Plan
from tests.games import ToyWorker, toy_queue
from tests.jobs.conftest import last

# In a process of its own, since others change how much of it is in memory.
HOLES = """
import ctypes, psutil
from mmattr_app import heaps

system = ctypes.CDLL(None)
system.malloc.restype = ctypes.c_void_p
pieces = [(system.malloc(100_000), system.malloc(2_000)) for _ in range(640)]
for hole, kept in pieces:
    ctypes.memset(hole, 1, 100_000)
for hole, kept in pieces:
    system.free(ctypes.c_void_p(hole))
before = psutil.Process().memory_info().rss
heaps.give_back()
print(before - psutil.Process().memory_info().rss)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library")
def test_what_was_freed_between_what_is_kept_is_given_back() -> None:
    given = subprocess.run([sys.executable, "-c", HOLES], check=True, capture_output=True, text=True).stdout
    assert int(given) > 32_000_000


def test_memory_is_given_back_when_a_job_ends(
    picture: Pixels, worker: ToyWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Event()
    monkeypatch.setattr(heaps, "give_back", given.set)
    last(toy_queue(worker, tmp_path).submit(explain(picture)))
    assert given.wait(10)


@pytest.mark.parametrize("tokens", [4, 200])
def test_a_row_of_the_memo_is_counted_with_all_that_it_takes(tokens: int) -> None:
    memo = SharedSlots([])._memo
    files = __file__, inspect.getfile(type(memo))  # what other threads allocate meanwhile does not count
    tracemalloc.start()
    try:
        for _ in range(200):  # chunks
            memo.update((os.urandom(16), row) for row in np.zeros((10, tokens), np.float32))
        taken = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, file) for file in files])
    finally:
        tracemalloc.stop()
    assert sum(trace.size for trace in taken.traces) == pytest.approx(memo._bytes, rel=0.15)


def explain(picture: Pixels) -> Explain:
    return Explain(Question((picture,), "hello"), pipeline.segment(picture, "grid:2x3"), Plan("ablation"), "toy")
