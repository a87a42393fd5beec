"""Tile cache: for models that cut a picture into tiles, the vision tower encodes only tiles that have changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from mmattr_app.models.families import family_of


@dataclass
class Seen:
    """The tower's inputs and outputs for the unhidden picture; empty until it is encoded."""

    given: list[Tensor] = field(default_factory=list[Tensor])  # inputs, each [tiles, ...]
    made: Any = None  # outputs, each [tiles, ...]


class Tower:
    """Wraps a vision tower's forward. The first call in `reusing` must be for the unhidden picture."""

    def __init__(self, tower: Any, *, exact: bool) -> None:
        """In low precision (not `exact`) tiles go in groups of one size, since a group's size changes the numbers."""
        self._forward: Callable[..., Any] = tower.forward
        self._exact = exact
        self._seen: Seen | None = None
        self._pictures = 1
        tower.forward = self

    @contextmanager
    def reusing(self, seen: Seen, pictures: int) -> Iterator[None]:
        """Reuse outputs in `seen` for all calls in this `with` block, each with this number of pictures."""
        self._seen, self._pictures = seen, pictures
        try:
            yield
        finally:
            self._seen = None

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Give the tower's output."""
        given = [value for value in (*args, *options.values()) if isinstance(value, Tensor)]
        count = len(given[0])
        if self._seen is None or count % self._pictures or any(len(value) != count for value in given):
            return self._forward(*args, **options)
        tiles = count // self._pictures

        def encode(chosen: Tensor) -> Any:
            return self._forward(*_rows(args, chosen), **_rows(options, chosen))

        if not self._seen.given:
            first = torch.arange(tiles, device=given[0].device)
            self._seen.given, self._seen.made = _rows(given, first), encode(first)
        last = slice(-tiles, None)  # the others need not be read
        return self._complete(_rows(self._seen.given, last), _rows(self._seen.made, last), given, encode)

    def _complete(self, seen: list[Tensor], made: Any, given: list[Tensor], encode: Callable[[Tensor], Any]) -> Any:
        """Encode the tiles that have changed, and put their outputs between the known ones."""
        tiles = len(seen[0])
        before = torch.arange(len(given[0]), device=given[0].device) % tiles  # each tile's number in its picture
        changed = torch.zeros(len(given[0]), dtype=torch.bool, device=given[0].device)
        for now, then in zip(given, seen, strict=True):
            changed |= (now != then[before]).flatten(1).any(1)
        chosen = changed.nonzero()[:, 0]
        parts = [made, *(encode(part) for part in self._groups(chosen, tiles))]
        place = before.clone()  # where each tile's output is in the joined parts
        place[chosen] = tiles + torch.arange(len(chosen), device=place.device)
        return _rows(_join(parts), place)

    def _groups(self, chosen: Tensor, tiles: int) -> list[Tensor]:
        """Split the changed tiles into groups that are encoded together; in low precision, of one size."""
        if not len(chosen):
            return []
        if self._exact:
            return [chosen]
        short = -len(chosen) % tiles
        return list(torch.cat([chosen, chosen[-1:].expand(short)]).split(tiles))


def find_tower(model: Any, *, exact: bool) -> Tower | None:
    """Wrap the model's vision tower if its family encodes tiles one by one; None otherwise."""
    name = family_of(model).tile_tower
    return Tower(getattr(model.base_model, name), exact=exact) if name else None


def _rows(value: Any, chosen: Tensor | slice) -> Any:
    """Take rows of every tensor in nested dicts, lists and tuples."""
    if isinstance(value, Tensor):
        return value[chosen]
    if isinstance(value, dict):
        return type(value)(**{name: _rows(part, chosen) for name, part in value.items()})
    if isinstance(value, (list, tuple)):
        return type(value)(_rows(part, chosen) for part in value)
    return value


def _join(parts: list[Any]) -> Any:
    """Concatenate the tensors of several nested outputs of the same form."""
    first = parts[0]
    if isinstance(first, Tensor):
        return torch.cat(parts)
    if isinstance(first, dict):
        return type(first)(**{name: _join([part[name] for part in parts]) for name in first})
    if isinstance(first, (list, tuple)):
        return tuple(_join(list(column)) for column in zip(*parts, strict=True))
    return first
