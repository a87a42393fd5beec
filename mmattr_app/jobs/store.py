"""Finished results on disk, for links, exports and reloads: a folder for each, named by its unguessable id."""

import contextlib
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from mmattr_app.byte_lru import ByteLRU
from mmattr_app.domain import Attribution
from mmattr_app.plan import MOST_PICTURES
from mmattr_app.results import exports, reading
from mmattr_app.settings import settings

ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
UNFINISHED = ".new-"
RECENT = 128_000_000  # bytes of the cache of results in memory
AN_HOUR = 3600  # seconds, far more than it takes to write a result


class Store:
    """Keeps results for a limited time and up to a limited size, also across restarts."""

    def __init__(self, folder: Path | None = None) -> None:
        """Use this folder, or that of the settings, and make it private."""
        self.folder = folder or default_folder()
        self.folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(PermissionError):  # the folder belongs to somebody else, who must protect it
            self.folder.chmod(0o700)
        self._recent: ByteLRU[str, Attribution] = ByteLRU(RECENT, _held)
        for unfinished in self.folder.glob(f"{UNFINISHED}*"):
            if time.time() - _changed_at(unfinished) > AN_HOUR:  # its process was killed
                shutil.rmtree(unfinished, ignore_errors=True)

    def put(self, job_id: str, attribution: Attribution) -> None:
        """Write a result, as a whole or not at all."""
        self.sweep()
        made = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.folder))
        try:
            for number, picture in enumerate(attribution.answer.question.pictures):
                Image.fromarray(picture).save(made / _picture(number), compress_level=1)
            exports.write(attribution, made / "mmattr.npz")
            made.replace(self.folder / job_id)
            self._recent[job_id] = attribution
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise

    def find(self, job_id: str) -> Path | None:
        """Find the folder of a result; None if there is none, or if this is no id."""
        folder = self.folder / job_id
        return folder if ID.fullmatch(job_id) and folder.is_dir() and not self._is_old(folder) else None

    def get(self, job_id: str) -> Attribution | None:
        """Give a result, from memory or from disk."""
        folder = self.find(job_id)
        if folder is None:
            self._recent.pop(job_id, None)
            return None
        if known := self._recent.get(job_id):
            return known
        try:
            files = [path for number in range(MOST_PICTURES) if (path := folder / _picture(number)).exists()]
            pictures = [np.asarray(Image.open(path)) for path in files]
            self._recent[job_id] = result = reading.read_npz(folder / "mmattr.npz", *pictures)
        except FileNotFoundError:  # `sweep` deleted it meanwhile
            return None
        return result

    def renew(self, job_id: str, attribution: Attribution) -> None:
        """Replace a result, if it is still there; delete exported files, so that they are made again."""
        if folder := self.find(job_id):
            exports.write(attribution, folder / "mmattr.npz")
            for made in folder.glob("mmattr.*"):
                if made.suffix != ".npz":
                    made.unlink(missing_ok=True)
            self._recent[job_id] = attribution

    def delete(self, job_id: str) -> None:
        """Delete a result."""
        self._recent.pop(job_id, None)
        if folder := self.find(job_id):
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> None:
        """Delete results that are too old, and the oldest ones while all together are too large."""
        folders = sorted(self._folders(), key=_changed_at)
        sizes = {folder: _size(folder) for folder in folders}
        total = sum(sizes.values())
        for folder in folders:
            if self._is_old(folder) or total > settings().keep_megabytes * 1_000_000:
                shutil.rmtree(folder, ignore_errors=True)
                total -= sizes[folder]

    def _folders(self) -> list[Path]:
        """List our folders; the store's folder may hold other things too."""
        ours = (path for path in self.folder.iterdir() if ID.fullmatch(path.name) or path.name.startswith(UNFINISHED))
        return [path for path in ours if path.is_dir() and not path.is_symlink()]

    @staticmethod
    def _is_old(folder: Path) -> bool:
        return time.time() - _changed_at(folder) > settings().keep_hours * 3600


def default_folder() -> Path:
    """Give the folder of the settings, or one under the user's cache."""
    if settings().store:
        return Path(settings().store)
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "mmattr" / "results"


def _picture(number: int) -> str:
    """Name the file of a picture."""
    return f"picture-{number}.png" if number else "picture.png"


def _held(result: Attribution) -> int:
    """Count the bytes of a result's large arrays."""
    pictures = sum(picture.nbytes for picture in result.answer.question.pictures)
    return pictures + result.players.nbytes + result.scores.values.nbytes


def _changed_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*") if path.is_file())
