"""A model's files on the hub: download them with progress in words, or find them here if the hub cannot be reached."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError
from tqdm import tqdm

from mmattr_app.errors import AppError

TIMEOUT = 2.5  # seconds for the hub to answer at all; its own client tries for half a minute
# Only what transformers reads. Weights in other formats, which are often as large again, are not downloaded.
WANTED = ["*.json", "*.jinja", "*.txt", "*.model", "*.py", "model*.safetensors"]


def fetch(name: str, source: str, on_loading: Callable[[str], None]) -> None:
    """Download all files of a hub id that are not here yet; `on_loading` gets the progress."""
    if constants.HF_HUB_OFFLINE:
        return
    report = _Report(name, on_loading)

    class Bar(tqdm):  # pyright: ignore[reportMissingTypeArgument]
        """A progress bar that reports instead of drawing; the hub's client makes bars of bytes and of files."""

        def __init__(self, *given: Any, **how: Any) -> None:
            super().__init__(*given, **how | {"disable": True})
            self.of_bytes = how.get("unit") == "B"

        def update(self, n: float | None = 1) -> None:
            self.n += n or 0
            if self.of_bytes and self.total:
                report(self.n, self.total)

    bar: Any = Bar  # the client's type hint asks for an asyncio bar, which is not needed
    snapshot_download(source, allow_patterns=WANTED, tqdm_class=bar)


class _Report:
    """Reports a download at each new percent; the total grows while the hub's client finds more files."""

    def __init__(self, name: str, on_loading: Callable[[str], None]) -> None:
        self._name, self._tell = name, on_loading
        self._reported = (0.0, -1)

    def __call__(self, done: float, total: float) -> None:
        progress = (total, int(100 * done / total))
        if progress > self._reported:  # the client has two bars, for bytes received and written: report the further one
            self._reported = progress
            self._tell(f"downloading {self._name}: {done / 1e9:.2f} of {total / 1e9:.2f} GB")


def files_without_hub(name: str, source: str) -> str:
    """Give the folder of a hub id's downloaded files if the hub cannot be reached; empty if it need not be known."""
    if Path(source).is_dir() or constants.HF_HUB_OFFLINE or _answers():
        return ""
    try:
        return snapshot_download(source, allow_patterns=WANTED, local_files_only=True)
    except LocalEntryNotFoundError:
        wrong = f"{name} is not whole on this machine, and the hub cannot be reached"
        raise AppError(f"{wrong}; check the network, or choose another model.") from None


def _answers() -> bool:
    """Say whether the hub answers at all, with the proxy that is set."""
    try:
        httpx.head(constants.ENDPOINT, timeout=TIMEOUT)
    except httpx.HTTPError:
        return False
    return True
