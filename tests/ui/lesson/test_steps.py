"""The lesson's steps: the plan for teachers, the notebook and the page say the same sentences."""

import json
import re

import pytest

from mmattr_app.demo.examples import CHOSEN
from mmattr_app.ui.examples import load_examples
from mmattr_app.ui.lesson import STEPS, Step
from tests.documents import ROOT, read

PLAN = ROOT / "docs" / "lesson" / "README.md"
NOTEBOOK = ROOT / "docs" / "lesson" / "lesson.ipynb"
QUIET = "sky"  # the word of the first example that the page names, since it hardly needs the picture
PART = re.compile(r"\*\*(Task|Hint|To take home)\.\*\* (.*?)(?=\n\n|\Z)", re.DOTALL)


def filled(text: str, step: Step) -> str:
    return text.replace("{word}", f"“{step.word}”").replace("{quiet}", f"“{QUIET}”")


def parts_of(section: str) -> dict[str, str]:
    return {name: " ".join(text.split()) for name, text in PART.findall(section)}


def sections(text: str) -> list[tuple[str, str]]:
    """List the title and the text of each numbered section."""
    found = re.split(r"^## (\d\. .*)$", text, flags=re.MULTILINE)[1:]
    return list(zip(found[::2], found[1::2], strict=True))


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_the_plan_for_teachers_says_what_the_page_says(number: int) -> None:
    step, (title, text) = STEPS[number], sections(read(PLAN))[number]
    assert title == f"{number + 1}. {step.title}"
    said = {"Task": filled(step.task, step), "Hint": filled(step.hint, step), "To take home": step.take_home}
    assert parts_of(text) == said
    for choice in step.choices:
        assert f"- {choice.text} *{choice.says}*" in " ".join(text.split()).replace(" - ", "\n- ")


def test_the_notebook_says_the_same_sentences() -> None:
    cells = json.loads(read(NOTEBOOK))["cells"]
    text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    assert [title for title, _ in sections(text)] == [f"{i}. {step.title}" for i, step in enumerate(STEPS, 1)]
    for step, (_, section) in zip(STEPS, sections(text), strict=True):
        parts = parts_of(section)
        assert parts["Hint"] == filled(step.hint, step)
        assert parts["To take home"] == step.take_home


def test_every_step_has_an_example_of_the_page_with_its_word_in_the_answer() -> None:
    examples = {example.picture.stem: example.attribution.answer.text for example in load_examples()}
    for step in STEPS[:-1]:
        assert step.word in examples[step.example].split()
        assert step.example in {one.name for one in CHOSEN}
    assert QUIET in examples[STEPS[1].example]


def test_of_the_choices_one_is_right_and_each_has_its_sentence() -> None:
    (step,) = [step for step in STEPS if step.choices]
    assert len(step.choices) == 3
    assert sum(choice.right for choice in step.choices) == 1
    assert len({choice.says for choice in step.choices}) == 3


def test_nothing_that_is_said_before_step_six_is_done_names_its_cause() -> None:
    for step in STEPS:
        for text in (step.title, step.task, step.hint, step.take_home):
            assert not re.search(r"\btag\b|magenta|label", text.lower())
