"""Players of several kinds in one game, such as regions and words; groups of them may act as one player."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmattr_app.contracts import Players
from mmattr_app.domain import Keep, Keeps, Question
from mmattr_app.players.regions import Regions
from mmattr_app.segmentation import Pictured, Segmentation

FAR = 100.0  # distance between two kinds, in mean sizes of a player: no method takes them for neighbours
TEXTS = ("prompt", "system", "document", "said_hidden")  # fields of a Question that words change


class Together:
    """Players of several kinds for one question; each kind hides another part of it."""

    def __init__(
        self, parts: Sequence[Players], groups: NDArray[np.intp] | None = None, names: Sequence[str] | None = None
    ) -> None:
        """Take the players of each kind, regions first.

        `groups` [players of all kinds] numbers 0, 1, ...: players with the same number are one player. `names` are the
        names of these.
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
        """Hash: equal for the same players in the same groups."""
        made_of = [part.fingerprint for part in self.parts], self.groups.tolist()
        return hashlib.blake2b(repr(made_of).encode(), digest_size=16).digest()

    @property
    def nbytes(self) -> int:
        """Count the bytes of memory of all kinds."""
        return self.groups.nbytes + sum(part.nbytes for part in self.parts)

    @property
    def segmentation(self) -> Segmentation | None:
        """Give the regions of the first picture, merged as the groups say."""
        return self.pictured[0].segmentation if self.pictured else None

    @property
    def pictured(self) -> tuple[Pictured, ...]:
        """List the pictures that have regions here, merged as the groups say; a group may hold regions of several."""
        return self._pictured

    @cached_property
    def _pictured(self) -> tuple[Pictured, ...]:
        """Merge them once: a page asks several times a second."""
        found = list[Pictured]()
        for number, part in enumerate(self.parts):
            if isinstance(part, Regions):
                rows, own = np.unique(self._groups_of(number), return_inverse=True)
                cut = part.grouped(own).segmentation if self.is_grouped else part.segmentation
                found.append(Pictured(part.picture, cut, rows))
        return tuple(found)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle without what can be computed again."""
        return {name: value for name, value in self.__dict__.items() if name != "_pictured"}

    @property
    def is_grouped(self) -> bool:
        """Say whether a group has several members."""
        return self.count < len(self.groups)

    @property
    def occluder(self) -> str:
        """Name the occluder of the first kind."""
        return self.parts[0].occluder

    @property
    def says(self) -> str:
        """Join the notes of all kinds."""
        return " ".join(filter(None, (part.says for part in self.parts)))

    def names(self) -> list[str]:
        """Name each player, a group by its members."""
        if self._names is not None:
            return list(self._names)
        return [", ".join(names) for names in self._members([name for part in self.parts for name in part.names()])]

    def kinds(self) -> list[str]:
        """Give each player's kind; a group has the kinds of all its members."""
        kinds = self._members([kind for part in self.parts for kind in part.kinds()])
        return [" and ".join(dict.fromkeys(of)) for of in kinds]

    def region_rows(self) -> NDArray[np.intp]:
        """Give the numbers of the players that hold regions of the first picture."""
        return np.unique(self._groups_of(0)[self.parts[0].region_rows()])

    def hide(self, keep: Keep) -> Question:
        """Let each kind hide its own players, and merge the questions."""
        return self._merged([part.hide(own[0]) for part, own in zip(self.parts, self._split(keep[None]), strict=True)])

    def blank(self) -> Question:
        """Show nothing of any kind."""
        return self._merged([part.blank() for part in self.parts])

    def keys(self, keeps: Keeps) -> list[bytes]:
        """Join the keys of all kinds."""
        columns = [part.keys(own) for part, own in zip(self.parts, self._split(keeps), strict=True)]
        return [b"".join(keys) for keys in zip(*columns, strict=True)]

    def blank_key(self) -> bytes:
        """Join the keys of all kinds."""
        return b"".join(part.blank_key() for part in self.parts)

    def weights(self) -> NDArray[np.float64]:
        """Give the pictures together the same share of the whole as the words, and each player its share of these.

        Among several pictures pixels count, so that a region's share is that of the pictures' area.
        """
        pixels = [part.segmentation.atoms.size if isinstance(part, Regions) else 0 for part in self.parts]
        shares = np.array([count / sum(pixels) if count else 1 for count in pixels])
        each = zip(shares / shares.sum(), self.parts, strict=True)
        return self._sums(np.concatenate([share * part.weights() for share, part in each]))

    def places(self) -> NDArray[np.float64]:
        """Put the kinds far from each other, in an extra dimension; a group is in the middle of its members."""
        each = [part.places() for part in self.parts]
        wide = max(places.shape[1] for places in each)
        apart = [np.pad(places, ((0, 0), (0, wide + 1 - places.shape[1]))) for places in each]
        for part, places in enumerate(apart):
            places[:, -1] = FAR * part
        sums = np.stack([self._sums(column) for column in np.concatenate(apart).T], axis=1)
        return sums / np.bincount(self.groups)[:, None]

    def change(self) -> NDArray[np.float64]:
        """Give each player's change as a share of its kind's largest; a group has the largest of its members."""
        shares = [change / max(float(change.max()), 1e-9) for change in (part.change() for part in self.parts)]
        most = np.zeros(self.count)
        np.maximum.at(most, self.groups, np.concatenate(shares))
        return most

    def grouped(self, groups: NDArray[np.intp]) -> "Together":
        """Make one player of all that have the same group number.

        If regions alone play, and no group has regions of several pictures, each picture's regions are joined, so that
        they are counted from 1 in each picture.
        """
        number = groups[self.groups]
        regions = [part for part in self.parts if isinstance(part, Regions)]
        found = [np.unique(own, return_inverse=True) for own in np.split(number, self._edges[:-1])]
        rows = np.concatenate([own for own, _ in found])
        if len(regions) < len(self.parts) or len(rows) > int(number.max()) + 1:
            return Together(self.parts, number)
        return Together([part.grouped(member) for part, (_, member) in zip(regions, found, strict=True)], rows)

    def by_kind(self) -> "Together":
        """Make one player of each kind, with the kind as its name."""
        kinds = self.kinds()
        names = list(dict.fromkeys(kinds))
        return Together(self.parts, np.array([names.index(kind) for kind in kinds])[self.groups], names)

    def _groups_of(self, part: int) -> NDArray[np.intp]:
        """Give the group of each player of a kind."""
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
        """Make a question with the changes that each kind made in its own."""
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
