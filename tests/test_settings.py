"""Limits come from the environment, and a wrong one is one sentence."""

from collections.abc import Iterator

import pytest

from mmattr_app.errors import AppError
from mmattr_app.settings import settings


@pytest.fixture(autouse=True)
def read_again() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_a_limit_is_set_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMATTR_MAX_REGIONS", "64")
    assert settings().max_regions == 64
    assert settings().max_tokens == 1024


def test_a_choice_is_set_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (settings().attention, settings().trust_remote_code) == ("auto", 0)
    settings.cache_clear()
    monkeypatch.setenv("MMATTR_ATTENTION", "eager")
    monkeypatch.setenv("MMATTR_TRUST_REMOTE_CODE", "1")
    assert (settings().attention, settings().trust_remote_code) == ("eager", 1)


@pytest.mark.parametrize("value", ["many", "0", "-3", "1.5", ""])
def test_a_wrong_limit_is_one_sentence(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MMATTR_MAX_TOKENS", value)
    with pytest.raises(AppError, match=r"MMATTR_MAX_TOKENS is .*; give a whole number above zero, such as 1024"):
        settings()
