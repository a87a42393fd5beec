"""Routes for machines: `/health` says that the server works, `/metrics` has numbers for Prometheus."""

from prometheus_client import generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mmattr_app.jobs import JobQueue
from mmattr_app.settings import VERSION
from mmattr_app.workers.monitoring import REGISTRY


def routes(queue: JobQueue, *, with_metrics: bool = True) -> list[Route]:
    """Make these routes; `/metrics` may be left out."""

    def health(_: Request) -> Response:
        running = sum(not job.snapshot.ended for job in queue.jobs())
        return JSONResponse({"status": "ok", "version": VERSION, "jobs": running})

    def metrics(_: Request) -> Response:
        return Response(generate_latest(REGISTRY), media_type="text/plain; version=0.0.4")

    return [Route("/health", health), *([Route("/metrics", metrics)] if with_metrics else [])]
