"""MCP: the calls for programs as tools of agents, which hear how far they are and whose cancel stops the job.

Gradio lists them and says what they take. Its own way to run one goes on when the agent cancels, and hands over all
numbers of a map, so they are run here.
"""

import logging
from contextlib import aclosing
from inspect import signature
from typing import Any

import gradio as gr
from anyio import ClosedResourceError

from mmattr_app.errors import AppError
from mmattr_app.jobs import Store
from mmattr_app.ui.api import Api
from mmattr_app.ui.request_log import note
from mmattr_app.ui.views import file_links
from mmattr_app.ui.visitors import AGENT

CALL = "mmattr_call"  # the key under which a request's scope names the stream that its agent listens to
READ = (
    "answer",
    "tokens",
    "cut_off",
    "model",
    "meta",
    "regions",
    "shape",
    "correlations",
    "asked",
    "saved",
    "one_measure",
)  # no arrays of numbers


def is_mcp(method: Any, path: str) -> bool:
    """Say whether a request is one of an agent, whose reply is a stream."""
    return method == "POST" and path.endswith(("/gradio_api/mcp", "/gradio_api/mcp/http"))


def serve_tools(page: Any, api: Api) -> None:
    """Run the tools of a page that was launched with `mcp_server`."""
    listed = page.mcp_server_obj
    if listed is None:
        raise RuntimeError(page.mcp_error)
    listed.manager.stateless = False  # a cancel comes in a request of its own, and must find the call that it is about
    calls = {f"/{call.__name__}": call for call in api.calls}
    tools = {name: calls[endpoint] for name, endpoint in listed.tool_to_endpoint.items()}  # on a Space with a prefix
    logging.getLogger("mcp.server.streamable_http").addFilter(_has_news)

    async def call_tool(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        context = listed.mcp_server.request_context
        if name not in tools:
            raise AppError(f"There is no tool {name!r}; use one of {', '.join(tools)}.")
        known = set(signature(tools[name]).parameters) - {"request"}
        if strange := sorted(set(arguments) - known):
            raise AppError(f"{name} takes no {strange[0]!r}; leave it out.")
        try:
            return await _run(tools[name], arguments, context, api.handlers.queue.store)
        except AppError:
            raise
        except Exception as error:
            note(error, f"the tool {name}")
            raise AppError("Something went wrong here, not with what you sent; it is logged.") from error

    listed.mcp_server.call_tool()(call_tool)


def _has_news(record: logging.LogRecord) -> bool:
    """Leave the stream of an agent that left out of the log, where it would be a traceback."""
    return record.exc_info is None or not isinstance(record.exc_info[1], ClosedResourceError)


async def _run(call: Any, arguments: dict[str, Any], context: Any, store: Store) -> dict[str, Any]:
    """Run a call to its end, tell the agent how far it is, and give what it can read."""
    scope = context.request.scope
    request = gr.Request(context.request, username=scope.get(AGENT), session_hash=scope[CALL])
    token = context.meta.progressToken if context.meta else None
    heard, told = -1, dict[str, Any]()
    async with aclosing(call(request, **arguments)) as news:
        async for told in news:
            if token is not None and told["done"] > heard:  # each progress must be above that before it
                heard = told["done"]
                where = {"related_request_id": str(context.request_id)}
                await context.session.send_progress_notification(
                    token, heard, told["of"] or None, told["says"], **where
                )
    return shorten(told, str(context.request.base_url), store)


def shorten(told: dict[str, Any], home: str, store: Store) -> dict[str, Any]:
    """Keep what an agent reads, and name the files that have the rest."""
    short = dict(told)
    if result := told.get("result"):
        short["result"] = _readable(result)
        if "maps" in result:
            short["result"]["maps"] = [{**one, "result": _readable(one["result"])} for one in result["maps"]]
    if job := told.get("job"):
        short["files"] = {kind: home + url for kind, url in file_links(job, store).items()}
    return short


def _readable(result: dict[str, Any]) -> dict[str, Any]:
    return {name: result[name] for name in READ if name in result}
