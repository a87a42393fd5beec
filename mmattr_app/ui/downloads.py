"""Results as files that the page links to; the job's unguessable id is the only key to them."""

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from mmattr_app import exports
from mmattr_app.domain import Attribution
from mmattr_app.errors import AppError
from mmattr_app.explorer import page
from mmattr_app.jobs import Store
from mmattr_app.ui.views import result_view
from mmattr_app.ui.visitors import may_enter

OFFERED = ("html", "json", "npz")
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}


class Downloads:
    """Adds to a stored result the formats that people take home."""

    def __init__(self, store: Store) -> None:
        """Write beside what the store keeps."""
        self._store = store

    def __call__(self, job_id: str, attribution: Attribution) -> dict[str, str]:
        """Give the URL of each format, and of the result itself."""
        folder = self._store.find(job_id)
        if folder is None:  # it could not be stored, or is deleted
            return {}
        if not (folder / "mmattr.html").exists():
            content = page(result_view(attribution))
            try:
                exports.write(attribution, folder / "mmattr.json")
                exports.write_whole(folder / "mmattr.html", lambda path: path.write_text(content, encoding="utf-8"))
            except (FileNotFoundError, AppError):  # deleted meanwhile
                return {}
        urls = {ending: f"result/{job_id}/mmattr.{ending}" for ending in OFFERED}
        return urls | {"link": f"?result={job_id}"}


def result_route(store: Store) -> Route:
    """Serve these files to whoever knows the id, and is logged in where people log in."""

    def result(request: Request) -> Response:
        if not may_enter(request):
            return JSONResponse({"detail": "Not authenticated"}, 401)
        folder, name = store.find(request.path_params["job_id"]), request.path_params["name"]
        offered = name in {f"mmattr.{ending}" for ending in OFFERED}
        if folder is None or not offered or not (folder / name).is_file():
            return JSONResponse({"detail": "This result is not kept any more."}, 404)
        return FileResponse(folder / name, filename=name, headers=HEADERS)

    return Route("/result/{job_id}/{name}", result)
