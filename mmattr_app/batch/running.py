"""Run a batch row by row: results that exist are kept, and a row that fails does not stop the others."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from mmattr_app import pipeline
from mmattr_app.batch.figures import Figures, find_figures
from mmattr_app.batch.questions import Row
from mmattr_app.contracts import Worker
from mmattr_app.domain import Attribution, Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.pictures import read_with_size
from mmattr_app.pipeline import Plan
from mmattr_app.results import exports, reading
from mmattr_app.results.heatmaps import paint_small
from mmattr_app.results.sheets import to_url
from mmattr_app.segmenters.files import kind

RESULTS = "results"  # the folder of the results, in the batch's folder
SMALL = 320  # pixels of the longer side of a picture in the gallery

log = logging.getLogger("mmattr")


@dataclass(frozen=True)
class Outcome:
    """The outcome of a row: only what the summary and the gallery show, to save memory."""

    row: Row  # its `problem` says what went wrong
    answer: str = ""
    figures: Figures | None = None
    file: str = ""  # path of the result, relative to the batch's folder
    map: str = ""  # the painted map as a data URL
    new: bool = False  # computed now, not found


@dataclass(frozen=True)
class Batch:
    """Where a batch reads and writes, and how it explains."""

    questions: Path  # the folder of the table of questions
    folder: Path  # the folder to write to
    plan: Plan  # of every row, but for its method
    max_tokens: int
    open_worker: Callable[[str], Worker]  # from a model's name
    shares: bool = False  # also measure the shares of picture, question and own words

    def run(self, rows: Sequence[Row]) -> Iterator[Outcome]:
        """Yield the outcome of each row, in order; its result is on disk before."""
        results = self.folder / RESULTS
        results.mkdir(parents=True, exist_ok=True)
        for unfinished in results.glob("tmp*.npz"):  # its process was killed
            unfinished.unlink()
        for row in rows:
            if row.problem:
                yield Outcome(row)
                continue
            try:
                yield self._run_row(row)
            except AppError as error:
                yield Outcome(replace(row, problem=str(error)))
            except Exception as error:
                log.exception("row %d failed", row.number)
                yield Outcome(replace(row, problem=f"It failed unexpectedly ({type(error).__name__}); see the log."))

    def _run_row(self, row: Row) -> Outcome:
        how = repr((self.plan, self.max_tokens))
        path = self.folder / RESULTS / f"{row.number:04}-{row.fingerprint(self.questions, how)}.npz"
        pictures, original = self._read_pictures(row)
        result = None
        if path.is_file():
            with suppress(Exception):  # a file that cannot be read is made again
                result = reading.read_npz(path, *pictures)
        new = result is None
        if result is None:
            for outdated in path.parent.glob(f"{row.number:04}-*.npz"):  # results of an earlier version of the row
                outdated.unlink()
            result = self._explain(row, pictures, original)
            exports.write(result, path)
        if self.shares and result.shares is None:
            result = pipeline.share(self.open_worker(row.model), result, memo={})
            exports.write(result, path)
        file = str(path.relative_to(self.folder))
        return Outcome(row, result.answer.text, find_figures(result), file, _small_map(result), new)

    def _read_pictures(self, row: Row) -> tuple[tuple[Pixels, ...], tuple[int, int] | None]:
        if not row.image:
            return (), None
        pixels, original = read_with_size(self.questions / row.image)
        return (pixels,), original

    def _explain(self, row: Row, pictures: tuple[Pixels, ...], original: tuple[int, int] | None) -> Attribution:
        """Ask and explain one question."""
        question = Question(pictures, row.prompt, max_tokens=self.max_tokens, original=original)
        plan = replace(self.plan, method=row.method, players=pipeline.read_players(None, question))
        regions, plan = pipeline.read_refined(self._regions(row), plan)
        pipeline.check(question, None, plan)
        worker = self.open_worker(row.model)
        cuts = pipeline.segment_all(question, plan, regions, worker)
        answer = pipeline.ask(worker, question, row.answer or None)
        return pipeline.explain(worker, answer, pipeline.find_all_players(answer, cuts, plan), plan)

    def _regions(self, row: Row) -> str:
        """Give the row's `regions`, or those of its mask file if it has one."""
        if not row.mask:
            return row.regions
        path = self.questions / row.mask
        if (reads := kind(path)) is None:
            raise AppError(f"The mask {row.mask} should be a .png or .npy label map, or .npy or .npz masks.")
        return f"{reads}:{path}"


def _small_map(result: Attribution) -> str:
    """Paint a small map of all explained tokens, as a data URL; empty if no region plays."""
    if result.players.segmentation is None:
        return ""
    return to_url(paint_small(result, result.chosen, SMALL), "JPEG")
