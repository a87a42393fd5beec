"""Messages of vLLM's chat completions: requests, and the tokens and log-probs in replies."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError

Reply = dict[str, Any]


def ask_request(model: str, question: Question, **how: Any) -> Reply:
    """Make the request that asks a question; its pictures are data URLs. `how` are further fields."""
    content = [
        *({"type": "image_url", "image_url": {"url": data_url(picture)}} for picture in question.pictures),
        {"type": "text", "text": question.text},
    ]
    system = [{"role": "system", "content": question.system}] if question.system else []
    return {"model": model, "messages": [*system, {"role": "user", "content": content}], "temperature": 0, **how}


def score_request(body: Reply, text: str) -> Reply:
    """Make the request that scores `text`: the assistant's message so far, with the log-probs of the whole prompt."""
    said = [*body["messages"], {"role": "assistant", "content": text}]
    return body | {
        "messages": said,
        "add_generation_prompt": False,
        "continue_final_message": True,
        "prompt_logprobs": 1,
        "max_tokens": 1,
    }


class StreamedAnswer:
    """The answer so far, collected from the events of a stream."""

    def __init__(self) -> None:
        self.text, self.cut_off = "", False
        self.tokens: list[str] = []
        self.logprobs: list[float] = []
        self.prompt_tokens: int | None = None

    def take(self, event: Reply) -> bool:
        """Add one event, and say whether it brought more text."""
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
    """Make the fields of a streamed request that say how to generate."""
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
    """A token of the prompt."""

    id: int
    decoded: str  # decoded alone
    logprob: float  # in nats


def prompt_token(entry: Any) -> Token:
    """Read the prompt's own token from an entry of `prompt_logprobs`: it comes first, the likeliest one after it."""
    if not isinstance(entry, dict) or not entry:
        raise AppError("The server tells no log-probs for a token of the answer; serve the model with a newer vLLM.")
    token, found = next(iter(entry.items()))
    return Token(int(token), found.get("decoded_token") or "", found["logprob"])


def spells(decoded: Sequence[str], text: str) -> bool:
    """Say whether the tokens, joined, are the text; spaces, and characters that several tokens share, do not count."""
    joined = "".join("".join(decoded).split())
    return "\ufffd" in joined or joined == "".join(text.split())


def count_prompt_tokens(reply: Reply, url: str) -> int:
    """Give the number of tokens of the prompt that the reply is to."""
    count = (reply.get("usage") or {}).get("prompt_tokens")
    if not isinstance(count, int):
        raise AppError(f"{url} does not count its tokens; serve the model with vLLM.")
    return count


def data_url(image: Pixels) -> str:
    """Encode a picture as a PNG in a data URL."""
    png = io.BytesIO()
    Image.fromarray(image).save(png, "PNG")
    return f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"
