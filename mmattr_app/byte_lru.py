"""A least-recently-used cache, bounded in bytes and safe for threads."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, MutableMapping
from threading import RLock
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class ByteLRU(MutableMapping[Key, Value], Generic[Key, Value]):
    """A dictionary that drops the least recently used values when it is full."""

    def __init__(self, most_bytes: int, weigh: Callable[[Value], int]) -> None:
        """Hold at most `most_bytes` in all; `weigh` counts the bytes of a value. The newest stays whatever its size."""
        self._most, self._weigh = most_bytes, weigh
        self._held: OrderedDict[Key, Value] = OrderedDict()
        self._bytes = 0
        self._lock = RLock()

    def __getitem__(self, key: Key) -> Value:
        with self._lock:
            self._held.move_to_end(key)
            return self._held[key]

    def __setitem__(self, key: Key, value: Value) -> None:
        with self._lock:
            self.pop(key, None)
            self._held[key] = value
            self._bytes += self._weigh(value)
            while self._bytes > self._most and len(self._held) > 1:
                del self[next(iter(self._held))]

    def __delitem__(self, key: Key) -> None:
        with self._lock:
            self._bytes -= self._weigh(self._held.pop(key))

    def __iter__(self) -> Iterator[Key]:
        with self._lock:
            return iter(list(self._held))

    def __len__(self) -> int:
        return len(self._held)
