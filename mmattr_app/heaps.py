"""What a process does with memory that was freed: glibc keeps it, and the memory of a long-running server grows."""

import ctypes
from contextlib import suppress


def share() -> None:
    """Have all threads share two heaps: glibc gives each thread its own, which keeps what it freed for good."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(-8, 2)  # M_ARENA_MAX


def give_back() -> None:
    """Give what is free back to the system: glibc does so only at the end of a heap, not between what is in use."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
