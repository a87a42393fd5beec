"""HTTP endpoints of the classroom, for the learner's page and the teacher's page."""

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
from mmattr_app.classroom.gallery import Sent
from mmattr_app.classroom.guesses import Guessed
from mmattr_app.domain import Attribution
from mmattr_app.errors import AppError

HERE = Path(__file__).parent
PAGES = {"class": "join.html", "teacher": "teacher.html"}
FILES = {"learner.js": "text/javascript", "teacher.js": "text/javascript", "classroom.css": "text/css"}
SCRIPT = '<script src="class/learner.js" defer></script>'  # for the head of the page
LARGEST = 50_000  # bytes of a request's body
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
SECURITY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'"

# From a result's id to the result and the name under which guesses of all learners are put together; this name is None
# for a picture of a learner's own. None if there is no such result.
FindResult: TypeAlias = Callable[[str], tuple[Attribution, str | None] | None]
MayEnter: TypeAlias = Callable[[Request], bool]
Body: TypeAlias = dict[str, Any]


def class_routes(classes: Classes, find: FindResult, address: str, may_enter: MayEnter) -> list[Route]:
    """List the routes; `address` is where others reach this machine."""
    learner, teacher = LearnerEndpoints(classes, find), TeacherEndpoints(classes, address)
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
        *(Route(f"/{path}", _answer(run, classes, may_enter), methods=["POST"]) for path, run in posts.items()),
    ]


class LearnerEndpoints:
    """Endpoints of the learner's page."""

    def __init__(self, classes: Classes, find: FindResult) -> None:
        """Take the classes, and the function that finds a result by its id."""
        self._classes, self._find = classes, find

    def join(self, body: Body) -> Body:
        """Join by a code and a nickname."""
        found = self._classes.by_code(_text(body, "code"))
        token = found.join(_text(body, "nickname"))
        return {"token": token, "nickname": found.learners[token].nickname, "code": found.code}

    def me(self, body: Body) -> Body:
        """Give the nickname that belongs to a token."""
        found, learner = self._learner_of(body)
        return {"nickname": learner.nickname, "code": found.code}

    def step(self, body: Body) -> Body:
        """Record that a step of the lesson is done."""
        found, learner = self._learner_of(body)
        found.note_step(learner, _number(body, "step"))
        return {}

    def guess(self, body: Body) -> Body:
        """Record which regions a learner marked; nothing is kept about a picture of their own."""
        found, learner = self._learner_of(body)
        result, name = self._result(body)
        if name is not None:
            found.guesses.add(learner.number, name, result, _tokens(body), _numbers(body, "marked"))
        return {}

    def send(self, body: Body) -> Body:
        """Add a result to the gallery."""
        found, learner = self._learner_of(body)
        found.gallery.add(learner.number, self._result(body)[0], _tokens(body))
        return {}

    def _learner_of(self, body: Body) -> tuple[Class, Learner]:
        return self._classes.by_token(_text(body, "token"))

    def _result(self, body: Body) -> tuple[Attribution, str | None]:
        found = self._find(_text(body, "result"))
        if found is None:
            raise AppError("This result is not there any more; explain the picture again.")
        return found


