"""How well the demo model understands people: words that training never met, typos, other languages, other topics."""

import numpy as np

from mmattr_app import pipeline
from mmattr_app.demo.model.rewording import WAYS, reworded
from mmattr_app.demo.scenes import scene
from mmattr_app.demo.scenes.grading import refuses, right
from mmattr_app.domain import Question
from tests.bench.resuming import for_each_seed, lone_worker, revision

AIMS = {
    "held-out phrasings": 0.95,
    "typos": 0.9,
    "other languages": 0.85,
    "out of scope": 0.95,
}
_OFF_TOPIC = "out of scope"
_CAPTUM = "Briefly describe the image in one sentence."  # the prompt of Captum's tutorial

Row = tuple[str, str, bool, bool]  # way of asking, topic, right, refused


def tell_wording(count: int, processes: int) -> None:
    """Print the share of right answers for each way of asking, and by topic for the held-out phrasings."""
    asked = [row for rows in for_each_seed(f"wording-{revision('demo')}", ask, range(count), processes) for row in rows]
    print(f"\nOne question about each of {count} scenes for each way of asking; an answer counts by its facts.\n")
    print("| asked in | right | aim |\n|---|---|---|")
    for way in (*WAYS, _CAPTUM):
        aim = f"{AIMS[way]:.2f}" if way in AIMS else ""
        print(f"| {way} | {np.mean([row[2] for row in asked if row[0] == way]):.3f} | {aim} |")
    refused = np.mean([row[3] for row in asked if row[0] != _OFF_TOPIC])
    print(f"| in scope, wrongly refused | {refused:.4f} | under 0.01 |")
    print("\n| held-out phrasings, by topic | right | asked |\n|---|---|---|")
    held = [row for row in asked if row[0] == "held-out phrasings"]
    for topic in sorted({row[1] for row in held}):
        found = [row[2] for row in held if row[1] == topic]
        print(f"| {topic} | {np.mean(found):.3f} | {len(found)} |")


def ask(seed: int) -> list[Row]:
    """Ask in every way about one scene."""
    pairs = [(way, *reworded([seed], way, 512)[0]) for way in WAYS]
    drawn = scene(seed, 512)
    rows = []
    for way, image, question in (*pairs, (_CAPTUM, drawn.image, drawn.questions[0])):
        prompt = _CAPTUM if way == _CAPTUM else question.prompt
        text = pipeline.ask(lone_worker("demo"), Question((image,), prompt)).text.strip()
        rows.append((way, question.topic, right(question, text), refuses(text)))
    return rows
