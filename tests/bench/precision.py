"""The same question in two precisions of one model: how far the scores move, and whether they keep their order.

Markdown on standard output; `--model`, `--device` and `--image` take another model than the demo's to it.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from mmattr_app import pipeline
from mmattr_app.demo.scenes import scene
from mmattr_app.domain import Attribution, Question
from mmattr_app.pictures import read_picture
from mmattr_app.pipeline import Plan
from tests.games import explain_regions

EXACT = "float32"
OTHERS = ("bfloat16", "float16", "int8", "int4")
PROMPT = "Describe the picture."
GRID = "grid:8x8"
RUNS = (Plan("ablation", "white"), Plan("surrogate"))
HEAD = "| precision | method | log-probs moved | scores moved / spread | rank correlation | top region kept | seconds |"


def main() -> None:
    """Print a line for each precision and method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="demo")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--image", nargs="*", default=[], help="pictures instead of scenes")
    parser.add_argument("--scenes", type=int, default=10, help="scenes of the demo model (%(default)s)")
    parser.add_argument("--against", nargs="*", default=OTHERS, help="precisions (%(default)s)")
    options = parser.parse_args()
    pictures = [read_picture(path) for path in options.image]
    pictures = pictures or [scene(seed, 512).image for seed in range(options.scenes)]
    questions = [Question((picture,), PROMPT) for picture in pictures]
    exact, seconds = run(options.model, options.device, EXACT, questions)
    print(HEAD + "\n|" + "---|" * HEAD.count(" | ") + "---|")
    for plan, took in zip(RUNS, seconds, strict=True):
        print(f"| {EXACT} | {plan.method} | | | | | {took:.1f} |")
    for dtype in options.against:
        found, seconds = run(options.model, options.device, dtype, questions, [done[0].answer.text for done in exact])
        for number, plan in enumerate(RUNS):
            pairs = [(one[number], other[number]) for one, other in zip(exact, found, strict=True)]
            print(f"| {dtype} | {plan.method} | {' | '.join(compare(pairs))} | {seconds[number]:.1f} |")


def run(
    model: str, device: str, dtype: str, questions: Sequence[Question], texts: Sequence[str] | None = None
) -> tuple[list[list[Attribution]], NDArray[np.float64]]:
    """Explain every question by every method, and give the seconds a question took; `texts` are scored as answers."""
    worker = pipeline.open_worker(model, device=device, dtype=dtype)
    found: list[list[Attribution]] = []
    seconds = np.zeros(len(RUNS))
    for number, question in enumerate(questions):
        answer = pipeline.ask(worker, question, texts[number] if texts else None)
        cut = pipeline.segment(question.image, GRID)
        found.append([])
        for column, plan in enumerate(RUNS):
            started = time.monotonic()
            found[-1].append(explain_regions(worker, answer, cut, plan))
            seconds[column] += time.monotonic() - started
    return found, seconds / len(questions)


def compare(pairs: Sequence[tuple[Attribution, Attribution]]) -> Iterator[str]:
    """Tell the mean shift in nats, that of the scores, the rank correlation, and how often the top region stays."""
    exact, other = ([pair[side] for pair in pairs] for side in (0, 1))
    moved = [np.abs(a.logprob_full - b.logprob_full).mean() for a, b in pairs]
    spread = np.mean([attribution.scores.values.std() for attribution in exact])
    shift = np.mean([np.abs(a.scores.values - b.scores.values).mean() for a, b in pairs])
    columns = [
        (a.scores.values[:, token], b.scores.values[:, token])
        for a, b in zip(exact, other, strict=True)
        for token in range(a.scores.values.shape[1])
        if a.reliance[token] > 1  # words that look at the picture: the order of nothing much says nothing
    ]
    ranks: list[Any] = [spearmanr(one, two)[0] for one, two in columns if one.std() and two.std()]
    kept = [one.argmax() == two.argmax() for one, two in columns]
    yield f"{np.mean(moved):.4f}"
    yield f"{shift / spread:.3f}"
    yield f"{np.mean(ranks):.3f}"
    yield f"{np.mean(kept):.2f}"


if __name__ == "__main__":
    main()
