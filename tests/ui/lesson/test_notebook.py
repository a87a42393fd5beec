"""The notebook of the lesson runs from its first cell to its last, without a network."""

import json
from typing import Any

from tests.documents import read
from tests.ui.lesson.test_steps import NOTEBOOK


def test_the_notebook_runs_and_shows_what_its_steps_are_about() -> None:
    cells = [cell for cell in json.loads(read(NOTEBOOK))["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] for cell in cells)
    names: dict[str, Any] = {}
    for cell in cells:
        exec("".join(cell["source"]), names)  # noqa: S102  (our own notebook)
    assert "crown" in names["things"]
    why, said = names["why"], names["said"]
    assert abs(why.reliance[list(why.tokens(names["quiet"]))].sum()) < 0.1, said
    assert names["measured"].figures["deletion"].area < names["measured"].figures["random-deletion"].area
    picture, question = names["asked"].shares.values[:, list(names["asked"].tokens("cup"))].sum(axis=1)[:2]
    assert question > picture
    fish = names["fish"]
    assert "upper right" in fish.top("fish")[0].place
    assert "fish" not in names["again"].answer.text
