"""Players of a person's own function: names, and perhaps coordinates; there is no question."""

import hashlib
from collections.abc import Sequence
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Keep, Keeps, Question
from mmattr_app.errors import AppError

APART = 100.0  # distance between players without places, in mean sizes of a player: no method takes them for neighbours


class Named:
    """Players that have only a name."""

    segmentation = None
    pictured = ()
    occluder = says = ""
    nbytes = 0

    def __init__(self, names: Sequence[str], places: NDArray[np.float64] | None = None) -> None:
        """Take their names, and perhaps their coordinates [players, dimensions], in mean sizes of a player."""
        self._names = list(names)
        self._places = APART * np.eye(len(names)) if places is None else places
        if not self._names or len(self._places) != len(self._names):
            raise AppError(f"There are {len(self._names)} players with {len(self._places)} places; give one for each.")

    @property
    def question(self) -> Question:
        """Give an empty question."""
        return Question((), "")

    @property
    def count(self) -> int:
        """Count the players."""
        return len(self._names)

    @property
    def fingerprint(self) -> bytes:
        """Hash: equal for the same names."""
        return hashlib.blake2b(repr(self._names).encode(), digest_size=16).digest()

    def names(self) -> list[str]:
        """Give the names."""
        return list(self._names)

    def kinds(self) -> list[str]:
        """Give the same kind to all."""
        return ["player"] * self.count

    def region_rows(self) -> NDArray[np.intp]:
        """Give no rows: no player is a region."""
        return np.zeros(0, np.intp)

    def hide(self, keep: Keep) -> NoReturn:
        """Refuse: the function itself hides them."""
        del keep
        raise AppError("This method changes the picture itself; choose one that only asks with masks, such as shapley.")

    def blank(self) -> NoReturn:
        """Refuse: the function itself hides them."""
        self.hide(np.zeros(self.count, bool))

    def keys(self, keeps: Keeps) -> list[bytes]:
        """Give the bits of each mask."""
        return [np.packbits(keep).tobytes() for keep in keeps]

    def blank_key(self) -> bytes:
        """Give the key of the mask in which nobody is visible."""
        return self.keys(np.zeros((1, self.count), bool))[0]

    def weights(self) -> NDArray[np.float64]:
        """Give all the same size."""
        return np.full(self.count, 1 / self.count)

    def places(self) -> NDArray[np.float64]:
        """Give the coordinates [players, dimensions]."""
        return self._places

    def change(self) -> NDArray[np.float64]:
        """Give all the same guess: nothing is known."""
        return np.ones(self.count)

    def grouped(self, groups: NDArray[np.intp]) -> "Named":
        """Make one player of all that have the same group number, in the middle of them."""
        members = [np.flatnonzero(groups == group) for group in range(int(groups.max()) + 1)]
        names = [", ".join(self._names[one] for one in group) for group in members]
        return Named(names, np.stack([self._places[group].mean(axis=0) for group in members]))
