"""A shelf holds what was used last."""

from mmattr_app.workers.byte_lru import Shelf


def test_what_was_not_used_for_longest_goes_first() -> None:
    shelf = Shelf[str, bytes](10, len)
    shelf["a"], shelf["b"] = b"1234", b"1234"
    assert shelf["a"] == b"1234"
    shelf["c"] = b"1234"
    assert list(shelf) == ["a", "c"]


def test_the_newest_always_has_room() -> None:
    shelf = Shelf[str, bytes](3, len)
    shelf["large"] = b"1234"
    assert list(shelf) == ["large"]
    shelf["small"] = b"1"
    assert list(shelf) == ["small"]


def test_putting_again_counts_once() -> None:
    shelf = Shelf[str, bytes](8, len)
    for _ in range(5):
        shelf["a"] = b"1234"
    shelf["b"] = b"1234"
    assert len(shelf) == 2
    del shelf["a"]
    assert shelf.get("a") is None
