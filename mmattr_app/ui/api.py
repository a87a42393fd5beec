"""The same tool for programs and agents: calls with types, under the limits, shares and accounts of the page."""

import base64
import binascii
import io
import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, TypeAlias

import gradio as gr
from anyio import to_thread
from gradio.events import api
from PIL import Image

from mmattr_app import exports, pipeline
from mmattr_app.domain import Pixels, Question, Sampling
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain, FindRegions, Job, Kind, Measure, Snapshot
from mmattr_app.pictures import FORMATS, Size, read_with_size
from mmattr_app.plan import Plan
from mmattr_app.selection import find_tokens
from mmattr_app.settings import METHOD, REGIONS, settings
from mmattr_app.ui.form_values import Refused
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.visitors import check_model, visitor

Told: TypeAlias = AsyncGenerator[dict[str, Any], None]

GONE = 30.0  # seconds after which a program that does not listen counts as gone, and its job is stopped
FILES = ("labels", "masks")  # ways to cut that read a file of this machine, which programs elsewhere may not name


@dataclass(frozen=True)
class Api:
    """Endpoints for `gr.api`; each yields how far it is, and at the end `result`."""

    handlers: Handlers

    def offer(self) -> None:
        """Put them on the page that is being built, under names that say what they do."""
        for name, call in (
            ("explain_picture", self.explain),
            ("cut_picture", self.segment),
            ("measure_map", self.measure),
        ):
            api(call, api_name=name, concurrency_limit=None)

    async def explain(
        self,
        request: gr.Request,
        image: str,
        prompt: str,
        regions: str = REGIONS,
        method: str = METHOD,
        model: str = "demo",
        players: str = "regions",
        occluder: str = "mean",
        answer: str = "",
        system: str = "",
        max_tokens: int = 64,
        budget: int = 0,
        seed: int = 0,
    ) -> Told:
        """Ask a vision-language model about a picture, and say for every token of its answer which regions it rests on.

        Args:
            image: the picture, PNG or JPEG, as base64 or as a data URL.
            prompt: what to ask about it.
            regions: how the picture is cut, such as grid:8x8 or slic:64.
            method: how regions are scored, such as smooth, ablation or shapley.
            model: one of those that the page offers.
            players: what is hidden: regions, words (of the question), answer (its own words), with commas between.
            occluder: what hides a region: mean, white, black, blur, noise or #rrggbb.
            answer: a text to explain instead of the model's own answer.
            system: what to tell the model before the question.
            max_tokens: the longest answer.
            budget: the most masks; 0 is the method's own default.
            seed: for methods that draw masks.

        """
        given = {"prompt": prompt, "regions": regions, "method": method, "players": players, "occluder": occluder}
        _check_texts({**given, "image": image, "model": model, "answer": answer, "system": system})
        _check_numbers({"max_tokens": max_tokens, "budget": budget, "seed": seed})

        def make() -> Explain:
            pixels, original = _read(image)
            question = Question((pixels,), prompt.strip(), system.strip(), max_tokens, Sampling(), original)
            who = pipeline.read_players(players, question)
            plan = Plan(method, occluder, budget or None, seed, players=who)
            _check_regions(regions)
            cut = pipeline.segment(pixels, regions) if pipeline.is_instant(regions) else None
            kind = Explain(question, cut, plan, model, answer.strip() or None, regions)
            pipeline.check(question, kind.players, plan)
            return kind

        async for told in self._follow(make, request):
            yield told

    async def segment(self, request: gr.Request, image: str, regions: str = REGIONS, model: str = "demo") -> Told:
        """Cut a picture into regions, without asking a model about it.

        Args:
            image: the picture, PNG or JPEG, as base64 or as a data URL.
            regions: how it is cut, such as grid:8x8, slic:64 or sam2.
            model: beside which a slow segmenter runs.

        """
        _check_texts({"image": image, "regions": regions, "model": model})

        def make() -> FindRegions:
            _check_regions(regions)
            return FindRegions(_read(image)[0], regions, model)

        async for told in self._follow(make, request):
            yield told

    async def measure(self, request: gr.Request, job: str, word: str = "") -> Told:
        """Measure how faithful a map is: insertion and deletion beside random orders, with a verdict in a sentence.

        Args:
            job: the id that `explain` gave.
            word: of the answer; nothing is the whole answer.

        """
        _check_texts({"job": job, "word": word})

        def make() -> Measure:
            result = self.handlers.queue.store.get(job)
            if result is None:
                raise AppError("There is no such result, or it is not kept any more; explain again.")
            tokens = find_tokens(result.answer, word) if word.strip() else result.chosen
            ran = self.handlers.queue.find(job)  # it knows the model as it was named
            kind = Measure(result, tokens, ran.kind.model if ran else result.answer.model, job)
            kind.check()
            return kind

        async for told in self._follow(make, request):
            yield told

    async def _follow(self, make: Callable[[], Kind], request: gr.Request) -> Told:
        """Submit a job and tell how it stands; it is stopped when whoever asked is gone."""
        followers, heard, job = self.handlers.followers, time.monotonic(), None
        try:
            followers.check(visitor(request))
            job = await to_thread.run_sync(self._submit, make, request)
            with followers.one(visitor(request)):
                async with aclosing(job.follow_async(pause=followers.pause)) as snapshots:
                    async for snapshot in snapshots:
                        if self.handlers.listens(request):
                            heard = time.monotonic()
                        elif time.monotonic() - heard > GONE:
                            return
                        yield await to_thread.run_sync(_tell, job, snapshot)
        except AppError as error:
            raise Refused(str(error)) from error
        finally:
            if job and not job.snapshot.ended:
                job.cancel()

    def _submit(self, make: Callable[[], Kind], request: gr.Request) -> Job:
        kind = make()
        check_model(kind.model, any_model=self.handlers.may_name_any_model(request))
        return self.handlers.queue.submit(kind, token_urlsafe(8), visitor(request))


