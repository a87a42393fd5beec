"""The audit says what it knows, and what it does not."""

import json
from typing import Any

import pytest

from tests.audit import UNREACHED, verdict

SAFE = {"name": "safe", "version": "1", "vulns": []}
WEAK = {"name": "weak", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
SKIPPED = {"name": "new", "skip_reason": "Dependency not found on PyPI"}


def report(*packages: Any) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


@pytest.mark.parametrize("told", ["", "Traceback (most recent call last):", report(), report(SKIPPED, SKIPPED)])
def test_a_database_that_cannot_be_asked_is_no_good_news(told: str) -> None:
    assert verdict(told) == (UNREACHED, True)


def test_a_weakness_is_named_with_its_cure() -> None:
    told, failed = verdict(report(SAFE, WEAK))
    assert failed
    assert "weak 2: CVE-1, mended in ['3']" in told
    assert "2 packages looked up, 1 with weaknesses." in told


def test_what_is_not_in_the_database_is_said() -> None:
    told, failed = verdict(report(SAFE, SKIPPED))
    assert not failed
    assert "Not in the database: new." in told
