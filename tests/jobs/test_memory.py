"""The page's memory stays flat: what is freed goes back to the system, and the memo counts all that it holds."""

import ctypes
import os
import time
import tracemalloc
from pathlib import Path

import numpy as np
import psutil
import pytest

from mmattr_app import pipeline
from mmattr_app.domain import Pixels, Question
from mmattr_app.jobs import Explain
from mmattr_app.jobs.queue import SharedSlots
from mmattr_app.pipeline import Plan
from tests.games import ToyWorker, toy_queue
from tests.jobs.conftest import last

SYSTEM = ctypes.CDLL(None)
HOLES, HOLE, KEPT = 640, 100_000, 2_000  # pieces of memory; bytes of one, and of what is kept behind it


@pytest.mark.skipif(not hasattr(SYSTEM, "malloc_trim"), reason="another C library")
def test_what_was_freed_between_what_is_kept_goes_back_when_a_job_ends(
    picture: Pixels, worker: ToyWorker, tmp_path: Path
) -> None:
    SYSTEM.malloc.restype = ctypes.c_void_p
    pieces = [(SYSTEM.malloc(HOLE), SYSTEM.malloc(KEPT)) for _ in range(HOLES)]
    for hole, _ in pieces:
        ctypes.memset(hole, 1, HOLE)
    for hole, _ in pieces:
        SYSTEM.free(ctypes.c_void_p(hole))
    before = psutil.Process().memory_info().rss

    last(toy_queue(worker, tmp_path).submit(explain(picture)))

    end = time.monotonic() + 10
    while (given := before - psutil.Process().memory_info().rss) < HOLES * HOLE / 2 and time.monotonic() < end:
        time.sleep(0.05)  # the job's thread does it after the last news
    for _, kept in pieces:
        SYSTEM.free(ctypes.c_void_p(kept))
    assert given >= HOLES * HOLE / 2


@pytest.mark.parametrize("tokens", [4, 200])
def test_a_row_of_the_memo_is_counted_with_all_that_it_takes(tokens: int) -> None:
    memo = SharedSlots([])._memo
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(200):  # chunks
            memo.update((os.urandom(16), row) for row in np.zeros((10, tokens), np.float32))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before == pytest.approx(memo._bytes, rel=0.15)


def explain(picture: Pixels) -> Explain:
    return Explain(Question((picture,), "hello"), pipeline.segment(picture, "grid:2x3"), Plan("ablation"), "toy")
