"""Scores an answer under many questions: encoded in threads, equal questions only once, in batches that fit."""

import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from mmattr_app.byte_lru import ByteLRU
from mmattr_app.domain import LogProbs, Question
from mmattr_app.errors import AppError
from mmattr_app.models.families import family_of
from mmattr_app.models.memory import copies_that_fit
from mmattr_app.models.prefetch import prefetch
from mmattr_app.models.prefix_cache import Past
from mmattr_app.models.preprocessing import Prepared, QuestionEncoder
from mmattr_app.models.teacher_forcing import Take, force_tokens, score_tokens
from mmattr_app.models.tile_cache import Seen, find_tower

CPU_BATCH, GPU_BATCH = 4, 16  # larger batches are no faster
CACHED, CACHED_TILED = 64, 4  # answers in the cache, since many users take turns; a tiled answer also caches its tiles
CACHED_BYTES = 200_000_000  # of the answers' pictures; the newest answer stays whatever its size


@dataclass(eq=False)
class _Case:
    """An answer that is being scored, and all that is cached for it."""

    encoder: QuestionEncoder
    ids: Sequence[int]  # of the answer's tokens
    nbytes: int  # of the question's pictures
    batch: int  # batch size
    past: Past | None  # prefix cache
    seen: Seen = field(default_factory=Seen)  # tile cache
    slots: LogProbs = field(init=False)  # [slots, tokens], of the unhidden picture in each slot of a batch
    known: dict[bytes, LogProbs] = field(default_factory=dict[bytes, LogProbs])  # question's fingerprint -> [tokens]


_Key: TypeAlias = tuple[Question, Sequence[int], bool]  # the question, the answer's ids, and whether it is forced


