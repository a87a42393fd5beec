"""The cache holds what was used last."""

from mmattr_app.byte_lru import ByteLRU


def test_what_was_not_used_for_longest_goes_first() -> None:
    cache = ByteLRU[str, bytes](10, len)
    cache["a"], cache["b"] = b"1234", b"1234"
    assert cache["a"] == b"1234"
    cache["c"] = b"1234"
    assert list(cache) == ["a", "c"]


def test_the_newest_always_has_room() -> None:
    cache = ByteLRU[str, bytes](3, len)
    cache["large"] = b"1234"
    assert list(cache) == ["large"]
    cache["small"] = b"1"
    assert list(cache) == ["small"]


def test_putting_again_counts_once() -> None:
    cache = ByteLRU[str, bytes](8, len)
    for _ in range(5):
        cache["a"] = b"1234"
    cache["b"] = b"1234"
    assert len(cache) == 2
    del cache["a"]
    assert cache.get("a") is None
