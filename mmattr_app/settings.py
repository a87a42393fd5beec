"""The settings of an installation, each an environment variable that begins with MMATTR_."""

import os
from dataclasses import Field, dataclass, field, fields
from functools import cache, cached_property
from typing import Any

from mmattr_app.errors import AppError

VERSION = "0.1.0"
REGIONS, METHOD = "grid:16x16", "smooth"  # how a picture is cut and explained where nobody says otherwise
METHODS_COMPARED = "smooth,ablation,surrogate"


def _setting(default: int | str, says: str, *, allow_zero: bool = False, choices: tuple[str, ...] = ()) -> Any:
    """Describe a setting. `allow_zero` allows zero, `choices` are all values that a text may have."""
    return field(default=default, metadata={"says": says, "allow_zero": allow_zero, "choices": choices})


@dataclass(frozen=True)
class Settings:
    """All settings; the defaults suit one person's machine, a public server lowers them."""

    max_megabytes: int = _setting(20, "size of a picture file")
    max_megapixels: int = _setting(50, "size of a picture, read from its header before anything is decoded")
    work_megapixels: int = _setting(
        4, "size at which a picture is asked about; a larger one is made smaller as it is read"
    )
    max_prompt: int = _setting(20_000, "characters of a prompt")
    max_document: int = _setting(1_000_000, "characters of a document before the prompt")
    max_regions: int = _setting(1024, "regions of one segmentation, and players of one game")
    max_tokens: int = _setting(1024, "tokens of one answer")
    max_jobs: int = _setting(200, "jobs that run or wait at once")
    max_jobs_each: int = _setting(4, "jobs of one browser tab that run or wait at once")
    max_jobs_visitor: int = _setting(100, "jobs of one account, or of one address where nobody logs in, at once")
    max_jobs_megabytes: int = _setting(4000, "memory for the pictures and regions of jobs that run or wait")
    max_followers: int = _setting(500, "tabs that follow a job at once")
    max_followers_visitor: int = _setting(400, "tabs of one account, or of one address, that follow a job at once")
    max_minutes: int = _setting(30, "minutes that one job may run")
    wrong_top: int = _setting(
        5, "percent of chance that a map's top lies elsewhere, at which smooth asks no more", allow_zero=True
    )
    workers: str = _setting("auto", "where models run: inline, ray, zerogpu, or auto")
    ray_actors: int = _setting(0, "Ray actors; 0 is one a GPU, or one for two CPU cores", allow_zero=True)
    warm_models: int = _setting(2, "models that a worker keeps in memory")
    allow_models: str = _setting("", "hub ids besides the demo model that a public page offers, with commas between")
    trust_visitors: str = _setting(
        "auto",
        "who may name any model, folder or server: yes (all), no, or auto (a browser on this machine)",
        choices=("auto", "yes", "no"),
    )
    users: str = _setting("", "file with a line NAME:PASSWORD for each person who may come in; empty is everybody")
    mcp: int = _setting(0, "1 offers the calls for programs to agents as MCP tools", allow_zero=True)
    open_metrics: int = _setting(0, "1 shows /metrics to everybody where people log in", allow_zero=True)
    store: str = _setting("", "folder of the results; empty is a folder of your own under ~/.cache")
    keep_hours: int = _setting(24, "hours that a result is kept")
    keep_megabytes: int = _setting(2000, "size of all kept results; the oldest go first")
    remote_requests: int = _setting(8, "requests to a model served elsewhere that go out at once")
    remote_seconds: int = _setting(120, "seconds to wait for a model served elsewhere")
    attention: str = _setting("auto", "how transformers computes it: sdpa, eager, flash_attention_2, ... or auto")
    trust_remote_code: int = _setting(
        0, "1 runs code that comes with a model, as whoever serves the page", allow_zero=True
    )
    classes: int = _setting(0, "1 opens a class: a code to join by, and a page for the teacher", allow_zero=True)
    log_prompts: int = _setting(0, "1 writes prompts into the log", allow_zero=True)

    @cached_property
    def allowed_models(self) -> list[str]:
        """List the hub ids that this page offers besides the demo model."""
        return [name.strip() for name in self.allow_models.split(",") if name.strip()]


@cache
def settings() -> Settings:
    """Read all settings from the environment, once."""
    read: dict[str, Any] = {setting.name: _read(setting) for setting in fields(Settings)}
    return Settings(**read)


def variable(name: str) -> str:
    """Name the environment variable of a setting."""
    return f"MMATTR_{name.upper()}"


def _read(setting: Field[Any]) -> int | str:
    text = os.environ.get(variable(setting.name), str(setting.default))
    if isinstance(setting.default, str):
        choices = setting.metadata["choices"]
        if choices and text not in choices:
            raise AppError(f"{variable(setting.name)} is {text!r}; give one of {', '.join(choices)}.")
        return text
    least = 0 if setting.metadata["allow_zero"] else 1
    if not text.isdecimal() or int(text) < least:
        what = "zero or a whole number above" if least == 0 else "a whole number above zero"
        raise AppError(f"{variable(setting.name)} is {text!r}; give {what}, such as {setting.default}.")
    return int(text)
