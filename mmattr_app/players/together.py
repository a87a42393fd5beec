"""Players of several kinds in one game, such as regions and words; and groups of them, each of which is one player."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Players
from mmattr_app.domain import Keep, Keeps, Question
from mmattr_app.players.regions import Pictured, Regions
from mmattr_app.segmentation import Segmentation

FAR = 100.0  # between two kinds, in mean sizes of a player: no method takes them for neighbours
TEXTS = ("prompt", "system", "document", "said_hidden")


class Together:
    """Players of several kinds about one question, of which each kind changes something else."""

    def __init__(
        self, parts: Sequence[Players], groups: NDArray[np.intp] | None = None, names: Sequence[str] | None = None
    ) -> None:
        """Take the kinds, regions first. Those with the same number in `groups`, 0, 1, ..., are one player.

        `names` says how each of these is called.
        """
        self.parts, self.question, self._names = tuple(parts), parts[0].question, names
        self._edges = np.cumsum([part.count for part in parts])
        self.groups = np.arange(int(self._edges[-1])) if groups is None else groups

    @property
    def count(self) -> int:
        """Count the players."""
        return int(self.groups.max()) + 1

    @property
    def fingerprint(self) -> bytes:
        """Equal for the same players in the same groups."""
        made_of = [part.fingerprint for part in self.parts], self.groups.tolist()
        return hashlib.blake2b(repr(made_of).encode(), digest_size=16).digest()

    @property
    def nbytes(self) -> int:
        """Count the bytes of all."""
        return self.groups.nbytes + sum(part.nbytes for part in self.parts)

    @property
    def segmentation(self) -> Segmentation | None:
        """Give the regions of the first picture, grouped as they play."""
        return self.pictured[0].cut if self.pictured else None

    @cached_property
    def pictured(self) -> tuple[Pictured, ...]:
        """List the pictures of which regions play, grouped as they play; a group may hold regions of several."""
        found = list[Pictured]()
        for number, part in enumerate(self.parts):
            if isinstance(part, Regions):
                rows, own = np.unique(self._of(number), return_inverse=True)
                cut = part.grouped(own).segmentation if self.is_grouped else part.segmentation
                found.append(Pictured(part.picture, cut, rows))
        return tuple(found)

    def __getstate__(self) -> dict[str, Any]:
        """Travel without what can be made again."""
        return {name: value for name, value in self.__dict__.items() if name != "pictured"}

    @property
    def is_grouped(self) -> bool:
        """Say whether some players are several of a part."""
        return self.count < len(self.groups)

    @property
    def occluder(self) -> str:
        """Name what is shown in the place of what is hidden first."""
        return self.parts[0].occluder

    @property
    def says(self) -> str:
        """Join what the parts say."""
        return " ".join(filter(None, (part.says for part in self.parts)))

    def names(self) -> list[str]:
        """Name each player, a group by its members."""
        if self._names is not None:
            return list(self._names)
        return [", ".join(names) for names in self._members([name for part in self.parts for name in part.names()])]

    def kinds(self) -> list[str]:
        """Say what each player is part of, a group by all kinds in it."""
        kinds = self._members([kind for part in self.parts for kind in part.kinds()])
        return [" and ".join(dict.fromkeys(of)) for of in kinds]

    def region_rows(self) -> NDArray[np.intp]:
        """Give the numbers of the players that hold regions of the first picture."""
        return np.unique(self._of(0)[self.parts[0].region_rows()])

    def hide(self, keep: Keep) -> Question:
        """Hide in each part what is hidden of it."""
        return self._merged([part.hide(own[0]) for part, own in zip(self.parts, self._split(keep[None]), strict=True)])

    def blank(self) -> Question:
        """Show nothing of any part."""
        return self._merged([part.blank() for part in self.parts])

    def keys(self, keeps: Keeps) -> list[bytes]:
        """Join the names that the parts give."""
        columns = [part.keys(own) for part, own in zip(self.parts, self._split(keeps), strict=True)]
        return [b"".join(names) for names in zip(*columns, strict=True)]

    def blank_key(self) -> bytes:
        """Join the names that the parts give."""
        return b"".join(part.blank_key() for part in self.parts)

    def weights(self) -> NDArray[np.float64]:
        """Give each part the same share, and each player its share of that."""
        return self._sums(np.concatenate([part.weights() / len(self.parts) for part in self.parts]))

    def places(self) -> NDArray[np.float64]:
        """Put the parts far from each other, in a dimension of its own; a group is in the middle of its members."""
        each = [part.places() for part in self.parts]
        wide = max(places.shape[1] for places in each)
        apart = [np.pad(places, ((0, 0), (0, wide + 1 - places.shape[1]))) for places in each]
        for part, places in enumerate(apart):
            places[:, -1] = FAR * part
        sums = np.stack([self._sums(column) for column in np.concatenate(apart).T], axis=1)
        return sums / np.bincount(self.groups)[:, None]

    def change(self) -> NDArray[np.float64]:
        """Compare each player with the one of its part that changes most; a group is like its largest change."""
        shares = [change / max(float(change.max()), 1e-9) for change in (part.change() for part in self.parts)]
        most = np.zeros(self.count)
        np.maximum.at(most, self.groups, np.concatenate(shares))
        return most

    def grouped(self, groups: NDArray[np.intp]) -> "Together":
        """Make one player of all that have the same number."""
        return Together(self.parts, groups[self.groups])

    def by_kind(self) -> "Together":
        """Make one player of each kind, called like it."""
        kinds = self.kinds()
        names = list(dict.fromkeys(kinds))
        return Together(self.parts, np.array([names.index(kind) for kind in kinds])[self.groups], names)

    def _of(self, part: int) -> NDArray[np.intp]:
        """Give the group of each player of a part."""
        return np.split(self.groups, self._edges[:-1])[part]

    def _split(self, keeps: Keeps) -> list[Keeps]:
        return np.split(keeps[:, self.groups], self._edges[:-1], axis=1)

    def _sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(self.groups, values, self.count).astype(np.float64)

    def _members(self, values: Sequence[str]) -> list[list[str]]:
        members: list[list[str]] = [[] for _ in range(self.count)]
        for group, value in zip(self.groups.tolist(), values, strict=True):
            members[group].append(value)
        return members

    def _merged(self, hidden: Sequence[Question]) -> Question:
        """Take from each part's question what it changed."""
        changed: dict[str, Any] = {}
        pictures = list(self.question.pictures)
        for question in hidden:
            for number, picture in enumerate(question.pictures):
                if picture is not self.question.pictures[number]:
                    pictures[number] = picture
            changed |= {
                name: value for name in TEXTS if (value := getattr(question, name)) != getattr(self.question, name)
            }
        return replace(self.question, pictures=tuple(pictures), **changed)
