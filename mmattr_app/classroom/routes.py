"""The addresses of the classroom: what a learner's page and the teacher's page ask and tell."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, cast

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from mmattr_app.classroom import addresses
from mmattr_app.classroom.classes import OVER, STEPS, Class, Classes, Learner
from mmattr_app.domain import Attribution
from mmattr_app.errors import AppError

HERE = Path(__file__).parent
PAGES = {"class": "join.html", "teacher": "teacher.html"}
FILES = {"learner.js": "text/javascript", "teacher.js": "text/javascript", "classroom.css": "text/css"}
SCRIPT = '<script src="class/learner.js" defer></script>'  # for the head of the page
LARGEST = 50_000  # bytes of what is told
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
SECURITY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'"

# a result by its id, and how all call it whose guesses are put together; None where it is about a person's own picture
Find: TypeAlias = Callable[[str], tuple[Attribution, str | None] | None]
May: TypeAlias = Callable[[Request], bool]
Told: TypeAlias = dict[str, Any]


def class_routes(classes: Classes, find: Find, address: str, may_enter: May) -> list[Route]:
    """List them; `address` is where others reach this machine."""
    learner, teacher = LearnersSide(classes, find), TeachersSide(classes, address)
    posts = {
        "class/join": learner.join,
        "class/me": learner.me,
        "class/step": learner.step,
        "class/guess": learner.guess,
        "class/send": learner.send,
        "teacher/state": teacher.state,
        "teacher/picture": teacher.picture,
        "teacher/hide": teacher.hide,
        "teacher/open": teacher.open,
        "teacher/end": teacher.end,
    }
    pages = [Route(f"/{path}", _file(name, "text/html", may_enter)) for path, name in PAGES.items()]
    files = [Route(f"/class/{name}", _file(name, kind, may_enter)) for name, kind in FILES.items()]
    return [
        *pages,
        *files,
        *(Route(f"/{path}", _answer(told, classes, may_enter), methods=["POST"]) for path, told in posts.items()),
    ]


class LearnersSide:
    """What a learner's page tells."""

    def __init__(self, classes: Classes, find: Find) -> None:
        """Take the classes, and what finds a result by its name."""
        self._classes, self._find = classes, find

    def join(self, told: Told) -> Told:
        """Join by a code and a nickname."""
        found = self._classes.by_code(_text(told, "code"))
        token = found.join(_text(told, "nickname"))
        return {"token": token, "nickname": found.learners[token].nickname, "code": found.code}

    def me(self, told: Told) -> Told:
        """Say who a token belongs to."""
        found, learner = self._who(told)
        return {"nickname": learner.nickname, "code": found.code}

    def step(self, told: Told) -> Told:
        """Hear that a step of the lesson is done."""
        found, learner = self._who(told)
        found.note_step(learner, _number(told, "step"))
        return {}

    def guess(self, told: Told) -> Told:
        """Hear which regions somebody marked; about a picture of their own nothing is kept."""
        found, learner = self._who(told)
        result, name = self._result(told)
        if name is not None:
            found.guesses.add(learner.number, name, result, _tokens(told), _numbers(told, "marked"))
        return {}

    def send(self, told: Told) -> Told:
        """Take a result for the gallery."""
        found, learner = self._who(told)
        found.gallery.add(learner.number, self._result(told)[0], _tokens(told))
        return {}

    def _who(self, told: Told) -> tuple[Class, Learner]:
        return self._classes.by_token(_text(told, "token"))

    def _result(self, told: Told) -> tuple[Attribution, str | None]:
        found = self._find(_text(told, "result"))
        if found is None:
            raise AppError("This result is not there any more; explain the picture again.")
        return found


