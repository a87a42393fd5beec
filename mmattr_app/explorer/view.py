"""Everything the explorer shows at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mmattr_app.domain import Answer, Attribution, LogProbs, Question, Segmentation

State: TypeAlias = Literal["empty", "queued", "cutting", "answering", "hiding", "done", "failed", "cancelled"]


@dataclass(frozen=True, eq=False)
class View:
    """A moment of a job, or of none: "empty" with a question and its regions is the preview."""

    state: State
    says: str = ""  # the state in words, or the sentence of an error
    question: Question | None = None
    text: str = ""  # the answer so far, while it is still being said
    answer: Answer | None = None
    segmentation: Segmentation | None = None
    scores: NDArray[np.float32] | None = None  # [regions, tokens]; a row of NaN was not asked yet
    full: LogProbs | None = None  # [tokens], everything visible
    blank: LogProbs | None = None  # [tokens], nothing visible
    hiding: int | None = None  # the region that is hidden right now
    done: int = 0  # masks asked
    of: int = 0  # masks to ask
    unit: Literal["nats", "logits"] = "nats"
    method: str = "ablation"
    occluder: str = "mean"
    model_says: str = ""  # one line about the model
    drawing: Mapping[str, Any] | None = None  # {"number", "shapes"}: what is drawn by hand, while it can be drawn on
    edits: int | None = None  # changes by hand that can be taken back; None where the regions cannot be changed
    files: Mapping[str, str] = field(default_factory=dict)  # format, such as "json", to its URL
    job: str = ""
    live: bool = False  # there is somebody to sharpen the map, and to cut the picture anew
    base: str | None = None  # the job whose map this one is sharpened from
    sharpened: Sequence[int] = ()  # the tokens for which it is, or cannot be

    @classmethod
    def of_result(
        cls,
        why: Attribution,
        *,
        says: str = "",
        model_says: str = "",
        files: Mapping[str, str] | None = None,
        job: str = "",
    ) -> "View":
        """Show a finished attribution."""
        return cls(
            "done",
            says=says,
            question=why.answer.question,
            answer=why.answer,
            segmentation=why.segmentation,
            scores=why.scores.values,
            full=why.logprob_full,
            blank=why.logprob_blank,
            unit=why.scores.unit,
            method=why.method,
            occluder=why.occluder,
            model_says=model_says,
            files=files or {},
            job=job,
        )
