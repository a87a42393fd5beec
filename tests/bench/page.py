"""The page under load: `python -m tests.bench.page` drives the HTTP and the event stream of an `app.py` of its own.

Tabs that ask and vanish without a goodbye, and the memory that they leave; a class that presses Explain at once; tabs
with a photograph of 12 megapixels each.
"""

import argparse
import asyncio
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from PIL import Image

from mmattr_app.demo.scenes import scene
from tests.tabs import Tab, config

SIZE = 512  # pixels of a scene's side
PHOTO = (4000, 3000)  # pixels of a photograph


@dataclass
class Served:
    """A page in a process of its own."""

    client: httpx.AsyncClient
    parts: dict[str, Any]
    process: psutil.Process
    said: Path  # what it wrote to standard output

    async def tab(self, seed: int, **form: Any) -> Tab:
        """Open a tab with a scene that nobody asked about yet."""
        return await self.open(Image.fromarray(scene(seed, SIZE).image), "PNG", **form)

    async def open(self, picture: Image.Image, kind: str, **form: Any) -> Tab:
        """Open a tab and drop a picture."""
        file = io.BytesIO()
        picture.save(file, kind)
        tab = Tab(self.client, self.parts)
        await tab.upload(file.getvalue())
        for part, value in {"prompt": "Describe the picture.", **form}.items():
            tab.put(part, value)
        return tab


@dataclass
class Run:
    """What a tab saw of its run, in seconds after it pressed Explain."""

    started: float = field(default_factory=time.monotonic)
    answered: float = 0.0
    first_map: float = 0.0
    ended: float = 0.0
    maps: int = 0  # each of more masks than the one before
    done: int = 0  # masks
    shown: dict[str, Any] = field(default_factory=dict[str, Any])  # the last message

    def note(self, shown: dict[str, Any]) -> bool:
        """Take in one message for the explorer; say whether the run is over."""
        now, self.shown = time.monotonic() - self.started, shown
        if shown.get("pieces"):
            self.answered = self.answered or now
        if (shown.get("block") or any(shown.get("rows") or ())) and shown["done"] > self.done:
            self.first_map = self.first_map or now
            self.maps, self.done = self.maps + 1, shown["done"]
        if shown.get("state") in ("failed", "cancelled"):
            raise RuntimeError(shown["says"])
        self.ended = now
        return shown.get("state") == "done"


@asynccontextmanager
async def served(port: int, threads: int, *flags: str) -> AsyncIterator[Served]:
    """Start `app.py` and wait until its model is warm."""
    socket.create_server(("127.0.0.1", port)).close()  # fails where another server would answer in its place
    with (
        tempfile.TemporaryDirectory() as folder,
        (said := Path(folder) / "said").open("w") as output,
        subprocess.Popen(  # noqa: ASYNC220  (nothing else runs yet)
            [sys.executable, "app.py", "--port", str(port), "--store", f"{folder}/store", *flags],
            env=os.environ | {"OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"},
            stdout=output,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        try:
            limits = httpx.Limits(max_keepalive_connections=0)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/", timeout=60, limits=limits) as client:
                page = Served(client, await _when_ready(client), psutil.Process(process.pid), said)
                await ask(await page.tab(0))
                yield page
        finally:
            process.terminate()


async def _when_ready(client: httpx.AsyncClient) -> dict[str, Any]:
    while True:
        with suppress(httpx.HTTPError):
            return await config(client)
        await asyncio.sleep(0.5)


async def ask(tab: Tab) -> Run:
    """Press Explain and watch; then the connection is dropped, with no goodbye."""
    run = Run()
    await tab.press("explain")
    async for news in tab.news():
        if news["msg"] == "process_generating" and run.note(news["output"]["data"][0]):
            break
    return run


async def vanishing(page: Served, runs: int, at_once: int) -> str:
    """Let tabs ask and vanish; say how memory grows over the second half."""
    memory: list[float] = []
    seeds = iter(range(1, runs + 1))

    async def people() -> None:
        for seed in seeds:
            await ask(await page.tab(seed, rows=3, columns=3, method="ablation"))
            memory.append(page.process.memory_info().rss / 1e6)
            if len(memory) % 50 == 0:
                print(f"    {len(memory)} runs: {memory[-1]:.0f} MB", flush=True)

    started = time.monotonic()
    await asyncio.gather(*(people() for _ in range(at_once)))
    half = memory[len(memory) // 2 :]
    slope = np.polyfit(np.arange(len(half)), half, 1)[0] * 100
    return (
        f"{half[0]:.0f} MB after {runs - len(half)} runs, {half[-1]:.0f} MB after {runs}: {slope:+.1f} MB per 100 runs "
        f"over the last {len(half)} ({time.monotonic() - started:.0f} s)"
    )


async def crowd(page: Served, tabs: int) -> list[tuple[str, str]]:
    """Let all tabs press Explain at once."""
    return await press(f"{tabs} tabs at once", [await page.tab(10_000 + number) for number in range(tabs)])


async def photographs(page: Served, tabs: int) -> list[tuple[str, str]]:
    """Let each tab drop a photograph and press Explain, all at once."""
    pictures = [Image.fromarray(scene(20_000 + number, SIZE).image).resize(PHOTO) for number in range(tabs)]
    opened = await asyncio.gather(*(page.open(picture, "JPEG") for picture in pictures))
    return await press(f"{tabs} photographs of 12 megapixels at once", opened)


async def press(name: str, tabs: Sequence[Tab]) -> list[tuple[str, str]]:
    """Press Explain in all tabs; give the rows of the table."""
    runs = await asyncio.gather(*map(ask, tabs))
    rows = {"the answer": "answered", "the first map": "first_map", "the last map": "ended"}
    told = []
    for what, column in rows.items():
        seconds = [getattr(run, column) for run in runs]
        told.append((f"{name}: {what}", f"{np.median(seconds):.1f} s, the slowest {max(seconds):.1f} s"))
    maps = [run.maps for run in runs]
    return [*told, (f"{name}: maps that a tab saw", f"{np.median(maps):.0f}, the fewest {min(maps)}")]


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=600)
    parser.add_argument("--tabs", type=int, default=30)
    parser.add_argument("--photographs", type=int, default=8, help="tabs with a photograph")
    parser.add_argument("--at-once", type=int, default=2, help="tabs that ask at once before they vanish")
    parser.add_argument("--threads", type=int, default=2, help="threads of the model")
    parser.add_argument("--port", type=int, default=7891)
    options = parser.parse_args()
    async with served(options.port, options.threads) as page:
        rows = await crowd(page, options.tabs) if options.tabs else []
        rows += await photographs(page, options.photographs) if options.photographs else []
        for what, measured in rows:
            print(f"| {what} | {measured} |", flush=True)
        if options.runs:
            print(f"| {options.runs} tabs that vanish | {await vanishing(page, options.runs, options.at_once)} |")


if __name__ == "__main__":
    asyncio.run(main())