class TeacherEndpoints:
    """Endpoints of the teacher's page."""

    def __init__(self, classes: Classes, address: str) -> None:
        """Take the classes, and the address at which others reach this machine."""
        self._classes, self._address = classes, address

    def state(self, body: Body) -> Body:
        """Give all that the page shows, except the pictures."""
        found = self._class_of(body)
        names, join = found.names(), f"{_text(body, 'address', self._address)}/class?code={found.code}"
        learners = [
            {"number": who.number, "name": names[who.number], "steps": sorted(who.steps), "hidden": who.hidden}
            for who in found.learners.values()
        ]
        return {
            "code": found.code,
            "join": join,
            "qr": addresses.code_as_svg(join),
            "steps": STEPS,
            "learners": learners,
            "guesses": [_describe_guess(guessed) for guessed in found.guesses],
            "gallery": [_describe_sent(sent, names[sent.learner]) for sent in found.gallery.sent],
        }

    def picture(self, body: Body) -> bytes:
        """Give a PNG: a picture of the gallery, the class's map of a word, or the model's map."""
        found, kind, number = self._class_of(body), _text(body, "kind"), _number(body, "number")
        if kind == "sent":
            return found.gallery.find(number).picture
        guessed = next((one for one in found.guesses if one.number == number), None)
        if guessed is None:
            raise AppError("This picture is not there any more.")
        return guessed.class_map() if kind == "class" else guessed.model_map()

    def hide(self, body: Body) -> Body:
        """Hide a nickname or a picture, or show it again if it is hidden."""
        self._class_of(body).hide(_text(body, "what"), _number(body, "number"))
        return {}

    def open(self, body: Body) -> Body:
        """Open another class, and give its key."""
        self._class_of(body)
        return {"key": self._classes.open().key}

    def end(self, body: Body) -> Body:
        """End the class and delete its data."""
        self._classes.end(self._class_of(body))
        return {}

    def _class_of(self, body: Body) -> Class:
        return self._classes.by_key(_text(body, "key"))


def _describe_guess(guessed: Guessed) -> Body:
    return {
        "number": guessed.number,
        "words": guessed.words,
        "count": len(guessed.marked),
        "version": guessed.version,
        "times": round(sum(guessed.found.values()) / len(guessed.found), 2),
    }


def _describe_sent(sent: Sent, by: str) -> Body:
    return {
        "number": sent.number,
        "by": by,
        "question": sent.question,
        "answer": sent.answer,
        "words": sent.words,
        "hidden": sent.hidden,
    }


def _answer(run: Callable[[Body], Body | bytes], classes: Classes, may_enter: MayEnter) -> Callable[[Request], Any]:
    """Make a request handler: it runs the endpoint in a thread, and replies with JSON, a PNG or an error's sentence."""

    def run_locked(body: Body) -> Body | bytes:
        with classes.lock:
            return run(body)

    async def answer(request: Request) -> Response:
        if not may_enter(request):
            return JSONResponse({"detail": "Not authenticated"}, 401, HEADERS)
        try:
            reply = await to_thread.run_sync(run_locked, _read(await request.body()))
        except AppError as error:
            return JSONResponse({"detail": str(error)}, 404 if str(error) == OVER else 400, HEADERS)
        if isinstance(reply, bytes):
            return Response(reply, 200, HEADERS, "image/png")
        return JSONResponse(reply, 200, HEADERS)

    return answer


def _file(name: str, kind: str, may_enter: MayEnter) -> Callable[[Request], Response]:
    """Make a request handler that sends a file of this folder."""

    def give(request: Request) -> Response:
        if not may_enter(request):
            return Response(
                "Please log in on the page first, then open this address again.", 401, HEADERS, "text/plain"
            )
        return FileResponse(HERE / name, headers=HEADERS | {"Content-Security-Policy": SECURITY}, media_type=kind)

    return give


def _read(text: bytes) -> Body:
    """Parse a request's body, a JSON object."""
    try:
        body: object = json.loads(text) if len(text) <= LARGEST else None
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise AppError("This request cannot be read.")
    return cast("Body", body)


def _text(body: Body, name: str, default: str = "") -> str:
    value = body.get(name, default)
    if not isinstance(value, str) or len(value) > 300:
        raise AppError("This request cannot be read.")
    return value


def _number(body: Body, name: str) -> int:
    value = body.get(name)
    if type(value) is not int:
        raise AppError("This request cannot be read.")
    return value


def _tokens(body: Body) -> list[int]:
    if not (tokens := _numbers(body, "tokens")):
        raise AppError("Select a word of the answer first.")
    return tokens


def _numbers(body: Body, name: str) -> list[int]:
    values = body.get(name)
    if not isinstance(values, list) or not all(type(one) is int for one in cast("list[object]", values)):
        raise AppError("This request cannot be read.")
    return cast("list[int]", values)
