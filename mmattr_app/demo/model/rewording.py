"""Questions about held-out scenes in wordings held out of training, for evaluation."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from mmattr_app.demo.scenes import Question, Staging, scene, wording
from mmattr_app.demo.scenes.refusals import OUT_OF_SCOPE
from mmattr_app.demo.scenes.wording.typing import misspelt, typed

# Ways of asking, which are also the names of the figures.
WAYS = (
    "held-out phrasings",
    "typos",
    "other languages",
    "other languages, held-out phrasings",
    "out of scope",
    "two in one",
    "several of a kind",
)


def reworded(seeds: Iterable[int], way: str, size: int) -> list[tuple[np.ndarray, Question]]:
    """Ask one question about each scene in this way; all topics are equally likely."""
    return [_reworded(seed, way, size) for seed in seeds]


def _reworded(seed: int, way: str, size: int) -> tuple[np.ndarray, Question]:
    rng = np.random.default_rng([seed, 8])
    drawn = scene(seed, size, Staging(twins=way == "several of a kind"))
    if way == "out of scope":
        prompt = wording.out_of_scope(rng, held_out=True)
        return drawn.image, Question(way, prompt, OUT_OF_SCOPE)
    questions = [*drawn.questions, *drawn.further]
    if way.startswith("other languages"):
        questions = [question for question in questions if wording.speaks(question.topic, question.about)]
    if way == "several of a kind":
        counts = [question for question in questions if question.topic in {"count kind", "more", "count group"}]
        questions = [question for question in counts if " no " not in question.answer]
    question = _one(rng, questions)
    if way == "two in one":
        return drawn.image, _two(rng, question, _one(rng, questions))
    return drawn.image, replace(question, prompt=_prompt(rng, question, way))


def _one(rng: np.random.Generator, questions: list[Question]) -> Question:
    topics = list(dict.fromkeys(question.topic for question in questions))
    topic = topics[int(rng.integers(len(topics)))]
    same = [question for question in questions if question.topic == topic]
    return same[int(rng.integers(len(same)))]


def _prompt(rng: np.random.Generator, question: Question, way: str) -> str:
    if way.startswith("other languages"):
        return wording.translated(rng, question.topic, question.about, held_out="held-out" in way)
    text = wording.phrase(rng, question.topic, question.about, held_out=way == "held-out phrasings")
    return typed(rng, misspelt(rng, text, wording.known_words()) if way == "typos" else text)


def _two(rng: np.random.Generator, first: Question, second: Question) -> Question:
    texts = [_prompt(rng, question, "two in one") for question in (first, second)]
    answer = f"{first.answer} {second.answer}"
    return Question("two in one", wording.two_in_one(rng, *texts), answer)
