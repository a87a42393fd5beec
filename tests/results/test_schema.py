"""The JSON Schema in docs/ is what is written: nothing that it does not name, and of the types that it says."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import numpy as np
import pytest

import mmattr_app
from mmattr_app.arithmetic.shares import Shares
from mmattr_app.domain import Attribution, Curve, Links, PixelMaps, Question
from mmattr_app.explanation import Explanation
from mmattr_app.players.regions import Regions
from mmattr_app.players.together import Together
from mmattr_app.players.words import find_words
from mmattr_app.results import exports
from tests.documents import ROOT, page, read
from tests.explorer.moments import done, estimated, grid, overlapping, picture

SCHEMA = json.loads(read(ROOT / "docs" / "result.schema.json"))


def small_maps(tokens: int) -> PixelMaps:
    return PixelMaps(np.zeros((tokens, 3, 4), np.int8), np.zeros(tokens, np.float32))


def complete() -> Attribution:
    """Give a result that has everything that a result can have."""
    why = estimated().attribution
    assert why
    tokens = why.scores.values.shape[1]
    links = Links("Shapley interaction index", np.array([[0, 1]]), np.zeros((1, tokens), np.float32))
    given = Shares(("picture",), np.zeros((1, tokens), np.float32), np.zeros(tokens, np.float32))
    shares = Shares(("picture", "own words"), np.zeros((2, tokens), np.float32), np.zeros(tokens, np.float32), given)
    scores = replace(why.scores, links=links, doubts=np.zeros(tokens, np.float32), pixels=(small_maps(tokens),))
    figures = {"pointing": 0.5, "deletion": Curve(*np.array([[0, 1], [0.2, 0.1], [0.1, 0.0], [0.3, 0.2]]))}
    return replace(why, scores=scores, shares=shares, figures=figures, selection=(1, 2), instead_of="blue")


def validate(result: Attribution | None) -> dict[str, Any]:
    assert result
    written = json.loads(exports.to_json(result))
    jsonschema.validate(written, SCHEMA, jsonschema.Draft202012Validator)
    return written


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_result_is_as_the_schema_says() -> None:
    for view in (done(), estimated(), overlapping()):
        validate(view.attribution)


def test_a_complete_result_has_every_property() -> None:
    written = validate(complete())
    assert set(SCHEMA["properties"]) <= set(written)


def test_a_result_without_log_probs_is_one_too() -> None:
    why = done().attribution
    assert why
    written = validate(mmattr_app.from_captum(Explanation.of(why).to_captum()))
    assert written["logprob_full"] == [None] * len(written["tokens"])


def test_words_and_two_pictures_are_as_it_says() -> None:
    why = done().attribution
    assert why
    question = Question((picture(), picture()), "What is there?")
    parts = [Regions(question, grid(1, 2), "mean"), Regions(question, grid(2, 1), "mean", 1)]
    players = Together([*parts, find_words(question, ["words"], "out", 100, None)])
    scores = replace(why.scores, values=np.zeros((players.count, 8), np.float32))
    written = validate(replace(why, answer=replace(why.answer, question=question), players=players, scores=scores))
    assert {"label_runs", "label_runs_1", "holders_1"} <= set(written)


@pytest.mark.parametrize(("where", "wrong"), [("format", 4), ("reads", "guess"), ("budget", "many"), ("surprise", 1)])
def test_what_is_not_as_it_says_is_found(where: str, wrong: Any) -> None:
    written = validate(complete())
    written["meta"][where] = wrong
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(written, SCHEMA)


def test_the_version_is_that_of_the_code_and_the_page_names_the_schema() -> None:
    assert SCHEMA["properties"]["meta"]["properties"]["format"]["const"] == exports.FORMAT
    assert "(result.schema.json)" in page("api")
