"""What the command line shows: a progress bar while it works, and the result as plain text."""

from typing import NoReturn

import numpy as np
from tqdm import tqdm

from mmattr_app.domain import Answer, Attribution, Keeps, LogProbs
from mmattr_app.pipeline import Listener

LEGEND = {
    "nats": "picture: nats a token loses when all of it is hidden; regions: nats it loses when that region is hidden.",
    "logits": "picture: nats a token loses when all of it is hidden; regions: what each adds to the token's logit.",
}


class Progress:
    """A bar on standard error that follows a run."""

    def __init__(self) -> None:
        """Show that the model is being loaded; the number of masks is known with the answer."""
        self.listener = Listener(
            on_loading=self._on_loading,
            on_text=self._on_text,
            on_answer=self._on_answer,
            on_chunk=self._on_chunk,
            on_cutting=self._bar_says,
        )
        self._bar: tqdm[NoReturn] = tqdm(desc="loading the model", bar_format="{desc}", leave=False)

    def close(self) -> None:
        """Leave the terminal clean."""
        self._bar.close()

    def _on_loading(self, words: str) -> None:
        self._bar.set_description_str(words)

    def _on_text(self, text: str) -> None:
        self._bar.set_description_str(f"answering: {printable(text)[-60:]}")

    def _bar_says(self, text: str) -> None:
        self._bar.set_description_str(text)

    def _on_answer(self, answer: Answer, masks: int) -> None:
        del answer
        self._bar.close()
        self._bar = tqdm(total=masks, desc="hiding regions", unit="mask")

    def _on_chunk(self, keeps: Keeps, logprobs: LogProbs) -> None:
        del logprobs
        self._bar.update(len(keeps))


def report(attribution: Attribution, *, top: int) -> str:
    """Write the answer, and for each token the regions that matter most to it."""
    answer = attribution.answer
    names = [printable(token).replace("\n", "\\n") for token in answer.tokens]
    width = max(len("token"), *map(len, names))
    cut_off = " [cut off by --max-tokens]" if answer.cut_off else ""
    lines = [printable(answer.text) + cut_off, "", f"{'token':{width}}  picture  regions that matter most"]
    for token, name in enumerate(names):
        scores = attribution.scores.values[:, token]
        best = np.argsort(-np.abs(scores), kind="stable")[:top]
        regions = "  ".join(f"{region + 1}: {scores[region]:+.2f}" for region in best)
        lines.append(f"{name:{width}}  {attribution.reliance[token]:+7.2f}  {regions}")
    lines += [
        "",
        *filter(None, (attribution.segmentation.says, answer.question.size_says)),
        LEGEND[attribution.scores.unit],
        "Regions are numbered from 1, as on the page; arrays in files from 0.",
    ]
    return "\n".join(lines)


def printable(text: str) -> str:
    """Spell out control characters, so that a model cannot steer the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else ascii(char)[1:-1] for char in text)