class TeachersSide:
    """What the teacher's page asks."""

    def __init__(self, classes: Classes, address: str) -> None:
        """Take the classes."""
        self._classes, self._address = classes, address

    def state(self, told: Told) -> Told:
        """Say everything that the page shows but the pictures."""
        found = self._whose(told)
        names, join = found.names(), f"{_text(told, 'address', self._address)}/class?code={found.code}"
        learners = [
            {"number": who.number, "name": names[who.number], "steps": sorted(who.steps), "hidden": who.hidden}
            for who in found.learners.values()
        ]
        guesses = [
            {
                "number": one.number,
                "words": one.words,
                "count": len(one.marked),
                "version": one.version,
                "times": round(sum(one.found.values()) / len(one.found), 2),
            }
            for one in found.guesses
        ]
        gallery = [
            {
                "number": one.number,
                "by": names[one.learner],
                "question": one.question,
                "answer": one.answer,
                "words": one.words,
                "hidden": one.hidden,
            }
            for one in found.gallery.sent
        ]
        return {
            "code": found.code,
            "join": join,
            "qr": addresses.code_as_svg(join),
            "steps": STEPS,
            "learners": learners,
            "guesses": guesses,
            "gallery": gallery,
        }

    def picture(self, told: Told) -> bytes:
        """Give a picture: one of the gallery, what the class thought of a word, or what the model used."""
        found, kind, number = self._whose(told), _text(told, "kind"), _number(told, "number")
        if kind == "sent":
            return found.gallery.find(number).picture
        guessed = next((one for one in found.guesses if one.number == number), None)
        if guessed is None:
            raise AppError("This picture is not there any more.")
        return guessed.class_map() if kind == "class" else guessed.model_map()

    def hide(self, told: Told) -> Told:
        """Hide a nickname or a picture, or show it again."""
        self._whose(told).hide(_text(told, "what"), _number(told, "number"))
        return {}

    def open(self, told: Told) -> Told:
        """Open another class beside this one."""
        self._whose(told)
        return {"key": self._classes.open().key}

    def end(self, told: Told) -> Told:
        """End the class; nothing of it is kept."""
        self._classes.end(self._whose(told))
        return {}

    def _whose(self, told: Told) -> Class:
        return self._classes.by_key(_text(told, "key"))


def _answer(run: Callable[[Told], Told | bytes], classes: Classes, may_enter: May) -> Callable[[Request], Any]:
    """Read what was told, have it done in a thread, and give what comes of it as JSON, a PNG or a sentence."""

    def alone(told: Told) -> Told | bytes:
        with classes.lock:
            return run(told)

    async def answer(request: Request) -> Response:
        if not may_enter(request):
            return JSONResponse({"detail": "Not authenticated"}, 401, HEADERS)
        try:
            made = await to_thread.run_sync(alone, _read(await request.body()))
        except AppError as error:
            return JSONResponse({"detail": str(error)}, 404 if str(error) == OVER else 400, HEADERS)
        return (
            Response(made, 200, HEADERS, "image/png") if isinstance(made, bytes) else JSONResponse(made, 200, HEADERS)
        )

    return answer


def _file(name: str, kind: str, may_enter: May) -> Callable[[Request], Response]:
    def give(request: Request) -> Response:
        if not may_enter(request):
            return Response(
                "Please log in on the page first, then open this address again.", 401, HEADERS, "text/plain"
            )
        return FileResponse(HERE / name, headers=HEADERS | {"Content-Security-Policy": SECURITY}, media_type=kind)

    return give


def _read(body: bytes) -> Told:
    try:
        told: object = json.loads(body) if len(body) <= LARGEST else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise AppError("This request cannot be read.")
    return cast("Told", told)


def _text(told: Told, name: str, default: str = "") -> str:
    value = told.get(name, default)
    if not isinstance(value, str) or len(value) > 300:
        raise AppError("This request cannot be read.")
    return value


def _number(told: Told, name: str) -> int:
    value = told.get(name)
    if type(value) is not int:
        raise AppError("This request cannot be read.")
    return value


def _tokens(told: Told) -> list[int]:
    if not (tokens := _numbers(told, "tokens")):
        raise AppError("Select a word of the answer first.")
    return tokens


def _numbers(told: Told, name: str) -> list[int]:
    values = told.get(name)
    if not isinstance(values, list) or not all(type(one) is int for one in cast("list[object]", values)):
        raise AppError("This request cannot be read.")
    return cast("list[int]", values)
