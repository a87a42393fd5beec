"""An HTTP client for a model server: retries when the server is busy or the connection breaks, else raises AppError."""

import json
import os
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import httpx

from mmattr_app.errors import AppError

TRIES = 6
PAUSE, LONGEST = 0.5, 30.0  # seconds before the second try, doubled each time; and the longest pause
KEY = "MMATTR_API_KEY"  # only an environment variable: no flag, no file and no page holds the key

Reply = dict[str, Any]


class ServerConnection:
    """A client of one server, safe for threads."""

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
        return self._fetch_json(lambda: self._client.get(self.url + path))

    def post(self, path: str, body: Reply) -> Reply:
        """Send a JSON object and fetch another."""
        return self._fetch_json(lambda: self._client.post(self.url + path, json=body))

    def stream(self, path: str, body: Reply) -> Iterator[Reply]:
        """Send a JSON object and yield the events of the reply; closing the iterator closes the connection."""
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
        return self._retry(lambda: self._client.send(request, stream=True))

    def _fetch_json(self, send: Callable[[], httpx.Response]) -> Reply:
        try:
            return _checked(self._retry(send).json(), self.url)
        except json.JSONDecodeError as error:
            raise AppError(f"{self.url} does not speak JSON; check that a vLLM server listens there.") from error

    def _retry(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        """Send up to TRIES times; stop at a good reply, or at an error that another try would not change."""
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
            trouble, retry_after = self._describe(response), response.headers.get("retry-after", "")
            response.close()
        raise AppError(f"The server {self.url} {trouble}, {TRIES} times in a row; check it and ask again.")

    def _describe(self, response: httpx.Response) -> str:
        """Describe a temporary error, or raise an AppError if another try would not help."""
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
    """Give the reply if it is an object and no error; vLLM may send an error instead of an event."""
    if not isinstance(reply, dict):
        raise AppError(f"{url} sent something that is no reply; check that a vLLM server listens there.")
    if "error" in reply:
        raise AppError(f"The server {url} refuses: {_error_message(reply)}")
    return reply


def _message(response: httpx.Response) -> str:
    try:
        return _error_message(json.loads(response.read()))
    except ValueError:
        return f"status {response.status_code}."


def _error_message(reply: Any) -> str:
    """Find the message in an error of OpenAI's, vLLM's or FastAPI's form."""
    error = reply.get("error", reply) if isinstance(reply, dict) else reply
    found = error.get("message") or error.get("detail") or error if isinstance(error, dict) else error
    return " ".join(str(found).split())[:300].rstrip(".") + "."
