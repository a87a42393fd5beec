"""Scores one answer under many questions: read in threads ahead of the device, equal ones once, in batches that fit."""

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
from mmattr_app.models.prefetch import ahead
from mmattr_app.models.prefix_cache import Past
from mmattr_app.models.preprocessing import Prepared, Reading
from mmattr_app.models.teacher_forcing import Take, force_tokens, score_tokens
from mmattr_app.models.tile_cache import Seen, find_tower

CPU_BATCH, GPU_BATCH = 4, 16  # more gives no more speed
AT_HAND, AT_HAND_TILED = 64, 4  # answers, since many people take turns; tiles are large, and remembered for each
AT_HAND_BYTES = 200_000_000  # of their pictures; the newest is kept whatever it holds


@dataclass(eq=False)
class _Case:
    """An answer under way."""

    reading: Reading
    ids: Sequence[int]
    nbytes: int  # of the question's pictures
    batch: int
    past: Past | None
    seen: Seen = field(default_factory=Seen)
    slots: LogProbs = field(init=False)  # the unhidden picture's, [slots, tokens]
    known: dict[bytes, LogProbs] = field(default_factory=dict[bytes, LogProbs])  # by the question's fingerprint


_Key: TypeAlias = tuple[Question, Sequence[int], bool]  # the last says how it is scored


class Scorer:
    """One model's way to score. It learns how many pictures fit at once."""

    def __init__(
        self, model: Any, processor: Any, *, exact: bool, place: Callable[[Any], Any], greedy: Callable[[int], Any]
    ) -> None:
        """`place` brings a tensor to the model; `greedy` is how it generates so many tokens.

        Where it is not `exact`, in low precision, each batch is filled up, since its size moves the numbers.
        """
        on_cpu = model.device.type == "cpu"
        self._family = family_of(model)
        self._restarts = exact and on_cpu and self._family.restarts_at_tiles  # where that is worth more than a batch
        self.batch = 1 if self._restarts else CPU_BATCH if on_cpu else GPU_BATCH
        self.forced = False  # by generation, where one forward disagrees with it
        self._model, self._processor = model, processor
        self._exact, self._place, self._greedy = exact, place, greedy
        self._pictures = frozenset(getattr(processor.image_processor, "model_input_names", ()))
        self._threads = 0 if on_cpu else min(8, os.cpu_count() or 1)  # a CPU has nothing to do them beside
        self._newest: _Case | None = None
        self._tower = find_tower(model, exact=exact)
        least = AT_HAND_BYTES // (AT_HAND_TILED if self._tower or self._restarts else AT_HAND)
        self._cases: ByteLRU[_Key, _Case] = ByteLRU(AT_HAND_BYTES, lambda case: max(case.nbytes, least))

    def score(self, question: Question, ids: Sequence[int], questions: Sequence[Question]) -> LogProbs:
        """Give log p(token | question, tokens before it) for each question: [questions, tokens].

        Only questions that take as many tokens share a batch: none is padded, which not every family reads as nothing.
        """
        case = self._case(question, tuple(ids), self.forced)
        asked: list[bytes] = []
        waiting: dict[Any, dict[bytes, Prepared]] = {}  # by their shape
        fresh: list[bytes] = []
        rows: list[Tensor] = []
        prepare = case.reading.prepare
        prepared = map(prepare, questions)  # which makes the question that is looked at, too
        if self._threads:
            places = range(len(questions))
            prepared = ahead(lambda at: prepare(questions[at]), places, threads=self._threads, depth=2 * case.batch)
        known = set(case.known)
        for one in prepared:
            asked.append(one.fingerprint)
            if one.fingerprint in known:
                continue
            known.add(one.fingerprint)
            batch = waiting.setdefault(one.shape, {})
            batch[one.fingerprint] = one
            if len(batch) >= case.batch:
                fresh += batch
                rows += self._run(case, list(waiting.pop(one.shape).values()))
        for batch in waiting.values():
            fresh += batch
            rows += self._run(case, list(batch.values()))
        if rows:  # the first moment that anything here waits for the device
            case.known |= zip(fresh, torch.stack(rows).cpu().numpy(), strict=True)
        return np.stack([case.known[fingerprint] for fingerprint in asked])

    def take(self, question: Question, ids: Sequence[int], questions: Sequence[Question], take: Take) -> list[Tensor]:
        """Give what `take` takes from the logits under each question; nothing of it is remembered."""
        case = self._case(question, tuple(ids), self.forced)
        prepared = [case.reading.prepare(one) for one in questions]
        taking = partial(self._forward, take=take)
        rows: dict[int, Tensor] = {}
        for shape in dict.fromkeys(one.shape for one in prepared):
            places = [place for place, one in enumerate(prepared) if one.shape == shape]
            rows |= zip(places, self._run(case, [prepared[place] for place in places], taking), strict=True)
        return [rows[place] for place in range(len(prepared))]

    def slots(self, question: Question, ids: Sequence[int]) -> LogProbs:
        """Give the unhidden picture's log-probs in every slot of a batch, or in one where the slot is of no matter."""
        return self._case(question, tuple(ids), self.forced).slots

    def _case(self, question: Question, ids: Sequence[int], forced: bool) -> _Case:
        """Give an answer that is at hand, or read it; each of the two ways to score has cases of its own."""
        key = (question, ids, forced)
        case = self._cases.get(key)
        if case is None:
            self._cases[key] = case = self._open(question, ids)
        return case

    def _open(self, question: Question, ids: Sequence[int]) -> _Case:
        if self._newest:
            self._newest.past = None  # it may take hundreds of megabytes, so one answer at a time has one
        alone = self._restarts and len(question.pictures) == 1
        past = Past(self._model.config.image_token_id, self._pictures) if alone else None
        size = sum(picture.nbytes for picture in question.pictures)
        case = _Case(Reading(self._processor, question, self._place), ids, size, self.batch, past)
        unhidden = case.reading.prepare(question)
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
        with self._tower.sparing(case.seen, len(questions)) if self._tower else nullcontext():
            return self._ask(case, case.reading.inputs(questions), questions, take)

    def _ask(self, case: _Case, inputs: dict[str, Any], questions: Sequence[Prepared], take: Take | None) -> Tensor:
        hidden = [question.hidden for question in questions]
        if self.forced:
            return force_tokens(self._model, inputs, case.ids, self._greedy(len(case.ids)), hidden, take=take)
        usual = all(question.same_words and not question.hidden for question in questions)
        past = case.past if usual else None  # which was read before these very words
        how = {"family": self._family, "hidden": hidden, "take": take}
        return score_tokens(self._model, inputs, case.ids, self._pictures, past, **how)

    def _make_room(self, case: _Case, error: BaseException) -> None:
        """Halve the batch when memory ran out, for good; pass on every other error."""
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
