"""Results as files that the page links to; the job's unguessable id is the only key to them."""

from mmattr_app import exports
from mmattr_app.domain import Attribution
from mmattr_app.explorer import page
from mmattr_app.jobs import Store
from mmattr_app.ui.views import result_view

OFFERED = ("html", "json", "npz")


class Downloads:
    """Adds to a stored result the formats that people take home."""

    def __init__(self, store: Store) -> None:
        """Write beside what the store keeps, from where Gradio may serve."""
        self._store = store

    def __call__(self, job_id: str, attribution: Attribution) -> dict[str, str]:
        """Give the URL of each format, and of the result itself."""
        folder = self._store.find(job_id)
        if folder is None:  # it could not be stored, or is deleted
            return {}
        if not (folder / "mmattr.html").exists():
            exports.write(attribution, folder / "mmattr.json")
            (folder / "mmattr.html").write_text(page(result_view(attribution)), encoding="utf-8")
        urls = {ending: f"gradio_api/file={folder / f'mmattr.{ending}'}" for ending in OFFERED}
        return urls | {"link": f"?result={job_id}"}
