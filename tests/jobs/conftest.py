"""A worker that waits when told to, and the end of a job."""

from collections.abc import Iterator

import pytest

from mmattr_app.jobs import Job, Snapshot
from tests.games import ToyWorker


@pytest.fixture
def worker() -> Iterator[ToyWorker]:
    """Give the toy behind the queue; at the end nothing waits for it any more."""
    toy = ToyWorker()
    yield toy
    toy.gate.set()


def last(job: Job) -> Snapshot:
    """Follow a job to its end."""
    *_, end = job.follow(pause=0)
    return end
