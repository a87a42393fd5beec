"""Text classifiers: the answer is one token, the label."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmattr_app.domain import Answer, LogProbs, Question
from mmattr_app.errors import AppError
from mmattr_app.models.preprocessing import as_text, check_length, context_limit

CPU_BATCH, GPU_BATCH = 16, 64  # texts of one length


class TextClassifier:
    """A transformers sequence classifier; it classifies the question's document and prompt."""

    def __init__(self, model: Any, tokenizer: Any, *, name: str, revision: str, precision: str) -> None:
        """Take a model and its tokenizer, as transformers loads them."""
        self.name, self.revision, self.precision = name, revision, precision
        self._model, self._tokenizer = model.eval(), tokenizer
        self._labels: dict[int, str] = {int(number): label for number, label in model.config.id2label.items()}
        if len(self._labels) < 2:
            raise AppError(f"{name} gives a number and no label; choose a classifier with several labels.")
        self.batch = CPU_BATCH if model.device.type == "cpu" else GPU_BATCH

    @property
    def device(self) -> str:
        """Name the device."""
        return str(self._model.device)

    def answer(self, question: Question, text: str | None = None) -> Iterator[str | Answer]:
        """Yield the likeliest label, or the label `text`, as an Answer of one token."""
        if question.pictures or question.system:
            raise AppError(f"{self.name} classifies a text; leave picture and system prompt out.")
        encoded = self._encode(question)
        limit = context_limit(self._model.config, self._tokenizer)
        check_length(self.name, question, encoded["input_ids"].shape[1], 0, limit)
        logprobs = self._logprobs([encoded])[0]
        label = int(logprobs.argmax()) if text is None else self._number_of(text)
        yield self._labels[label]
        yield Answer(
            question,
            token_ids=(label,),
            tokens=(self._labels[label],),
            logprobs=logprobs[[label]].cpu().numpy(),
            cut_off=False,
            model=self.name,
            revision=self.revision,
            precision=self.precision,
        )

    def score(self, answer: Answer, questions: Sequence[Question]) -> LogProbs:
        """Give log p(label | question) for each question: [questions, 1]. Texts of one length share a batch."""
        encoded = [self._encode(question) for question in questions]
        lengths = np.array([inputs["input_ids"].shape[1] for inputs in encoded])
        scores = np.zeros((len(encoded), 1), np.float32)
        for length in np.unique(lengths):
            rows = np.flatnonzero(lengths == length)
            for batch in np.split(rows, range(self.batch, len(rows), self.batch)):
                logprobs = self._logprobs([encoded[row] for row in batch])
                scores[batch] = logprobs[:, list(answer.token_ids)].cpu().numpy()
        return scores

    def _encode(self, question: Question) -> dict[str, Tensor]:
        text = as_text(question.text, self._tokenizer, self._tokenizer.all_special_tokens)
        encoded = dict(self._tokenizer(text, return_tensors="pt"))
        return encoded if encoded["input_ids"].numel() else dict(self._tokenizer(" ", return_tensors="pt"))

    @torch.inference_mode()
    def _logprobs(self, batch: Sequence[dict[str, Tensor]]) -> Tensor:
        """Give the log-probability of each label: [texts, labels]; in a multi-label model each is independent."""
        inputs = {name: torch.cat([one[name] for one in batch]).to(self._model.device) for name in batch[0]}
        logits = self._model(**inputs).logits.float()
        if self._model.config.problem_type == "multi_label_classification":
            return torch.nn.functional.logsigmoid(logits)
        return logits.log_softmax(-1)

    def _number_of(self, text: str) -> int:
        for number, label in self._labels.items():
            if label.lower() == text.strip().lower():
                return number
        raise AppError(f"{self.name} has no label {text!r}; use one of {', '.join(self._labels.values())}.")
