"""Output of the command line: a progress bar during a run, and the result as plain text."""

from collections.abc import Sequence
from typing import NoReturn

import numpy as np
from tqdm import tqdm

from mmattr_app.arithmetic.shares import ORDERS, Shares
from mmattr_app.contracts import Players
from mmattr_app.domain import INTERVAL, Attribution, Curve, Reads
from mmattr_app.errors import AppError
from mmattr_app.pipeline import Listener, Progress
from mmattr_app.sentences import describe, verdict, words

LEGEND: dict[Reads, str] = {
    "measured loss": "nats it loses when that region is hidden",
    "measured gain": "nats it gains when that region alone is shown",
    "mean effect": "nats each adds on average, while others are hidden, too",
    "estimate": "what each adds to the token's logit",
    "dependence": "how much it depends on each, from 0 to 1, for or against",
    "weight": "the weight that the model gives each",
    "order": "the order in which they were found",
}


class ProgressBar:
    """A bar on standard error that follows a run."""

    def __init__(self) -> None:
        """Show that the model is loading; the number of masks is known only after the answer."""
        self.listener = Listener(
            on_loading=self._on_loading,
            on_text=self._on_text,
            on_segmenting=self._bar_says,
            on_result=self._on_result,
        )
        self._bar: tqdm[NoReturn] = tqdm(desc="loading the model", bar_format="{desc}", leave=False)

    def close(self) -> None:
        """Remove the bar from the terminal."""
        self._bar.close()

    def _on_loading(self, words: str) -> None:
        self._bar.set_description_str(words)

    def _on_text(self, text: str) -> None:
        self._bar.set_description_str(f"answering: {printable(text)[-60:]}")

    def _bar_says(self, text: str) -> None:
        self._bar.set_description_str(text)

    def _on_result(self, result: Attribution, progress: Progress) -> None:
        del result
        if self._bar.total is None:
            self._bar.close()
            self._bar = tqdm(total=progress.total, desc="hiding regions", unit="mask")
        self._bar.update(progress.done - self._bar.n)


def check_top(top: int) -> None:
    """Refuse a number of regions for each token that `report` cannot print."""
    if top < 1:
        raise AppError(f"--top is {top}; give a whole number from 1 up.")


def report(attribution: Attribution, *, top: int) -> str:
    """Write the answer, the `top` players of each explained token, sentences and figures."""
    answer, players = attribution.answer, attribution.players
    cut_off = " [cut off by --max-tokens]" if answer.cut_off else ""
    what, of = _headings(players)
    lines = [printable(answer.text) + cut_off]
    if attribution.instead_of:
        lines.append(f"... and not: {printable(attribution.instead_of)}")
    lines += [
        "",
        *_rows(attribution, top),
        "",
        *_sentences(attribution, top),
        *_links(attribution, top),
        *_figures(attribution),
        *_shares(attribution),
        *filter(None, (verdict(attribution), attribution.scores.says, players.says, answer.question.size_says)),
        f"{of}: nats a token loses when all of it is hidden; {what}: {LEGEND[attribution.reads]}.",
        "Regions are numbered from 1, as on the page; arrays in files from 0.",
    ]
    return "\n".join(lines)


def _headings(players: Players) -> tuple[str, str]:
    """Give the word for the players, and the word for all of them together."""
    return ("regions", "picture") if len(players.region_rows()) == players.count else ("players", "of all")


def _sentences(attribution: Attribution, top: int) -> list[str]:
    """Describe the maps of the `top` words with the highest scores, in the order of the answer."""
    said = words(attribution)
    best = [float(attribution.scores.values[:, tokens].sum(axis=1).max()) for tokens in said]
    chosen = sorted(np.argsort(best, kind="stable")[::-1][:top].tolist())
    described = [printable(text) for place in chosen if (text := describe(attribution, said[place]))]
    return [*described, ""] if described else []


def _names(players: Players) -> list[str]:
    """Give the names of the players: numbers of regions, words in quotation marks."""
    regions = set(players.region_rows().tolist())
    names = [printable(name).replace("\n", " ") for name in players.names()]
    return [name if player in regions else f'"{name}"' for player, name in enumerate(names)]


def _shares(attribution: Attribution) -> list[str]:
    """Say how much came from each kind of player, over all tokens; if own words play, first with them visible."""
    shares = attribution.shares
    if shares is None:
        return []
    said, other = (printable(text) for text in (attribution.answer.said(attribution.chosen), attribution.instead_of))
    of = f'shares of what makes it "{said}" and not "{other}"' if other else "shares"
    if shares.given is None:
        return [f"{of}: {_list_shares(shares)}"]
    return [
        f"{of}, given its own words: {_list_shares(shares.given)}",
        f"{of}, its own words hidden too: {_list_shares(shares)}",
    ]


def _list_shares(shares: Shares) -> str:
    each = zip(shares.kinds, shares.of(range(len(shares.joint))), shares.values.sum(axis=1), strict=True)
    parts = [f"{kind} {share:.0%} ({value:+.2f} nats)" for kind, share, value in each]
    estimated = f" (estimated from {ORDERS} orders in which they are shown)" if shares.estimated else ""
    return f"{', '.join(parts)}; only together: {shares.joint.sum():+.2f} nats{estimated}"


def _rows(attribution: Attribution, top: int) -> list[str]:
    """Write the table of top players: a line for each token, and one for the selected tokens together."""
    tokens = attribution.answer.tokens
    spans: list[tuple[int, ...]] = [(token,) for token in attribution.chosen]
    if attribution.selection and len(spans) > 1:
        spans.append(attribution.selection)
    names = ["".join(printable(tokens[token]).replace("\n", "\\n") for token in span) for span in spans]
    width = max(len("token"), *map(len, names))
    (what, of), named = _headings(attribution.players), _names(attribution.players)
    lines = [f"{'token':{width}}  {of:7}  {what} that matter most"]
    for span, name in zip(spans, names, strict=True):
        chosen = list(span)
        scores, error = attribution.scores.values[:, chosen].sum(axis=1), attribution.scores.error(chosen)
        best = np.argsort(-np.abs(scores), kind="stable")[:top]
        off = {player: "" if error is None else f"±{INTERVAL * error[player]:.2f}" for player in best}
        listed = "  ".join(f"{named[player]}: {scores[player]:+.2f}{off[player]}" for player in best)
        lines.append(f"{name:{width}}  {attribution.reliance[chosen].sum():+7.2f}  {listed}")
    return lines


def _links(attribution: Attribution, top: int) -> list[str]:
    """Write the strongest interactions of players."""
    if (links := attribution.scores.links) is None:
        return []
    values = links.values[:, list(attribution.chosen)].sum(axis=1)
    best = np.argsort(-np.abs(values), kind="stable")[:top]
    named = _names(attribution.players)
    pairs = [f"{named[links.pairs[one, 0]]} and {named[links.pairs[one, 1]]}: {values[one]:+.2f}" for one in best]
    return [f"those that need each other (+) or do the same (-): {', '.join(pairs) or 'none'}"]


def _figures(attribution: Attribution) -> list[str]:
    """Write the figures of the metrics; for a curve, its area."""
    return [
        f"{name}: {figure.area if isinstance(figure, Curve) else figure:.3f}"
        for name, figure in attribution.figures.items()
    ]


def lay_out(rows: Sequence[Sequence[str]]) -> str:
    """Write a table: the first column aligned left, the others right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        for row in rows
    ]
    return "\n".join("  ".join(line).rstrip() for line in lines)


def printable(text: str) -> str:
    """Escape control characters, so that a model's text cannot send commands to the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else ascii(char)[1:-1] for char in text)
