"""Results as files to download. Whoever knows the id of a job, which is random, can download its result."""

from contextlib import suppress
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from mmattr_app.errors import AppError
from mmattr_app.explorer import page
from mmattr_app.jobs import Store
from mmattr_app.results import exports
from mmattr_app.ui.views import OFFERED, result_view
from mmattr_app.ui.visitors import may_enter

PLOTLY = Path(__file__).parent / "plotly" / "plotly-cartesian.min.js"  # version 3.1.0, under the MIT licence beside it
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}


def result_route(store: Store) -> Route:
    """Make the route that serves these files; where the page has accounts, only to people who are logged in."""

    def result(request: Request) -> Response:
        if not may_enter(request):
            return JSONResponse({"detail": "Not authenticated"}, 401)
        name = request.path_params["name"]
        file = result_file(store, request.path_params["job_id"], name)
        if file is None:
            return JSONResponse({"detail": "This result is not kept any more."}, 404)
        return FileResponse(file, filename=name, headers=HEADERS)

    return Route("/result/{job_id}/{name}", result)


def plotly_route() -> Route:
    """Make the route that serves the script that draws charts, so that browsers need not load it from the internet."""

    def plotly(_: Request) -> Response:
        return FileResponse(PLOTLY, media_type="text/javascript", headers={"Cache-Control": "public, max-age=86400"})

    return Route("/plotly.min.js", plotly)


def result_file(store: Store, job_id: str, name: str) -> Path | None:
    """Give the file of a result; it is written at the first request. None if the result is not kept any more."""
    folder = store.find(job_id)
    if folder is None or name not in {f"mmattr.{ending}" for ending in OFFERED}:
        return None
    file = folder / name
    if not file.is_file() and (result := store.get(job_id)):
        with suppress(FileNotFoundError, AppError):  # the result was deleted meanwhile
            if file.suffix == ".html":
                content = page(result_view(result), result=exports.to_json(result))
                exports.write_whole(file, lambda path: path.write_text(content, encoding="utf-8"))
            else:
                exports.write(result, file)
    return file if file.is_file() else None
