"""A model's files on the hub: fetched, with progress in words, or found on this machine where it cannot be reached."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError
from tqdm import tqdm

from mmattr_app.errors import AppError

PATIENCE = 2.5  # seconds for the hub to answer at all; its own client tries for half a minute
# What transformers reads. Weights in other formats, often as large again, stay where they are.
WANTED = ["*.json", "*.jinja", "*.txt", "*.model", "*.py", "model*.safetensors"]


def fetch(name: str, source: str, says: Callable[[str], None]) -> None:
    """Bring all files of a hub id here, as far as they are not here yet."""
    if constants.HF_HUB_OFFLINE:
        return
    voice = _Voice(name, says)

    class Bar(tqdm):  # pyright: ignore[reportMissingTypeArgument]
        """A progress bar that speaks instead of drawing; the hub makes bars of bytes and of files."""

        def __init__(self, *given: Any, **how: Any) -> None:
            super().__init__(*given, **how | {"disable": True})
            self.of_bytes = how.get("unit") == "B"

        def update(self, n: float | None = 1) -> None:
            self.n += n or 0
            if self.of_bytes and self.total:
                voice(self.n, self.total)

    bar: Any = Bar  # typed as a bar for asynchronous loops, which it need not be
    snapshot_download(source, allow_patterns=WANTED, tqdm_class=bar)


class _Voice:
    """Says how far a download is when that is news; the total grows as the hub tells of more files."""

    def __init__(self, name: str, says: Callable[[str], None]) -> None:
        self._name, self._says = name, says
        self._told = (0.0, -1)

    def __call__(self, done: float, total: float) -> None:
        news = (total, int(100 * done / total))
        if news > self._told:  # the hub counts bytes received and bytes written, each from nothing
            self._told = news
            self._says(f"downloading {self._name}: {done / 1e9:.2f} of {total / 1e9:.2f} GB")


def files_without_hub(name: str, source: str) -> str:
    """Give the folder of a hub id's files where the hub is out of reach; nothing where it need not be asked."""
    if Path(source).is_dir() or constants.HF_HUB_OFFLINE or _answers():
        return ""
    try:
        return snapshot_download(source, allow_patterns=WANTED, local_files_only=True)
    except LocalEntryNotFoundError:
        says = f"{name} is not whole on this machine, and the hub cannot be reached"
        raise AppError(f"{says}; check the network, or choose another model.") from None


def _answers() -> bool:
    """Say whether the hub answers anything, through whatever proxy is set."""
    try:
        httpx.head(constants.ENDPOINT, timeout=PATIENCE)
    except httpx.HTTPError:
        return False
    return True
