"""The shapes of vLLM's chat completions: what is sent, and where in a reply the tokens and their log-probs are."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError

Reply = dict[str, Any]


def asks(model: str, question: Question, **how: Any) -> Reply:
    """Ask a question; its pictures travel as data URLs."""
    content = [
        *({"type": "image_url", "image_url": {"url": data_url(picture)}} for picture in question.pictures),
        {"type": "text", "text": question.text},
    ]
    system = [{"role": "system", "content": question.system}] if question.system else []
    return {"model": model, "messages": [*system, {"role": "user", "content": content}], "temperature": 0, **how}


def continues(body: Reply, text: str) -> Reply:
    """Send `text` along as what the assistant has said so far, and ask for the log-probs of all that was sent."""
    said = [*body["messages"], {"role": "assistant", "content": text}]
    return body | {
        "messages": said,
        "add_generation_prompt": False,
        "continue_final_message": True,
        "prompt_logprobs": 1,
        "max_tokens": 1,
    }


class Said:
    """What a stream has told so far."""

    def __init__(self) -> None:
        self.text, self.cut_off = "", False
        self.tokens: list[str] = []
        self.logprobs: list[float] = []
        self.prompt_tokens: int | None = None

    def take(self, event: Reply) -> bool:
        """Take in one event and say whether there is more text."""
        usage = event.get("usage") or {}
        self.prompt_tokens = usage.get("prompt_tokens", self.prompt_tokens)
        if not event.get("choices"):
            return False
        choice = event["choices"][0]
        more = (choice.get("delta") or {}).get("content") or ""
        self.text += more
        self.cut_off = self.cut_off or choice.get("finish_reason") == "length"
        for entry in (choice.get("logprobs") or {}).get("content") or []:
            self.tokens.append(entry["token"])
            self.logprobs.append(entry["logprob"])
        return bool(more)


def sampling(question: Question) -> Reply:
    how = question.sampling
    return {
        "max_tokens": question.max_tokens,
        "temperature": how.temperature,
        "top_p": how.top_p,
        "seed": how.seed,
        "logprobs": True,
        "top_logprobs": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


@dataclass(frozen=True)
class Token:
    """A token of a prompt, what it decodes to by itself, and its log-probability there."""

    id: int
    decoded: str
    logprob: float


def own(entry: Any) -> Token:
    """Find the prompt's own token in an entry of `prompt_logprobs`, where it stands before the likeliest one."""
    if not isinstance(entry, dict) or not entry:
        raise AppError("The server tells no log-probs for a token of the answer; serve the model with a newer vLLM.")
    token, found = next(iter(entry.items()))
    return Token(int(token), found.get("decoded_token") or "", found["logprob"])


def spells(decoded: Sequence[str], text: str) -> bool:
    """Say whether tokens make up the text, but for spaces and for characters that several tokens share."""
    joined = "".join("".join(decoded).split())
    return "\ufffd" in joined or joined == "".join(text.split())


def prompt_tokens(reply: Reply, url: str) -> int:
    count = (reply.get("usage") or {}).get("prompt_tokens")
    if not isinstance(count, int):
        raise AppError(f"{url} does not count its tokens; serve the model with vLLM.")
    return count


def data_url(image: Pixels) -> str:
    png = io.BytesIO()
    Image.fromarray(image).save(png, "PNG")
    return f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"
