"""The scheduler: a fair queue in which sessions share the slots chunk by chunk; no short job waits for a long one."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from mmattr_app.contracts import Call, SharedCall, Slot
from mmattr_app.domain import LogProbs
from mmattr_app.errors import AppError, NoRoom, WorkerEmpty, WorkerLost
from mmattr_app.workers import monitoring
from mmattr_app.workers.inline import Throughput
from mmattr_app.workers.single_flight import LOOK, Flight, SingleFlight

Reply: TypeAlias = tuple[Literal["event", "loading", "error", "end"], Any]

CALL_RETRIES = 2  # times that a call is tried again after its worker was lost
LOAD_RETRIES = 4  # times that a model is loaded again after workers were lost while loading it
CURE = "most likely because memory ran out; choose a smaller model or picture, or a shorter answer."
REMEMBERED = 10_000  # sessions whose last turn is known
WORTH_LOADING = 2  # a turn waits this many times its model's loading time, while loaded models have other turns


@dataclass(eq=False)
class Turn:
    """One call of a job in the queue; the slot's thread puts replies into it, the job's thread takes them out."""

    session: str
    model: str
    call: Call[Any] | None  # None: only load the model
    flights: Sequence[Flight] = ()  # the call's parts, if other jobs may ask for them too
    asked: int = 0  # masks that were still to be asked when it began
    queued_at: float = field(default_factory=time.monotonic)
    started: bool = False
    unwanted: bool = False  # the job does not wait for it any more
    lost: int = 0  # workers that were lost while running it
    lost_loading: int = 0  # workers that were lost while loading its model
    replies: SimpleQueue[Reply] = field(default_factory=SimpleQueue[Reply])

    def load(self, slot: Slot) -> int:
        """Load its model, reply with the progress, and give the batch size."""
        batch = 0
        for event in slot.load(self.model):
            if isinstance(event, str):
                self.replies.put(("loading", event))
            else:
                batch = event
        assert batch, "the last event is the batch size"
        return batch

    def run(self, slot: Slot, single_flight: SingleFlight) -> None:
        """Run the call and reply with what it yields; stop as soon as the turn is unwanted."""

        def ask(call: Call[Any]) -> Iterator[Any]:
            self.asked = call.masks
            return slot.run(self.model, call)

        events: Iterator[Any] = iter(())
        if isinstance(self.call, SharedCall) and self.flights:
            events = single_flight.ask(self.call, self.flights, ask)
        elif self.call:
            events = ask(self.call)
        for event in events:
            if self.unwanted:
                close = getattr(events, "close", None)
                if close:
                    close()
                return
            self.replies.put(("event", event))
        self.replies.put(("end", None))

    def events(self, look: Callable[[], None], on_loading: Callable[[str | None], None]) -> Iterator[Any]:
        """Yield what the call yields; `look` is called again and again meanwhile, and may raise to cancel.

        `on_loading` gets progress in words while the model is loaded, and None when it is ready.
        """
        while True:
            look()
            try:
                kind, content = self.replies.get(timeout=LOOK)
            except Empty:
                continue
            if kind == "end":
                return
            if kind == "error":
                raise content
            if kind == "loading":
                on_loading(content)
            else:
                yield content


@dataclass
class SlotState:
    """A slot and the models that are loaded in it, the last used at the end."""

    slot: Slot
    warm: OrderedDict[str, None] = field(default_factory=OrderedDict[str, None])

    def unload(self, most: int) -> None:
        """Unload the least recently used models until at most `most` are loaded."""
        while len(self.warm) > most:
            self.slot.drop(self.warm.popitem(last=False)[0])


class Scheduler:
    """Takes turns from the threads of jobs, and runs them on slots, each of which has a thread."""

    def __init__(
        self, slots: Sequence[Slot], *, warm: int = 2, memo: Mapping[bytes, LogProbs] = MappingProxyType({})
    ) -> None:
        """`warm` is the number of models that a slot keeps loaded; replies in the memo are not asked again."""
        self.lanes = len(slots)
        self.throughput = Throughput()
        self.single_flight = SingleFlight(memo)
        self._warm = warm
        self._waiting: dict[str, deque[Turn]] = {}
        self._served: OrderedDict[str, int] = OrderedDict()  # session -> number of its last turn
        self._now = count(1)
        self._changed = Condition()
        for number, slot in enumerate(slots):
            Thread(target=self._serve, args=(SlotState(slot),), daemon=True, name=f"mmattr-slot-{number}").start()

    def add(self, turn: Turn) -> None:
        """Add a turn behind the other turns of its session."""
        with self._changed:
            self._waiting.setdefault(turn.session, deque()).append(turn)
            self._changed.notify()
        monitoring.WAITING.inc()

    def warm_up(self, model: str) -> None:
        """Load a model before it is needed; an error is reported to the first job that needs it."""
        self.add(Turn("", model, None))

    def withdraw(self, turn: Turn) -> None:
        """Remove an unwanted turn from the queue, or let its slot stop at the next event."""
        turn.unwanted = True
        with self._changed:
            turns = self._waiting.get(turn.session, deque())
            if turn in turns:
                self._remove(turn)

    def chunk(self, model: str) -> int:
        """Say how many masks a turn should have now."""
        return self.throughput.chunk(model, len(self._waiting) / self.lanes)

    def place(self, turn: Turn) -> tuple[int, float]:
        """Give the turn's place in the queue, from 1, and about how many seconds it waits."""
        with self._changed:
            heads = self._in_order()
        ahead = heads.index(turn) if turn in heads else len(heads)
        return ahead + 1, (ahead + 1) * self.throughput.turn / self.lanes

    def _serve(self, state: SlotState) -> None:
        while True:
            self._serve_turn(state, self._next(state))  # no variable here, which would keep the last turn in memory

    def _serve_turn(self, state: SlotState, turn: Turn) -> None:
        try:
            self._warm_up(state, turn)
            self._run(state, turn)
        except WorkerLost as lost:
            if not isinstance(lost, WorkerEmpty):
                self._count_loss(state, turn)
            state.warm.clear()
            self._retry(turn)
        except BaseException as error:  # noqa: BLE001  (the job's thread raises it again)
            turn.replies.put(("error", error))

    def _next(self, state: SlotState) -> Turn:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting))
            heads = self._in_order()
            turn = next((turn for turn in heads if self._fits(state, turn)), heads[0])
            self._remove(turn)
            self._served[turn.session] = next(self._now)
            self._served.move_to_end(turn.session)
            while len(self._served) > REMEMBERED:
                self._served.popitem(last=False)
        turn.started = True
        return turn

    def _in_order(self) -> list[Turn]:
        """List the first turn of each session; the session whose last turn is longest ago comes first."""
        sessions = sorted(self._waiting, key=lambda session: self._served.get(session, 0))
        return [self._waiting[session][0] for session in sessions]

    def _remove(self, turn: Turn) -> None:
        turns = self._waiting[turn.session]
        turns.remove(turn)
        monitoring.WAITING.dec()
        if not turns:
            del self._waiting[turn.session]

    def _fits(self, state: SlotState, turn: Turn) -> bool:
        """Say whether the turn's model is loaded here, or the turn has waited so long that loading it is worth it."""
        waited = time.monotonic() - turn.queued_at
        return turn.model in state.warm or waited > WORTH_LOADING * self.throughput.loading.get(turn.model, 0)

    def _warm_up(self, state: SlotState, turn: Turn) -> None:
        model = turn.model
        if model not in state.warm:
            turn.replies.put(("loading", f"loading the model {model}"))
            state.unload(self._warm - 1)
            started = time.monotonic()
            self.throughput.batch[model] = self._load(state, turn)
            self.throughput.loading[model] = time.monotonic() - started
            turn.replies.put(("loading", None))
        state.warm[model] = None
        state.warm.move_to_end(model)

    @staticmethod
    def _load(state: SlotState, turn: Turn) -> int:
        try:
            return turn.load(state.slot)
        except NoRoom:
            if not state.warm:
                raise
            state.unload(0)
            return turn.load(state.slot)

    def _run(self, state: SlotState, turn: Turn) -> None:
        started = time.monotonic()
        turn.run(state.slot, self.single_flight)
        seconds = time.monotonic() - started
        self.throughput.record(turn.model, turn.asked, seconds)
        monitoring.CHUNK.observe(seconds)

    @staticmethod
    def _count_loss(state: SlotState, turn: Turn) -> None:
        if turn.model in state.warm:
            turn.lost += 1
        else:
            turn.lost_loading += 1

    def _retry(self, turn: Turn) -> None:
        """Put a turn whose worker was lost back into the queue; fail it after too many losses."""
        if turn.unwanted:
            return
        monitoring.LOST.inc()
        if turn.lost > CALL_RETRIES or turn.lost_loading > LOAD_RETRIES:
            over = "the same few masks" if turn.lost > CALL_RETRIES else f"loading {turn.model}"
            turn.replies.put(
                ("error", AppError(f"Workers were lost {turn.lost + turn.lost_loading} times over {over}, {CURE}"))
            )
            return
        with self._changed:
            self._waiting.setdefault(turn.session, deque()).appendleft(turn)
            self._served.pop(turn.session, None)  # the lost turn does not count
            self._changed.notify()
        monitoring.WAITING.inc()