class Scorer:
    """Scores answers with one model. It halves its batch size when memory runs out."""

    def __init__(
        self, model: Any, processor: Any, *, exact: bool, place: Callable[[Any], Any], greedy: Callable[[int], Any]
    ) -> None:
        """`place` moves a tensor to the model's device; `greedy(n)` gives the settings to generate n tokens.

        In low precision (not `exact`) each batch is filled up, since the batch size changes the numbers.
        """
        on_cpu = model.device.type == "cpu"
        self._family = family_of(model)
        self._restarts = (
            exact and on_cpu and self._family.restarts_at_tiles
        )  # here a prefix cache saves more than a batch
        self.batch = 1 if self._restarts else CPU_BATCH if on_cpu else GPU_BATCH
        self.forced = False  # score through generation; set if one forward pass disagrees with it
        self._model, self._processor = model, processor
        self._exact, self._place, self._greedy = exact, place, greedy
        self._pictures = frozenset(getattr(processor.image_processor, "model_input_names", ()))
        self._threads = 0 if on_cpu else min(8, os.cpu_count() or 1)  # on a CPU they compete with the model for cores
        self._newest: _Case | None = None
        self._tower = find_tower(model, exact=exact)
        least = CACHED_BYTES // (
            CACHED_TILED if self._tower or self._restarts else CACHED
        )  # so counts bound answers too
        self._cases: ByteLRU[_Key, _Case] = ByteLRU(CACHED_BYTES, lambda case: max(case.nbytes, least))

    def score(self, question: Question, ids: Sequence[int], questions: Sequence[Question]) -> LogProbs:
        """Give log p(token | question, tokens before it) for each question: [questions, tokens].

        Only questions of the same number of tokens share a batch, since not every family ignores padding.
        """
        case = self._case(question, tuple(ids), self.forced)
        asked: list[bytes] = []
        waiting: dict[Any, dict[bytes, Prepared]] = {}  # shape -> fingerprint -> question
        new: list[bytes] = []
        rows: list[Tensor] = []
        prepare = case.encoder.prepare
        prepared = map(prepare, questions)  # lazily: `questions` may hide regions when an entry is read
        if self._threads:
            places = range(len(questions))
            prepared = prefetch(lambda at: prepare(questions[at]), places, threads=self._threads, depth=2 * case.batch)
        known = set(case.known)
        for one in prepared:
            asked.append(one.fingerprint)
            if one.fingerprint in known:
                continue
            known.add(one.fingerprint)
            batch = waiting.setdefault(one.shape, {})
            batch[one.fingerprint] = one
            if len(batch) >= case.batch:
                new += batch
                rows += self._run(case, list(waiting.pop(one.shape).values()))
        for batch in waiting.values():
            new += batch
            rows += self._run(case, list(batch.values()))
        if rows:  # only here does the CPU wait for the device
            case.known |= zip(new, torch.stack(rows).cpu().numpy(), strict=True)
        return np.stack([case.known[fingerprint] for fingerprint in asked])

    def take(self, question: Question, ids: Sequence[int], questions: Sequence[Question], take: Take) -> list[Tensor]:
        """Give the result of `take` on the logits under each question; nothing is cached."""
        case = self._case(question, tuple(ids), self.forced)
        prepared = [case.encoder.prepare(one) for one in questions]
        forward = partial(self._forward, take=take)
        rows: dict[int, Tensor] = {}
        for shape in dict.fromkeys(one.shape for one in prepared):
            places = [place for place, one in enumerate(prepared) if one.shape == shape]
            rows |= zip(places, self._run(case, [prepared[place] for place in places], forward), strict=True)
        return [rows[place] for place in range(len(prepared))]

    def slots(self, question: Question, ids: Sequence[int]) -> LogProbs:
        """Give the unhidden picture's log-probs in each slot of a batch (one slot if exact): [slots, tokens]."""
        return self._case(question, tuple(ids), self.forced).slots

    def _case(self, question: Question, ids: Sequence[int], forced: bool) -> _Case:
        """Give the cached case of an answer, or open one; the two ways of scoring have different cases."""
        key = (question, ids, forced)
        case = self._cases.get(key)
        if case is None:
            self._cases[key] = case = self._open(question, ids)
        return case

    def _open(self, question: Question, ids: Sequence[int]) -> _Case:
        if self._newest:
            self._newest.past = None  # it may take hundreds of megabytes, so only the newest answer keeps one
        restarts = self._restarts and len(question.pictures) == 1
        past = Past(self._model.config.image_token_id, self._pictures) if restarts else None
        size = sum(picture.nbytes for picture in question.pictures)
        case = _Case(QuestionEncoder(self._processor, question, self._place), ids, size, self.batch, past)
        unhidden = case.encoder.prepare(question)
        if self._model.device.type == "cuda":
            fits = copies_that_fit(lambda: self._forward(case, [unhidden]), self._model.device)
            case.batch = max(1, min(self.batch, fits))
        case.slots = torch.stack(self._run(case, [unhidden] * (1 if self._exact else case.batch))).cpu().numpy()
        case.known[unhidden.fingerprint] = case.slots[0]
        self._newest = case
        return case

    def _run(
        self, case: _Case, questions: Sequence[Prepared], forward: Callable[..., Tensor] | None = None
    ) -> list[Tensor]:
        """Run questions of one shape through the model, batch by batch: a row for each."""
        forward = forward or self._forward
        rows: list[Tensor] = []
        while len(rows) < len(questions):
            batch = questions[len(rows) : len(rows) + case.batch]
            short = 0 if self._exact else case.batch - len(batch)
            try:
                rows.extend(forward(case, [*batch, *[batch[-1]] * short])[: len(batch)])
            except (RuntimeError, MemoryError) as error:
                self._make_room(case, error)
        return rows

    @torch.inference_mode()
    def _forward(self, case: _Case, questions: Sequence[Prepared], take: Take | None = None) -> Tensor:
        with self._tower.reusing(case.seen, len(questions)) if self._tower else nullcontext():
            return self._ask(case, case.encoder.inputs(questions), questions, take)

    def _ask(self, case: _Case, inputs: dict[str, Any], questions: Sequence[Prepared], take: Take | None) -> Tensor:
        hidden = [question.hidden for question in questions]
        if self.forced:
            return force_tokens(self._model, inputs, case.ids, self._greedy(len(case.ids)), hidden, take=take)
        usual = all(question.same_words and not question.hidden for question in questions)
        past = case.past if usual else None  # the prefix cache is only valid for these words
        how = {"family": self._family, "hidden": hidden, "take": take}
        return score_tokens(self._model, inputs, case.ids, self._pictures, past, **how)

    def _make_room(self, case: _Case, error: BaseException) -> None:
        """Halve the batch size for good if memory ran out; raise every other error again."""
        if not (isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "allocate memory" in str(error)):
            raise error
        if case.batch == 1:
            raise AppError(
                "Memory ran out on a single picture; choose a smaller model, a lower precision or a smaller picture."
            ) from error
        case.batch //= 2
        self.batch = min(self.batch, case.batch)
        if self._model.device.type == "cuda":
            torch.cuda.empty_cache()
