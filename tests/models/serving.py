"""A small server that speaks as vLLM's does, over a model in this process, with faults to order."""

import base64
import io
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import torch
from PIL import Image

from mmattr_app.domain import Answer, Pixels, Question, Sampling
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.teacher_forcing import score_tokens

NAME = "tiny/model"
Fault = Callable[["Handler"], bool]  # does something and says whether the request is done with


class Server(ThreadingHTTPServer):
    """Answers chat completions; `faults` meet the next requests, one each, and `change` what a reply says."""

    daemon_threads = False  # closing waits for them, since torch may not be torn down under one

    def __init__(self, model: HuggingFaceModel) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.model, self.lock = model, threading.Lock()
        self.faults: list[Fault] = []
        self.change: Callable[[dict[str, Any]], Any] = lambda reply: reply
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.busy = self.busiest = 0
        self.quit = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.name = f"vllm:{self.url}#{NAME}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet when a client hangs up."""

    def close(self) -> None:
        """Stop, and wake what sleeps."""
        self.quit.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Stay quiet."""

    def do_GET(self) -> None:
        """List the models."""
        self.reply(200, {"object": "list", "data": [{"id": NAME, "object": "model"}]})

    def do_POST(self) -> None:
        """Complete a chat."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.keys.append(self.headers.get("Authorization"))
            self.server.busy += 1
            self.server.busiest = max(self.server.busiest, self.server.busy)
            fault = self.server.faults.pop(0) if self.server.faults else None
        try:
            if not (fault and fault(self)):
                self.complete(body)
        finally:
            with self.server.lock:
                self.server.busy -= 1

    def complete(self, body: dict[str, Any]) -> None:
        """Refuse what vLLM refuses, and answer the rest."""
        if body["model"] != NAME:
            self.refuse(404, f"The model `{body['model']}` does not exist.")
        elif body.get("continue_final_message") and body.get("add_generation_prompt", True):
            self.refuse(400, "Cannot set both `continue_final_message` and `add_generation_prompt` to True.")
        elif body.get("prompt_logprobs") is not None and body.get("stream"):
            self.refuse(400, "`prompt_logprobs` are not available when `stream=True`.")
        else:
            question = asked(body)
            with self.server.lock:  # one model, one forward at a time
                done = self.echo(body, question) if body.get("continue_final_message") else self.speak(body, question)
            if body.get("stream"):
                self.events(done)
            else:
                self.reply(200, self.server.change(done))

    def speak(self, body: dict[str, Any], question: Question) -> dict[str, Any]:
        """Generate."""
        model = self.server.model
        *_, said = model.answer(question)
        assert isinstance(said, Answer)
        content = [
            {"token": model._tokenizer.decode([token]), "logprob": float(logprob), "bytes": None, "top_logprobs": []}
            for token, logprob in zip(said.token_ids, said.logprobs, strict=True)
        ]
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": said.text},
            "pieces": said.tokens,
            "logprobs": {"content": content} if body.get("logprobs") else None,
            "finish_reason": "length" if said.cut_off else "stop",
        }
        return self.completion([choice], len(self.prompt(question)), None)

    def echo(self, body: dict[str, Any], question: Question) -> dict[str, Any]:
        """Give the log-probs of everything that was sent, the answer's at the end."""
        model = self.server.model
        prompt = self.prompt(question)
        ids = model._tokenizer(body["messages"][-1]["content"], add_special_tokens=False)["input_ids"]
        inputs = model._encode(question, [question.image])
        with torch.inference_mode():
            family, pictures = model._scorer._family, model._scorer._pictures
            scores = score_tokens(model._model, inputs, ids, pictures, family=family)[0].tolist()
        entries: list[Any] = [None, *({str(token): {"logprob": -1.0, "rank": 2}} for token in prompt[1:])]
        for token, logprob in zip(ids, scores, strict=True):
            own = {"logprob": logprob, "rank": 2, "decoded_token": model._tokenizer.decode([token])}
            entries.append({str(token): own, "3": {"logprob": -0.1, "rank": 1, "decoded_token": "?"}})
        choice = {"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "length"}
        return self.completion([choice], len(entries), entries)

    def prompt(self, question: Question) -> list[int]:
        """Give the ids of the prompt, those that stand for the picture included."""
        return self.server.model._encode(question, [question.image])["input_ids"][0].tolist()

    def completion(self, choices: list[Any], count: int, entries: list[Any] | None) -> dict[str, Any]:
        """Wrap it up as vLLM does."""
        usage = {"prompt_tokens": count, "completion_tokens": 1, "total_tokens": count + 1}
        return {"object": "chat.completion", "model": NAME, "choices": choices, "usage": usage} | {
            "prompt_logprobs": entries
        }

    def events(self, done: dict[str, Any]) -> None:
        """Send an answer token by token, and the usage last."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        choice = done["choices"][0]
        for piece, entry in zip(choice["pieces"], choice["logprobs"]["content"], strict=True):
            self.event({"index": 0, "delta": {"content": piece}, "logprobs": {"content": [entry]}})
        self.event({"index": 0, "delta": {"content": ""}, "finish_reason": choice["finish_reason"]})
        self.wfile.write(f"data: {json.dumps(done | {'choices': []})}\n\ndata: [DONE]\n\n".encode())
        self.close_connection = True

    def event(self, choice: dict[str, Any]) -> None:
        """Send one event."""
        chunk = {"object": "chat.completion.chunk", "model": NAME, "choices": [choice], "usage": None}
        self.wfile.write(f"data: {json.dumps(self.server.change(chunk))}\n\n".encode())
        self.wfile.flush()

    def refuse(self, status: int, message: str, **headers: str) -> None:
        """Send an error in vLLM's shape."""
        self.reply(status, {"error": {"message": message, "type": "BadRequestError", "code": status}}, **headers)

    def reply(self, status: int, value: Any, **headers: str) -> None:
        """Send JSON."""
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Connection", "close")
        for name, said in headers.items():
            self.send_header(name.replace("_", "-"), said)
        self.end_headers()
        self.wfile.write(text)


def asked(body: dict[str, Any]) -> Question:
    """Read a request back into a question."""
    messages = [message for message in body["messages"] if message["role"] != "assistant"]
    picture, text = messages[-1]["content"]
    system = messages[0]["content"] if len(messages) > 1 else ""
    sampling = Sampling(body.get("temperature", 0), body.get("top_p", 1.0), body.get("seed", 0))
    return Question((_pixels(picture["image_url"]["url"]),), text["text"], system, body["max_tokens"], sampling)


def _pixels(url: str) -> Pixels:
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    return np.array(Image.open(io.BytesIO(base64.b64decode(data))))
