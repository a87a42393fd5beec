"""What programs are told is as the JSON Schema in docs/ says, from the first word to the result."""

import json
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest
from gradio_client import Client
from referencing import Registry, Resource

from mmattr_app.domain import Pixels
from tests.documents import ROOT, page, read
from tests.ui.test_api import CALLS, encoded

SCHEMAS = {name: json.loads(read(ROOT / "docs" / name)) for name in ("replies.schema.json", "result.schema.json")}
TOLD = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items())


@pytest.fixture(scope="module")
def replies(address: str, picture: Pixels) -> Mapping[str, list[Any]]:
    """Give all that each call tells."""
    client, image = Client(address, verbose=False), encoded(picture)

    def call(name: str, **arguments: Any) -> list[Any]:
        job = client.submit(**arguments, api_name=f"/{name}")
        job.result(timeout=60)
        return job.outputs()

    how = {"image": image, "prompt": "A reply", "regions": "grid:2x3"}
    explained = call("explain_picture", **how, method="ablation")
    return {
        "ask_model": call("ask_model", images=[image], prompt="A reply"),
        "explain_picture": [*call("explain_picture", **how, players="regions,words"), *explained],
        "cut_picture": call("cut_picture", image=image, regions="grid:2x3"),
        "measure_map": call("measure_map", job=explained[-1]["job"], word="reply"),
        "compare_methods": [
            *call("compare_methods", **how | {"image": [image] * 2}, methods="ablation,keep-one"),
            *call("compare_methods", **how, methods="ablation,keep-one", word="reply"),
        ],
    }


def check(told: Any, call: str) -> None:
    schema = {"$ref": f"replies.schema.json#/$defs/{call}"}
    jsonschema.Draft202012Validator(schema, registry=TOLD).validate(told)


def without(part: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != name}


def test_the_schema_is_one_and_the_page_names_it() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS["replies.schema.json"])
    assert "(replies.schema.json)" in page("api")


@pytest.mark.parametrize("call", sorted(CALLS))
def test_all_that_a_call_tells_is_as_the_schema_says(replies: Mapping[str, list[Any]], call: str) -> None:
    for told in replies[call]:
        check(told, call)
    assert replies[call][-1]["state"] == "done"


@pytest.mark.parametrize("call", sorted(CALLS))
def test_nothing_of_a_reply_may_be_missing(replies: Mapping[str, list[Any]], call: str) -> None:
    told = replies[call][-1]
    lesser = [without(told, name) for name in told]
    if call not in ("explain_picture", "measure_map"):  # whose results have parts that not every result has
        lesser += [told | {"result": without(told["result"], name)} for name in told["result"]]
    for less in lesser:
        with pytest.raises(jsonschema.ValidationError):
            check(less, call)


@pytest.mark.parametrize("call", sorted(CALLS))
def test_a_surprise_is_found(replies: Mapping[str, list[Any]], call: str) -> None:
    told = replies[call][-1]
    for wrong in ({"surprise": 1}, {"state": "lost"}, {"result": told["result"] | {"surprise": 1}}, {"done": -1}):
        with pytest.raises(jsonschema.ValidationError):
            check(told | wrong, call)
