"""MCP: the calls for programs, offered to agents as tools, with progress; when the agent cancels, the job stops.

Gradio lists the tools and their parameters. This module runs them, since Gradio would go on after a cancel and would
send all numbers of a map.
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

CALL = "mmattr_call"  # key in a request's scope: the name of the stream that the agent listens to
READ = (  # the parts of a result that an agent gets: no arrays of numbers
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
)


def is_mcp(method: Any, path: str) -> bool:
    """Say whether a request comes from an agent over MCP; its reply is a stream."""
    return method == "POST" and path.endswith(("/gradio_api/mcp", "/gradio_api/mcp/http"))


def serve_tools(page: Any, api: Api) -> None:
    """Make a page that was launched with `mcp_server` run its tools by this module."""
    listed = page.mcp_server_obj
    if listed is None:
        raise RuntimeError(page.mcp_error)
    listed.manager.stateless = False  # a cancel is a request of its own, which must find its call
    calls = {f"/{call.__name__}": call for call in api.calls}
    tools = {
        name: calls[endpoint] for name, endpoint in listed.tool_to_endpoint.items()
    }  # on a Space the names of the tools have a prefix
    logging.getLogger("mcp.server.streamable_http").addFilter(_is_no_closed_stream)

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


def _is_no_closed_stream(record: logging.LogRecord) -> bool:
    """Filter of a logger: drop the traceback that comes when an agent has closed its stream."""
    return record.exc_info is None or not isinstance(record.exc_info[1], ClosedResourceError)


async def _run(call: Any, arguments: dict[str, Any], context: Any, store: Store) -> dict[str, Any]:
    """Run a call to its end, send the agent its progress, and return the short reply."""
    scope = context.request.scope
    request = gr.Request(context.request, username=scope.get(AGENT), session_hash=scope[CALL])
    token = context.meta.progressToken if context.meta else None
    heard, told = -1, dict[str, Any]()
    async with aclosing(call(request, **arguments)) as news:
        async for told in news:
            if token is not None and told["done"] > heard:  # MCP: each progress must be above the one before
                heard = told["done"]
                where = {"related_request_id": str(context.request_id)}
                await context.session.send_progress_notification(
                    token, heard, told["of"] or None, told["says"], **where
                )
    return shorten(told, str(context.request.base_url), store)


def shorten(told: dict[str, Any], home: str, store: Store) -> dict[str, Any]:
    """Shorten a reply to what an agent reads, and add links to the files that have everything."""
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
