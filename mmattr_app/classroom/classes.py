"""Classes: the learners, what they have done and what they have sent. All of it is in memory only."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from mmattr_app.classroom.gallery import Gallery
from mmattr_app.classroom.guesses import Guesses
from mmattr_app.errors import AppError

LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"  # without letters and digits that look alike on a blackboard
CODE = 5  # letters of a class's code
A_DAY = 24 * 3600  # seconds
MOST_CLASSES, MOST_LEARNERS = 20, 200
LONGEST = 20  # letters of a nickname
STEPS = 7  # steps of the lesson
OVER = "This class is over, or was never there; ask your teacher for the code."


@dataclass
class Learner:
    """A person in a class."""

    number: int  # from 1
    nickname: str
    steps: set[int] = field(default_factory=set[int])  # numbers of the lesson's steps that are done
    hidden: bool = False  # the teacher's page does not show the nickname


class Class:
    """One class: its code for learners, its key for the teacher."""

    def __init__(self) -> None:
        """Start with no learners."""
        self.code = "".join(secrets.choice(LETTERS) for _ in range(CODE))
        self.key = secrets.token_urlsafe(12)
        self.until = time.monotonic() + A_DAY
        self.learners: dict[str, Learner] = {}  # by a secret token that only their browser has
        self.guesses, self.gallery = Guesses(), Gallery()

    def join(self, nickname: str) -> str:
        """Add a learner, and give the token that their browser sends from now on."""
        name = " ".join("".join(letter if letter.isprintable() else " " for letter in nickname).split())
        if not name or len(name) > LONGEST:
            raise AppError(f"Give a nickname of 1 to {LONGEST} letters.")
        if any(other.nickname.casefold() == name.casefold() for other in self.learners.values()):
            raise AppError("Somebody has this nickname already; take another one.")
        if len(self.learners) >= MOST_LEARNERS:
            raise AppError(f"This class is full; {MOST_LEARNERS} are in it.")
        token = secrets.token_urlsafe(12)
        self.learners[token] = Learner(len(self.learners) + 1, name)
        return token

    def note_step(self, learner: Learner, step: int) -> None:
        """Record that a step of the lesson is done."""
        if not 1 <= step <= STEPS:
            raise AppError(f"The lesson has the steps 1 to {STEPS}.")
        learner.steps.add(step)

    def names(self) -> dict[int, str]:
        """Give the names that the teacher's page shows, by learners' numbers; a hidden nickname is replaced."""
        return {who.number: f"learner {who.number}" if who.hidden else who.nickname for who in self.learners.values()}

    def hide(self, what: str, number: int) -> None:
        """Hide a nickname or a picture, or show it again if it is hidden."""
        kinds = {"learner": list(self.learners.values()), "picture": self.gallery.sent}
        found = [one for one in kinds.get(what, []) if one.number == number]
        if not found:
            raise AppError("This is not there any more; load the page again.")
        found[0].hidden = not found[0].hidden


class Classes:
    """All classes on this machine."""

    def __init__(self) -> None:
        """Start with no classes."""
        self._classes: list[Class] = []
        self.lock = Lock()  # to hold while a class is read or changed

    def open(self) -> Class:
        """Open a class."""
        if len(self._running()) >= MOST_CLASSES:
            raise AppError(f"{MOST_CLASSES} classes are open on this machine; end one first.")
        self._classes.append(Class())
        return self._classes[-1]

    def by_code(self, code: str) -> Class:
        """Find a class by the code that learners type."""
        wanted = code.strip().upper().encode()
        return self._find(lambda one: secrets.compare_digest(one.code.encode(), wanted), OVER)

    def by_key(self, key: str) -> Class:
        """Find a class by its teacher's key."""
        wanted, says = (
            key.encode(),
            "This is not a teacher's key; open the address that was printed when the class was opened.",
        )
        return self._find(lambda one: secrets.compare_digest(one.key.encode(), wanted), says)

    def by_token(self, token: str) -> tuple[Class, Learner]:
        """Find a learner by their token, and the class."""
        found = self._find(lambda one: token in one.learners, OVER)
        return found, found.learners[token]

    def end(self, one: Class) -> None:
        """Delete a class and all its data."""
        self._classes.remove(one)

    def _find(self, fits: Callable[[Class], bool], says: str) -> Class:
        found = next(filter(fits, self._running()), None)
        if found is None:
            raise AppError(says)
        return found

    def _running(self) -> list[Class]:
        self._classes = [one for one in self._classes if one.until > time.monotonic()]
        return self._classes
