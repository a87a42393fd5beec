"""The calls for programs and agents: what the page does, with typed parameters and the page's limits and accounts."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, TypeAlias

import gradio as gr
from anyio import to_thread
from gradio.events import api

from mmattr_app import pipeline
from mmattr_app.domain import Question, Sampling
from mmattr_app.errors import AppError
from mmattr_app.jobs import Ask, Compare, Explain, FindRegions, Job, Kind, Measure
from mmattr_app.pictures import put_together
from mmattr_app.plan import Plan
from mmattr_app.selection import find_tokens
from mmattr_app.settings import METHOD, METHODS_COMPARED, REGIONS
from mmattr_app.studies.comparison import cut_and_check
from mmattr_app.studies.setups import Setup, read_setups
from mmattr_app.ui.api_values import (
    check_images,
    check_numbers,
    check_regions,
    check_setups,
    check_texts,
    read_image,
    reply_of,
)
from mmattr_app.ui.form_values import Refused
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.visitors import check_model, visitor

Updates: TypeAlias = AsyncGenerator[dict[str, Any], None]

GONE = 30.0  # seconds without an open stream of a program, after which its job is stopped


@dataclass(frozen=True)
class Api:
    """The endpoints; each yields the state of its job again and again, at the end with `result`."""

    handlers: Handlers

    @property
    def calls(self) -> tuple[Callable[..., Updates], ...]:
        """List the endpoints; programs call them by the names of these methods."""
        return self.ask_model, self.explain_picture, self.cut_picture, self.measure_map, self.compare_methods

    def offer(self) -> None:
        """Add the endpoints to the page that is being built."""
        for call in self.calls:
            api(call, api_name=call.__name__, concurrency_limit=None)

    async def ask_model(
        self,
        request: gr.Request,
        images: list[str],
        prompt: str,
        model: str = "demo",
        answer: str = "",
        system: str = "",
        max_tokens: int = 64,
    ) -> Updates:
        """Ask a vision-language model about pictures, and get its answer with each token's log-probability.

        Args:
            images: the pictures, each PNG or JPEG as base64 or as a data URL; none for a model that reads text only.
            prompt: what to ask about them.
            model: one of those that the page offers.
            answer: a text to score instead of the model's own answer.
            system: what to tell the model before the question.
            max_tokens: the longest answer.

        """
        if not isinstance(images, list):
            raise Refused("images is not a list; send a list of pictures as base64.")
        check_images("images", images)
        check_texts({"prompt": prompt, "model": model, "answer": answer, "system": system})
        check_numbers({"max_tokens": max_tokens})

        def make() -> Ask:
            question = _ask_about(images, prompt, system, max_tokens)
            pipeline.check(question, None, Plan(players=pipeline.read_players(None, question)))
            return Ask(question, model, answer.strip() or None)

        async for told in self._follow(make, request):
            yield told

    async def explain_picture(
        self,
        request: gr.Request,
        image: str | list[str],
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
    ) -> Updates:
        """Ask a vision-language model about a picture, and say for every token of its answer which regions it rests on.

        Args:
            image: the picture, PNG or JPEG, as base64 or as a data URL; a list of several.
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
        check_texts({**given, "model": model, "answer": answer, "system": system})
        images = check_images("image", image)
        check_numbers({"max_tokens": max_tokens, "budget": budget, "seed": seed})

        def make() -> Explain:
            check_regions(regions)
            question = _ask_about(images, prompt, system, max_tokens)
            plan = Plan(method, occluder, budget or None, seed, players=pipeline.read_players(players, question))
            pipeline.check(question, None, plan)
            cuts = pipeline.segment_all(question, plan, regions) if pipeline.is_instant(regions) else ()
            first = cuts[0] if cuts else None
            kind = Explain(question, first, plan, model, answer.strip() or None, regions, tuple(cuts[1:]))
            pipeline.check(question, kind.players, plan)
            return kind

        async for told in self._follow(make, request):
            yield told

    async def cut_picture(
        self, request: gr.Request, image: str, regions: str = REGIONS, model: str = "demo"
    ) -> Updates:
        """Cut a picture into regions, without asking a model about it.

        Args:
            image: the picture, PNG or JPEG, as base64 or as a data URL.
            regions: how it is cut, such as grid:8x8, slic:64 or sam2.
            model: the model on whose slot a slow segmenter runs.

        """
        check_texts({"image": image, "regions": regions, "model": model})

        def make() -> FindRegions:
            check_regions(regions)
            return FindRegions(read_image(image)[0], regions, model)

        async for told in self._follow(make, request):
            yield told

    async def measure_map(self, request: gr.Request, job: str, word: str = "") -> Updates:
        """Measure how faithful a map is: insertion and deletion beside random orders, with a verdict in a sentence.

        Args:
            job: the id that `explain_picture` gave.
            word: of the answer; nothing is the whole answer.

        """
        check_texts({"job": job, "word": word})

        def make() -> Measure:
            result = self.handlers.queue.store.get(job)
            if result is None:
                raise AppError("There is no such result, or it is not kept any more; explain again.")
            tokens = find_tokens(result.answer, word) if word.strip() else result.chosen
            ran = self.handlers.queue.find(job)  # the job knows the model's name as the visitor gave it
            kind = Measure(result, tokens, ran.kind.model if ran else result.answer.model, job)
            kind.check()
            return kind

        async for told in self._follow(make, request):
            yield told

    async def compare_methods(
        self,
        request: gr.Request,
        image: str | list[str],
        prompt: str,
        methods: str = METHODS_COMPARED,
        word: str = "",
        regions: str = REGIONS,
        model: str = "demo",
        occluder: str = "mean",
        answer: str = "",
        system: str = "",
        max_tokens: int = 64,
        budget: int = 0,
        seed: int = 0,
    ) -> Updates:
        """Explain the same words in several ways, and say how good each map is and how alike any two are.

        Args:
            image: the picture, PNG or JPEG, as base64 or as a data URL; a list of several.
            prompt: what to ask about it.
            methods: two or more, with commas between; those for chosen words need `word`. Each may say what differs,
                such as "smooth hidden by blur", "smooth with seed 1", "ablation on grid:8x8", "smooth with 32 masks" or
                "smooth asking clever-hans", which scores the same answer.
            word: of the answer, whose maps are compared; nothing is the whole answer.
            regions: how the picture is cut, such as grid:8x8 or slic:64.
            model: one of those that the page offers.
            occluder: what hides a region: mean, white, black, blur, noise or #rrggbb.
            answer: a text to explain instead of the model's own answer.
            system: what to tell the model before the question.
            max_tokens: the longest answer.
            budget: the most masks of each map; 0 is each method's own default.
            seed: for methods that draw masks.

        """
        given = {"prompt": prompt, "regions": regions, "methods": methods, "word": word, "occluder": occluder}
        check_texts({**given, "model": model, "answer": answer, "system": system})
        images = check_images("image", image)
        check_numbers({"max_tokens": max_tokens, "budget": budget, "seed": seed})

        def make() -> Compare:
            setups = read_setups(methods, Setup(regions, Plan("", occluder, budget or None, seed)))
            check_setups(setups)
            for other in {setup.model for setup in setups if setup.model}:
                check_model(other, any_model=self.handlers.may_name_any_model(request))
            question = _ask_about(images, prompt, system, max_tokens)
            cuts = cut_and_check(question, setups, selects=bool(word.strip()))
            return Compare(question, model, answer.strip() or None, setups=setups, word=word.strip(), cuts=cuts)

        async for told in self._follow(make, request):
            yield told

    async def _follow(self, make: Callable[[], Kind], request: gr.Request) -> Updates:
        """Submit a job and report its state until it ends; stop it if the program is gone."""
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
                        yield await to_thread.run_sync(reply_of, job, snapshot)
        except AppError as error:
            raise Refused(str(error)) from error
        finally:
            if job and not job.snapshot.ended:
                job.cancel()

    def _submit(self, make: Callable[[], Kind], request: gr.Request) -> Job:
        kind = make()
        check_model(kind.model, any_model=self.handlers.may_name_any_model(request))
        return self.handlers.queue.submit(kind, token_urlsafe(8), visitor(request))


def _ask_about(images: list[str], prompt: str, system: str, max_tokens: int) -> Question:
    pictures, original = put_together([read_image(image) for image in images])
    return Question(pictures, prompt.strip(), system.strip(), max_tokens, Sampling(), original)
