"""Prefetching: threads work ahead of the loop that needs their results."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")


def prefetch(work: Callable[[Item], Done], items: Iterable[Item], *, threads: int, depth: int) -> Iterator[Done]:
    """Yield `work(item)` in order, while threads compute up to `depth` items ahead.

    The threads end with the loop: a pool that is still there after a fork would hang.
    """
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Done]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > depth:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
