"""A class on one machine: `python -m tests.bench.classroom` has thirty learners do three steps over real HTTP.

All in the same second, spread over a minute, and with a third of them dropping out midway. Every learner joins, guesses
on an example, explains the scene of the lesson, which all have, and explains a scene of their own.
"""

import argparse
import asyncio
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from mmattr_app.ui.examples import load_examples
from tests.bench.page import Run, Served, ask, served

LESSONS = 5_000, 6_000, 7_000  # of each class the seed of the scene that all have; their own come after it
QUESTIONS = ("Describe the picture.", "What is at the bottom left?", "How many things are there?")
STEPS = (1, 2, 3)


@dataclass
class Learner:
    """What a learner saw."""

    number: int
    question: str
    runs: list[Run] = field(default_factory=list[Run])
    guessed: float = 0.0  # seconds until the class had the guess


async def post(page: Served, path: str, **told: object) -> dict[str, object]:
    """Tell the class something."""
    reply = await page.client.post(path, json=told)
    return reply.raise_for_status().json()


async def learn(page: Served, code: str, learner: Learner, wait: float, lesson: int, *, drops: bool) -> None:
    """Join and do three steps; who drops out goes in the middle of the last one."""
    await asyncio.sleep(wait)
    token = (await post(page, "class/join", code=code, nickname=f"learner {learner.number}"))["token"]
    example, began = load_examples()[0].name, time.monotonic()
    await post(page, "class/guess", token=token, result=example, tokens=[2], marked=[learner.number])
    learner.guessed = time.monotonic() - began
    await post(page, "class/step", token=token, step=1)
    for step, seed in ((2, lesson), (3, lesson + 1 + learner.number)):
        question = QUESTIONS[0] if step == 2 else learner.question
        tab = await page.tab(seed, prompt=question)
        run = asyncio.create_task(ask(tab))
        if drops and step == 3:
            await asyncio.sleep(1)
            run.cancel()
            with suppress(asyncio.CancelledError):
                await run
            return
        learner.runs.append(await run)
        assert learner.runs[-1].shown["prompt"] == question, "a run of somebody else"
        await post(page, "class/step", token=token, step=step)


async def teach(page: Served, key: str, learners: int, spread: float, dropping: int, lesson: int) -> None:
    """Have a class of its own do the lesson, and print how it went."""
    opened = str((await post(page, "teacher/open", key=key))["key"])
    code = str((await post(page, "teacher/state", key=opened))["code"])
    people = [Learner(number, QUESTIONS[number % len(QUESTIONS)]) for number in range(learners)]
    waits = np.linspace(0, spread, learners)
    lessons = [
        learn(page, code, who, wait, lesson, drops=who.number < dropping)
        for who, wait in zip(people, waits, strict=True)
    ]
    await asyncio.gather(*lessons)
    state = await post(page, "teacher/state", key=opened)
    done = [len(who["steps"]) for who in state["learners"]]  # type: ignore[index,attr-defined]
    assert sorted(done) == sorted([1 + len(who.runs) for who in people]), "a step was lost"
    assert [one["count"] for one in state["guesses"]] == [learners], "a guess was lost"  # type: ignore[attr-defined]
    how = "in the same second" if not spread else f"over {spread:.0f} s"
    how += f", {dropping} of them drop out" if dropping else ""
    for step, name in enumerate(("the lesson's scene", "a scene of one's own")):
        for what, seconds in (("first", "first_map"), ("last", "ended")):
            times = [getattr(who.runs[step], seconds) for who in people if len(who.runs) > step]
            p50, p95 = np.percentile(times, [50, 95])
            print(
                f"| {learners} learners {how} | {what} map of {name} | {p50:.1f} | {p95:.1f} | {max(times):.1f} |",
                flush=True,
            )
    memory = page.process.memory_info().rss / 1e9
    print(f"| {learners} learners {how} | memory after it, GB | {memory:.2f} | | |", flush=True)
    await post(page, "teacher/end", key=opened)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--minute", type=float, default=60, help="seconds over which the second class is spread")
    parser.add_argument("--threads", type=int, default=2, help="threads of the model")
    parser.add_argument("--port", type=int, default=7892)
    options = parser.parse_args()
    async with served(options.port, options.threads, "--class", "--host", "127.0.0.1") as page:
        key = re.findall(r"teacher#key=(\S+)", page.said.read_text())[0]
        print("| class | what | p50, s | p95, s | worst, s |\n|---|---|---|---|---|")
        classes = ((0.0, 0), (options.minute, 0), (0.0, options.learners // 3))
        for (spread, dropping), lesson in zip(
            classes, LESSONS, strict=True
        ):  # what was asked before would be remembered
            await teach(page, key, options.learners, spread, dropping, lesson)


if __name__ == "__main__":
    asyncio.run(main())
