"""A model on a vLLM server, which answers and scores over HTTP.

To score an answer, it is sent back as the start of the assistant's message, and vLLM returns the log-prob of every
token of this prompt. So the answer's tokens are those into which the server cuts the answer's text.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from mmattr_app.domain import SERVED, Answer, LogProbs, Question
from mmattr_app.errors import AppError
from mmattr_app.models.generation import align
from mmattr_app.models.prefetch import prefetch
from mmattr_app.models.self_check import LOW_TOLERANCE, disagreement
from mmattr_app.models.vllm.http import ServerConnection
from mmattr_app.models.vllm.messages import (
    StreamedAnswer,
    ask_request,
    count_prompt_tokens,
    prompt_token,
    sampling,
    score_request,
    spells,
)
from mmattr_app.settings import settings

PREFIX, CHAT = "vllm:", "/v1/chat/completions"


def connect(name: str, *, sleep: Callable[[float], None] = time.sleep) -> "VllmModel":
    """Connect to the server that `name` gives, such as vllm:http://host:8000#owner/model."""
    url, _, model = name.removeprefix(PREFIX).partition("#")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AppError(f"{name} is no address; write vllm:http://HOST:8000#MODEL.")
    if parts.username or parts.password:
        raise AppError("An address may hold no password; set MMATTR_API_KEY in the environment instead.")
    server = ServerConnection(url.rstrip("/").removesuffix("/v1"), seconds=settings().remote_seconds, sleep=sleep)
    served = [str(entry.get("id")) for entry in server.get("/v1/models").get("data") or []]
    if not model and len(served) == 1:
        model = served[0]
    if model not in served:
        raise AppError(f"{server.url} serves {', '.join(served) or 'nothing'}; write {PREFIX}{server.url}#MODEL.")
    return VllmModel(server, model)


class VllmModel:
    """A model behind a server, asked with a limited number of requests at a time."""

    device = "cpu"  # on this machine, for a segmenter

    def __init__(self, server: ServerConnection, model: str) -> None:
        """Take a server that serves `model`."""
        self.name = f"{PREFIX}{server.url}#{model}"
        self.batch = settings().remote_requests
        self._server, self._model = server, model

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        """Yield the text so far as it grows, and last the Answer; with `text`, score it instead of generating one."""
        if text is not None:
            asked = self._server.post(CHAT, ask_request(self._model, question, max_tokens=1))
            yield self._value(question, text, count_prompt_tokens(asked, self._server.url))
            return
        said = StreamedAnswer()
        for event in self._server.stream(CHAT, ask_request(self._model, question, **sampling(question))):
            if said.take(event):
                yield said.text
        if not said.text.strip():
            raise AppError("The model ended its answer before the first word; ask something else.")
        if said.prompt_tokens is None:
            raise AppError(f"{self._server.url} does not count its tokens; serve the model with vLLM.")
        yield self._value(question, said.text.rstrip(), said.prompt_tokens, said)

    def score(self, answer: Answer, questions: Sequence[Question]) -> LogProbs:
        """Give log p(token | question, tokens before it) for each question: [questions, tokens]."""
        rows = prefetch(
            lambda place: self._score_one(answer, questions[place]),
            range(len(questions)),
            threads=self.batch,
            depth=self.batch,
        )
        return np.stack(list(rows))

    def _score_one(self, answer: Answer, question: Question) -> LogProbs:
        if question.said_hidden:
            raise AppError(
                "A served model cannot be asked without words of its own; let other players than answer play."
            )
        entries, _ = self._entries(question, answer.text)
        tokens = [prompt_token(entry) for entry in entries[-len(answer.token_ids) :]]
        if tuple(token.id for token in tokens) != answer.token_ids:
            raise AppError(
                f"{self._server.url} cut the answer into other tokens under another picture, so its scores cannot be "
                "compared; choose another model."
            )
        return np.array([token.logprob for token in tokens], np.float32)

    def _value(self, question: Question, text: str, before: int, said: StreamedAnswer | None = None) -> Answer:
        """Make the Answer; its tokens are those of the server's prompt after the first `before`, the question's."""
        if not text.strip():
            raise AppError("The text to explain is empty; give at least one word.")
        entries, together = self._entries(question, text)
        tokens = [prompt_token(entry) for entry in entries[-max(together - before, 1) :]]
        decoded = [token.decoded for token in tokens]
        if together <= before or not spells(decoded, text):
            raise AppError(
                f"{self._server.url} counts {before} tokens without the answer and {together} with it, and these do "
                "not spell it, so it cannot be scored; choose another model."
            )
        logprobs = np.array([token.logprob for token in tokens], np.float32)
        if said and said.tokens[: len(decoded)] == decoded:  # else the tokens differ from the generated ones
            self._check(logprobs, np.array(said.logprobs[: len(decoded)], np.float32))
        return Answer(
            question,
            token_ids=tuple(token.id for token in tokens),
            tokens=align(decoded, text),
            logprobs=logprobs,
            cut_off=bool(said and said.cut_off),
            model=self.name,
            revision=SERVED,
            precision="served",
        )

    def _check(self, scored: LogProbs, generated: LogProbs) -> None:
        error = float(np.abs(scored - generated).mean())
        if not error <= LOW_TOLERANCE:  # True for NaN
            raise disagreement(self.name, error)

    def _entries(self, question: Question, text: str) -> tuple[list[Any], int]:
        """Give the log-probs of the prompt that ends with `text`, an entry for each token, and its number of tokens."""
        reply = self._server.post(CHAT, score_request(ask_request(self._model, question), text))
        entries = reply.get("prompt_logprobs")
        if not isinstance(entries, list):
            raise AppError(
                f"{self._server.url} gives no prompt_logprobs, without which nothing can be scored; serve the model "
                "with vLLM."
            )
        return entries, count_prompt_tokens(reply, self._server.url)
