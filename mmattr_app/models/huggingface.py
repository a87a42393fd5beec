"""Any transformers model that generates text: its answers, and their scores under other questions."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mmattr_app.domain import Answer, LogProbs, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.models.families import family_of
from mmattr_app.models.generation import Generated, decode, generate, greedy, split_into_pieces
from mmattr_app.models.opened_answer import OpenedAnswer
from mmattr_app.models.preprocessing import check_length, context_limit, encode, encode_batch
from mmattr_app.models.scorer import Scorer
from mmattr_app.models.self_check import LOW_TOLERANCE, TOLERANCE, disagreement
from mmattr_app.models.teacher_forcing import Take, force_tokens, gather_distribution
from mmattr_app.white_box import Distributions

MEDIA_IDS = ("image_token_id", "image_token_index", "video_token_id", "audio_token_id")


class HuggingFaceModel:
    """A model with its processor, on one device, in one precision."""

    def __init__(self, model: Any, processor: Any, *, name: str, revision: str, precision: str) -> None:
        """Take a model and its processor as transformers loads them; a text model has a TextProcessor."""
        self.name, self.revision, self.precision = name, revision, precision
        self._model = model.eval()
        self._processor = processor
        self._tokenizer = processor.tokenizer
        self._exact = precision == "float32"
        self._scorer = Scorer(self._model, processor, exact=self._exact, place=self._place, greedy=self._greedy)
        self._sees_pictures = processor.image_processor is not None
        self._family = family_of(model)
        self._trusted = False  # whether a way of scoring passed the self-check
        self._opened: tuple[bytes, OpenedAnswer] | None = None  # the answer that was opened last, by its fingerprint
        self._noise = 0.0  # in nats, the largest difference that was seen

    @property
    def batch(self) -> int:
        """Give the batch size."""
        return self._scorer.batch

    @property
    def device(self) -> str:
        """Name the device."""
        return str(self._model.device)

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        """Yield the text so far as it grows, and last the Answer; with `text`, score it instead of generating one."""
        self._check_pictures(question)
        inputs = self._encode(question)
        asked = inputs["input_ids"].shape[1]
        unfamiliar = self._unfamiliar(inputs)
        if text is not None:
            ids = self._ids_of(text)
            self._check_length(question, asked, len(ids))
            logprobs = self._score_text(question, ids, inputs)
            yield self._value(question, ids, logprobs, cut_off=False, unfamiliar=unfamiliar)
            return
        self._check_length(question, asked, question.max_tokens)
        config = self._greedy(question.max_tokens)
        for event in generate(self._model, inputs, config, question.sampling):
            if isinstance(event, Generated):
                yield self._answer_generated(question, event, unfamiliar)
            else:
                yield decode(self._tokenizer, event).rstrip("\ufffd")  # half an emoji is not shown

    def score(self, answer: Answer, questions: Sequence[Question]) -> LogProbs:
        """Give log p(token | question, tokens before it) for each question: [questions, tokens]."""
        if not self._trusted:  # the answer came from another worker
            self._self_check(answer.question, answer.token_ids, answer.logprobs)
        return self._scorer.score(answer.question, answer.token_ids, questions)

    def likeliest(self, answer: Answer, questions: Sequence[Question], count: int) -> NDArray[np.intp]:
        """Give the ids of the likeliest words at each token, on average over the questions: [tokens, count]."""
        taken = self._take(answer, questions, lambda logits, _: logits.float().softmax(-1))
        mean = torch.stack(taken).mean(0)
        return mean.topk(min(count, mean.shape[-1]), dim=-1).indices.cpu().numpy().astype(np.intp)

    def distributions(self, answer: Answer, questions: Sequence[Question], ids: NDArray[np.intp]) -> Distributions:
        """Give the log-probabilities of the words `ids` [tokens, words] at each token, and of all others together."""
        words = torch.from_numpy(ids)
        taken = self._take(answer, questions, lambda logits, _: gather_distribution(logits, words))
        return torch.stack(taken).cpu().numpy()

    def _take(self, answer: Answer, questions: Sequence[Question], take: Take) -> list[torch.Tensor]:
        if not self._trusted:
            self._self_check(answer.question, answer.token_ids, answer.logprobs)
        return self._scorer.take(answer.question, answer.token_ids, questions, take)

    def decoder(self) -> Any:
        """Give the language model."""
        return self._model.get_decoder()

    def changed(self, how: str) -> "HuggingFaceModel":
        """Give the model after its weights were changed: caches are empty, and it skips the self-check.

        Answers of the unchanged model are not its own, so the self-check would refuse to score them.
        """
        changed = HuggingFaceModel(
            self._model,
            self._processor,
            name=self.name,
            revision=f"{self.revision}, {how}",
            precision=self.precision,
        )
        changed._scorer.forced, changed._trusted = self._scorer.forced, True
        return changed

    def open(self, answer: Answer) -> OpenedAnswer:
        """Open an answer, for its gradients, attention and activations."""
        if not self._trusted:
            self._self_check(answer.question, answer.token_ids, answer.logprobs)
        if self._scorer.forced:
            raise AppError(f"{self.name} is scored through generation, which has no gradients; choose another method.")
        if self._opened is None or self._opened[0] != answer.fingerprint:  # a method calls this once for each pass
            self._opened = answer.fingerprint, OpenedAnswer(self._model, self._processor, self._place, answer)
        return self._opened[1]

    def _answer_generated(self, question: Question, said: Generated, unfamiliar: float) -> Answer:
        if not said.ids:
            raise AppError("The model ended its answer before the first word; ask something else.")
        logprobs = said.logprobs.cpu().numpy()
        self._self_check(question, said.ids, logprobs)
        return self._value(question, said.ids, logprobs, cut_off=said.cut_off, unfamiliar=unfamiliar)

    def _score_text(self, question: Question, ids: Sequence[int], inputs: dict[str, Any]) -> LogProbs:
        if not self._trusted:
            generated = force_tokens(self._model, inputs, ids, self._greedy(len(ids)))
            self._self_check(question, ids, generated[0].cpu().numpy())
        return self._scorer.score(question, ids, [question])[0]

    def _self_check(self, question: Question, ids: Sequence[int], generated: LogProbs) -> None:
        """Find the way of scoring whose log-probs agree with those of generation [tokens], the fast way first."""
        error = np.inf
        for forced in dict.fromkeys((self._scorer.forced, True)):
            self._scorer.forced = forced
            scored = self._scorer.slots(question, ids)
            error = float(np.abs(scored[0] - generated).mean())
            self._trusted = error <= (TOLERANCE if self._exact else LOW_TOLERANCE)  # False for NaN
            if self._trusted:
                expected = (
                    generated if self._exact else scored[0]
                )  # in low precision generation differs by more than noise
                self._noise = max(self._noise, float(np.abs(scored - expected).max()))
                return
        raise disagreement(self.name, error)

    def _ids_of(self, text: str) -> list[int]:
        ids = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        if not ids:
            raise AppError("The text to explain is empty; give at least one word.")
        if set(ids) & {*self._media_ids(), *self._tokenizer.all_special_ids}:
            raise AppError("The text to explain holds a control token of the model, such as <image>; leave it out.")
        return ids

    def _value(
        self, question: Question, ids: Sequence[int], logprobs: LogProbs, *, cut_off: bool, unfamiliar: float
    ) -> Answer:
        return Answer(
            question,
            token_ids=tuple(ids),
            tokens=split_into_pieces(self._tokenizer, ids),
            logprobs=logprobs,
            cut_off=cut_off,
            model=self.name,
            revision=self.revision,
            precision=self.precision,
            noise=self._noise,
            unfamiliar=unfamiliar,
        )

    def _unfamiliar(self, inputs: dict[str, Any]) -> float:
        """Give the probability of the sentence with which the demo model refuses a picture; 0 for other models."""
        sentence = getattr(self._model.config, "unknown_picture", None)
        if not sentence:
            return 0.0
        ids = self._ids_of(sentence)
        return float(force_tokens(self._model, inputs, ids, self._greedy(len(ids)))[0].sum().exp())

    def _encode(self, question: Question, images: Sequence[Pixels] | None = None) -> dict[str, Any]:
        """Encode a question as it is, or with each of several pictures instead of its own, as one batch."""
        encoded = (
            encode_batch(self._processor, [question]) if images is None else encode(self._processor, question, images)
        )
        return {name: self._place(value) for name, value in encoded.items()}

    def _place(self, value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return value
        if self._model.device.type == "cuda":  # pinned memory is copied asynchronously
            value = value.pin_memory()
        dtype = self._model.dtype if value.is_floating_point() else None
        return value.to(self._model.device, dtype, non_blocking=True)

    def _check_length(self, question: Question, asked: int, said: int) -> None:
        config = self._model.config.get_text_config()
        if self._sees_pictures:
            limit = getattr(config, "max_position_embeddings", None)
        else:
            limit = context_limit(config, self._tokenizer)
        check_length(self.name, question, asked, said, limit)

    def _check_pictures(self, question: Question) -> None:
        if question.pictures and not self._sees_pictures:
            raise AppError(f"{self.name} reads text only; leave the picture out.")
        if self._sees_pictures and not question.pictures:
            raise AppError(f"{self.name} looks at pictures; give one, or choose a model that reads text only.")
        if len(question.pictures) > 1 and self._family.one_picture:
            raise AppError(f"{self.name} takes one picture in a question; give one, or choose another model.")

    def _greedy(self, max_tokens: int) -> Any:
        return greedy(self._model, max_tokens, self._stop_ids(), self._media_ids())

    def _stop_ids(self) -> list[int]:
        ids = self._model.generation_config.eos_token_id
        if ids is None:
            ids = self._tokenizer.eos_token_id
        ends = ids if isinstance(ids, list) else [ids]
        if self._family.ends_with_separator:
            ends = [*ends, self._model.config.get_text_config().sep_token_id]
        return [token for token in ends if token is not None]

    def _media_ids(self) -> list[int]:
        """List the ids of image, video and audio tokens; if one were generated, scoring would fail."""
        found = (getattr(self._model.config, name, None) for name in MEDIA_IDS)
        return [token for token in found if token is not None]
