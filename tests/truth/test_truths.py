"""What docs/trust.md says of the known truths that each method finds is what comes out."""

import pytest

from tests.documents import page
from tests.truth import suite


@pytest.mark.parametrize("method", suite.NAMES)
@pytest.mark.parametrize("truth", suite.TRUTHS)
def test_a_method_passes_or_fails_a_truth_as_the_docs_say(method: str, truth: str) -> None:
    head, row = (next(line for line in lines() if line.startswith(start)) for start in ("| truth", f"| `{method}` |"))
    names, cells = (line.strip("| ").split(" | ")[1:] for line in (head, row))
    assert dict(zip(names, cells, strict=True))[truth] == ("pass" if suite.TRUTHS[truth](method) else "fail"), (
        suite.row(method)
    )


def lines() -> list[str]:
    return page("trust").partition("## Known truths")[2].splitlines()


def test_every_method_that_fails_a_truth_is_excused() -> None:
    """Below the table stands why."""
    for line in lines():
        if line.startswith("| `") and "fail" in line:
            assert page("trust").count(line.split("`")[1]) > 1
