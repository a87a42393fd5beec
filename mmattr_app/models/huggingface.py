"""Any image-text-to-text model of transformers: its answer, and its answer's score under other pictures."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from mmattr_app.domain import Answer, LogProbs, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.models.agreement import LOW_TOLERANCE, TOLERANCE, disagreement
from mmattr_app.models.encoding import encode
from mmattr_app.models.forcing import force_tokens
from mmattr_app.models.generation import Generated, generate, greedy
from mmattr_app.models.pieces import decode, split_into_pieces
from mmattr_app.models.scoring import score_tokens

MEDIA_IDS = ("image_token_id", "image_token_index", "video_token_id", "audio_token_id")


class HuggingFaceModel:
    """A model with its processor, on one device, in one precision."""

    def __init__(self, model: Any, processor: Any, *, name: str, revision: str, precision: str) -> None:
        """Take both as transformers loads them."""
        self.name, self.revision, self.precision = name, revision, precision
        self.batch = 4 if model.device.type == "cpu" else 16
        self._model = model.eval()
        self._processor = processor
        self._tokenizer = processor.tokenizer
        self._exact = precision == "float32"
        self._forced = False  # score by generation, where one forward disagrees with it
        self._trusted = False
        self._pictures = frozenset(processor.image_processor.model_input_names)

    @property
    def device(self) -> str:
        """Name where it runs."""
        return str(self._model.device)

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        """Yield the text so far, again and again, and the Answer last; with `text`, score that instead."""
        inputs = self._encode(question, [question.image])
        asked = inputs["input_ids"].shape[1]
        if text is not None:
            ids = self._ids_of(text)
            self._check_length(asked, len(ids))
            yield self._value(question, ids, self._score_text(question, ids, inputs), cut_off=False)
            return
        self._check_length(asked, question.max_tokens)
        config = self._greedy(question.max_tokens)
        for event in generate(self._model, inputs, config, question.sampling):
            if isinstance(event, Generated):
                yield self._answer_generated(question, event)
            else:
                yield decode(self._tokenizer, event).rstrip("\ufffd")  # half an emoji waits for its rest

    def score(self, answer: Answer, images: Sequence[Pixels]) -> LogProbs:
        """Give log p(token | picture, prompt, tokens before it) for each picture: [images, tokens]."""
        if not self._trusted:  # the answer came from another worker
            self._settle(answer.question, answer.token_ids, answer.logprobs)
        return self._score(answer.question, answer.token_ids, images)

    def _answer_generated(self, question: Question, said: Generated) -> Answer:
        if not said.ids:
            raise AppError("The model ended its answer before the first word; ask something else.")
        logprobs = said.logprobs.cpu().numpy()
        self._settle(question, said.ids, logprobs)
        return self._value(question, said.ids, logprobs, cut_off=said.cut_off)

    def _score_text(self, question: Question, ids: Sequence[int], inputs: dict[str, Any]) -> LogProbs:
        if not self._trusted:
            spoken = force_tokens(self._model, inputs, ids, self._greedy(len(ids)))
            self._settle(question, ids, spoken[0].cpu().numpy())
        return self._score(question, ids, [question.image])[0]

    def _settle(self, question: Question, ids: Sequence[int], spoken: LogProbs) -> None:
        """Find the way of scoring that agrees with what the model said when it spoke, the fast one first."""
        error = np.inf
        for forced in dict.fromkeys((self._forced, True)):
            self._forced = forced
            own = self._score(question, ids, [question.image])[0]
            error = float(np.abs(own - spoken).mean())
            self._trusted = error <= (TOLERANCE if self._exact else LOW_TOLERANCE)  # which nan is not
            if self._trusted:
                return
        raise disagreement(self.name, error)

    def _ids_of(self, text: str) -> list[int]:
        ids = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        if not ids:
            raise AppError("The text to explain is empty; give at least one word.")
        if set(ids) & {*self._media_ids(), *self._tokenizer.all_special_ids}:
            raise AppError("The text to explain holds a control token of the model, such as <image>; leave it out.")
        return ids

    def _value(self, question: Question, ids: Sequence[int], logprobs: LogProbs, *, cut_off: bool) -> Answer:
        return Answer(
            question,
            token_ids=tuple(ids),
            tokens=split_into_pieces(self._tokenizer, ids),
            logprobs=logprobs,
            cut_off=cut_off,
            model=self.name,
            revision=self.revision,
            precision=self.precision,
        )

    def _score(self, question: Question, ids: Sequence[int], images: Sequence[Pixels]) -> LogProbs:
        rows: list[LogProbs] = []
        while len(rows) < len(images):
            try:
                rows.extend(self._score_batch(question, ids, images[len(rows) : len(rows) + self.batch]))
            except (RuntimeError, MemoryError) as error:  # noqa: PERF203  (next to a forward it costs nothing)
                self._make_room(error)
        return np.stack(rows)

    @torch.inference_mode()
    def _score_batch(self, question: Question, ids: Sequence[int], images: Sequence[Pixels]) -> LogProbs:
        """Score at most one batch; in low precision a short batch is filled up, since its size moves the numbers."""
        short = 0 if self._exact else self.batch - len(images)
        inputs = self._encode(question, [*images, *[images[-1]] * short])
        if self._forced:
            logprobs = force_tokens(self._model, inputs, ids, self._greedy(len(ids)))
        else:
            logprobs = score_tokens(self._model, inputs, ids, self._pictures)
        return logprobs[: len(images)].cpu().numpy()

    def _make_room(self, error: BaseException) -> None:
        """Halve the batch when memory ran out, for good; pass on every other error."""
        if not (isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "allocate memory" in str(error)):
            raise error
        if self.batch == 1:
            raise AppError(
                "Memory ran out on a single picture; choose a smaller model, a lower precision or a smaller picture."
            ) from error
        self.batch //= 2
        if self._model.device.type == "cuda":
            torch.cuda.empty_cache()

    def _encode(self, question: Question, images: Sequence[Pixels]) -> dict[str, Any]:
        encoded = encode(self._processor, question, images)
        return {name: self._place(value) for name, value in encoded.items()}

    def _place(self, value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return value
        return value.to(self._model.device, self._model.dtype if value.is_floating_point() else None)

    def _check_length(self, asked: int, said: int) -> None:
        limit = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
        if limit and asked + said > limit:
            raise AppError(
                f"The question takes {asked} tokens with its picture and the answer up to {said}, but {self.name} can "
                f"read only {limit}; shorten the prompt or the answer."
            )

    def _greedy(self, max_tokens: int) -> Any:
        return greedy(self._model, max_tokens, self._stop_ids(), self._media_ids())

    def _stop_ids(self) -> list[int]:
        ids = self._model.generation_config.eos_token_id
        if ids is None:
            ids = self._tokenizer.eos_token_id
        ends = ids if isinstance(ids, list) else [ids]
        separator = getattr(self._model.config.get_text_config(), "sep_token_id", None)  # BLIP's end
        return [token for token in (*ends, separator) if token is not None]

    def _media_ids(self) -> list[int]:
        """Find the ids that stand for a picture, a film or a sound; a generated one would break scoring."""
        found = (getattr(self._model.config, name, None) for name in MEDIA_IDS)
        return [token for token in found if token is not None]
