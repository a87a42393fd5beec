"""Results as files that the page links to; the job's unguessable id is the only key to them."""

import shutil
import tempfile
from pathlib import Path

from mmattr_app import exports
from mmattr_app.explorer import page
from mmattr_app.jobs import Job
from mmattr_app.ui.views import result_view

KEPT = 100  # results


class Downloads:
    """Writes each finished result once, into a folder that Gradio may serve."""

    def __init__(self) -> None:
        """Make a folder that goes away with the process."""
        self._keep = tempfile.TemporaryDirectory(prefix="mmattr-")
        self.folder = Path(self._keep.name)

    def __call__(self, job: Job) -> dict[str, str]:
        """Give the URL of each format of a finished job."""
        attribution = job.snapshot.attribution
        if attribution is None:
            return {}
        folder = self.folder / job.id
        if not folder.exists():
            self._forget_old()
            folder.mkdir()
            for ending in exports.WRITERS:
                exports.write(attribution, folder / f"mmattr{ending}")
            (folder / "mmattr.html").write_text(page(result_view(attribution)), encoding="utf-8")
        return {path.suffix[1:]: f"gradio_api/file={path}" for path in sorted(folder.iterdir())}

    def delete(self, job: Job) -> None:
        """Remove a job's files."""
        shutil.rmtree(self.folder / job.id, ignore_errors=True)

    def _forget_old(self) -> None:
        oldest_first = sorted(self.folder.iterdir(), key=lambda path: path.stat().st_mtime)
        for path in oldest_first[: max(0, len(oldest_first) - KEPT + 1)]:
            shutil.rmtree(path, ignore_errors=True)
