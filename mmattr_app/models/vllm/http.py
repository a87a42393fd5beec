"""Ask a server over HTTP: a few times when it is busy or the line breaks, and in one sentence when it is of no use."""

import json
import os
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import httpx

from mmattr_app.errors import AppError

TRIES = 6
PAUSE, LONGEST = 0.5, 30.0  # seconds before the second try, doubled each time; and the most a server may ask for
KEY = "MMATTR_API_KEY"  # the environment alone knows it: no flag, no file, no page

Reply = dict[str, Any]


class ServerConnection:
    """A connection to one server, for many threads."""

    def __init__(self, url: str, *, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
        """Take the server's address and how long to wait for a reply."""
        self.url = url
        key = os.environ.get(KEY)
        self._sleep = sleep
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(seconds, connect=min(seconds, 10.0)),
            limits=httpx.Limits(max_connections=None),
        )

    def get(self, path: str) -> Reply:
        """Fetch a JSON object."""
        return self._until_it_works(lambda: self._client.get(self.url + path))

    def post(self, path: str, body: Reply) -> Reply:
        """Send a JSON object and fetch another."""
        return self._until_it_works(lambda: self._client.post(self.url + path, json=body))

    def stream(self, path: str, body: Reply) -> Iterator[Reply]:
        """Send a JSON object and yield the events of the reply; closing the iterator hangs up, which ends the work."""
        response = self._open(path, body)
        try:
            for line in response.iter_lines():
                data = line.removeprefix("data:").strip()
                if line.startswith("data:") and data != "[DONE]":
                    yield _checked(json.loads(data), self.url)
        except (httpx.TransportError, json.JSONDecodeError) as error:
            raise AppError(f"The server {self.url} broke off in the middle of its answer; ask again.") from error
        finally:
            response.close()

    def _open(self, path: str, body: Reply) -> httpx.Response:
        request = self._client.build_request("POST", self.url + path, json=body)
        return self._until(lambda: self._client.send(request, stream=True))

    def _until_it_works(self, send: Callable[[], httpx.Response]) -> Reply:
        try:
            return _checked(self._until(send).json(), self.url)
        except json.JSONDecodeError as error:
            raise AppError(f"{self.url} does not speak JSON; check that a vLLM server listens there.") from error

    def _until(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        """Try until the reply is a good one, an error that will stay, or the last of TRIES."""
        trouble, retry_after = "", ""
        for attempt in range(TRIES):
            if attempt:
                self._sleep(_pause(attempt, retry_after))
            try:
                response = send()
            except httpx.TransportError as error:
                trouble, retry_after = _says(error), ""
                continue
            if response.status_code < HTTPStatus.BAD_REQUEST:
                return response
            trouble, retry_after = self._judge(response), response.headers.get("retry-after", "")
            response.close()
        raise AppError(f"The server {self.url} {trouble}, {TRIES} times in a row; check it and ask again.")

    def _judge(self, response: httpx.Response) -> str:
        """Say what is wrong for now, or end at once where asking again would not help."""
        status = response.status_code
        if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT):
            return "has too much to do"
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return f"fails with status {status}"
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise AppError(f"The server {self.url} wants another API key; set {KEY} in the environment.")
        raise AppError(f"The server {self.url} refuses: {_message(response)}")


def _pause(attempt: int, retry_after: str) -> float:
    usual = PAUSE * 2 ** (attempt - 1)
    return min(LONGEST, max(usual, float(retry_after)) if retry_after.isdecimal() else usual)


def _says(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return "cannot be reached"
    return "does not answer in time" if isinstance(error, httpx.TimeoutException) else "breaks off its reply"


def _checked(reply: Any, url: str) -> Reply:
    """Take an object; vLLM may send an error in the place of an event."""
    if not isinstance(reply, dict):
        raise AppError(f"{url} sent something that is no reply; check that a vLLM server listens there.")
    if "error" in reply:
        raise AppError(f"The server {url} refuses: {_told(reply)}")
    return reply


def _message(response: httpx.Response) -> str:
    try:
        return _told(json.loads(response.read()))
    except ValueError:
        return f"status {response.status_code}."


def _told(reply: Any) -> str:
    """Find the sentence in an error as OpenAI, vLLM or FastAPI write it."""
    error = reply.get("error", reply) if isinstance(reply, dict) else reply
    found = error.get("message") or error.get("detail") or error if isinstance(error, dict) else error
    return " ".join(str(found).split())[:300].rstrip(".") + "."