def _tell(job: Job, snapshot: Snapshot) -> dict[str, Any]:
    """Say how a job stands, and what came out at its end."""
    if snapshot.state == "failed":
        raise AppError(snapshot.says)
    told: dict[str, Any] = {"state": snapshot.state, "says": snapshot.says, "done": snapshot.done, "of": snapshot.of}
    if snapshot.state != "done":
        return told | {"text": snapshot.text}
    if result := snapshot.found or snapshot.result:
        return told | {"job": job.id, "result": json.loads(exports.to_json(result))}
    assert snapshot.segmentation, "only regions were wanted"
    return told | {"result": exports.regions_as_runs(snapshot.segmentation)}


def _read(image: str) -> tuple[Pixels, Size | None]:
    """Read a picture from base64, or a data URL."""
    most = settings().max_megabytes
    text = image.partition(",")[2] if image.startswith("data:") else image
    if len(text) > most * 4 / 3 * 1e6:
        raise AppError(f"The picture is above {most} megabytes; send a smaller one.")
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=FORMATS)
        return read_with_size(picture)
    except (binascii.Error, OSError, Warning, Image.DecompressionBombError) as error:
        raise AppError("The picture cannot be read; send a PNG or JPEG file as base64 or as a data URL.") from error


def _check_regions(regions: str) -> None:
    if regions.partition(":")[0] in FILES:
        raise AppError("Regions from a file cannot be named here; use the page, or another way such as grid:8x8.")


def _check_texts(values: dict[str, Any]) -> None:
    for name, value in values.items():
        if not isinstance(value, str):
            raise Refused(f"{name} is no text; send one.")


def _check_numbers(values: dict[str, Any]) -> None:
    for name, value in values.items():
        if type(value) is not int or value < 0:
            raise Refused(f"{name} is no whole number from 0 up; send one.")
