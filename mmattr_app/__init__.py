"""Which part of this picture made the model say that word? `explain` is the whole tool in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mmattr_app.settings import METHOD, REGIONS, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mmattr_app.domain import Scores
    from mmattr_app.explanation import Explanation
    from mmattr_app.pictures import Source
    from mmattr_app.pipeline import Listener

__version__ = VERSION
__all__ = ["__version__", "explain", "from_captum", "play", "read"]


def explain(
    image: Source | Sequence[Source] | None,
    prompt: str,
    *,
    model: str | tuple[Any, Any] = "demo",
    players: str | None = None,
    regions: str = REGIONS,
    method: str = METHOD,
    occluder: str = "mean",
    hide_words: str = "out",
    document: str = "",
    answer: str | None = None,
    budget: int | None = None,
    measure: Sequence[str] = (),
    word: str = "",
    tokens: Sequence[int] = (),
    instead_of: str = "",
    fuse: Sequence[str] = (),
    seed: int = 0,
    max_tokens: int = 64,
    system: str = "",
    temperature: float = 0.0,
    top_p: float = 1.0,
    device: str = "auto",
    dtype: str = "auto",
    listener: Listener | None = None,
) -> Explanation:
    """Ask `model` about `image` and score every region of the picture for every token of its answer.

    What comes back shows itself in a notebook, and answers questions: see `Explanation`. `model` is a name, or a
    model of transformers with its processor (of a text model its tokenizer), both loaded already. The other words
    mean what they mean on the command line: see `python -m mmattr_app explain --help`. `image` is a path, a PIL image
    or an array, a list of several, or None for a model that reads text only; above 4 megapixels
    (MMATTR_WORK_MEGAPIXELS) it is made smaller first. `players` says what is hidden instead of regions alone, such as
    "regions,words,answer"; `document` is a text to read before the prompt. With `answer`, that text is scored instead
    of the model's own. `word`, or `tokens` by their numbers from 0, choose what of the answer is explained, and
    `instead_of` something else that might have been said there: the scores are then of the difference. `fuse` names
    further ways to cut the picture, whose maps are fused with the first, or "sizes". `measure` names metrics, whose
    figures the result then has. `seed` serves the sampling of an answer and a method that draws masks.
    """
    from mmattr_app import pipeline  # noqa: PLC0415  (the import of the package stays instant)
    from mmattr_app.domain import Question, Sampling  # noqa: PLC0415
    from mmattr_app.explanation import Explanation  # noqa: PLC0415
    from mmattr_app.pictures import read_with_size  # noqa: PLC0415
    from mmattr_app.selection import choose_tokens  # noqa: PLC0415
    from mmattr_app.studies import multiscale  # noqa: PLC0415  (the import of the package stays instant)

    given: Any = image
    images = given if isinstance(given, (list, tuple)) else [] if given is None else [given]
    read = [read_with_size(one) for one in images]
    original = read[0][1] if read else None
    sampling = Sampling(temperature, top_p, seed)
    question = Question(tuple(one for one, _ in read), prompt, system, max_tokens, sampling, original, document)
    who = pipeline.read_players(players, question)
    plan = pipeline.Plan(method, occluder, budget, seed, tuple(measure), who, hide_words)
    regions, plan = pipeline.read_refined(regions, plan)
    chooses = {"selects": bool(word or tokens), "contrasts": bool(instead_of)}
    pipeline.check(question, None, plan, **chooses)
    if fuse:
        multiscale.check(question, plan)
    heard, cuts = listener or pipeline.SILENT, None
    if pipeline.is_instant(regions):
        cuts = pipeline.segment_all(question, plan, regions)
        pipeline.check(
            question, pipeline.find_players(question, cuts, plan), plan, **chooses
        )  # before a model is loaded
    worker = pipeline.open_worker(model, device=device, dtype=dtype, says=heard.on_loading)
    if cuts is None:
        cuts = pipeline.segment_all(question, plan, regions, worker, heard)
        pipeline.check(question, pipeline.find_players(question, cuts, plan), plan, **chooses)
    said = pipeline.ask(worker, question, answer, heard)
    chosen, instead = choose_tokens(said, word, tokens), None
    if instead_of:
        chosen = chosen or tuple(range(len(said.tokens)))
        instead = pipeline.ask_instead(worker, said, chosen, instead_of, heard)
    what = {"selection": chosen, "instead": instead, "listener": heard}
    if fuse:
        cuts = multiscale.segment_each(question.image, (regions, *fuse), worker)
        return Explanation.of(multiscale.explain_at_scales(worker, said, cuts, plan, **what))
    playing = pipeline.find_players(question, cuts, plan, said)
    pipeline.check(question, playing, plan, **chooses)
    assert playing, "somebody plays, now that the answer is known"
    return Explanation.of(pipeline.explain(worker, said, playing, plan, **what))


def read(path: str | Path, *images: Source) -> Explanation:
    """Read a .json, .npz or .html file that `save` wrote; give the pictures too, which the first two do not hold."""
    from pathlib import Path  # noqa: PLC0415  (the import of the package stays instant)

    from mmattr_app.explanation import Explanation  # noqa: PLC0415
    from mmattr_app.pictures import read_picture  # noqa: PLC0415
    from mmattr_app.results.files import read as read_result  # noqa: PLC0415

    return Explanation.of(read_result(Path(path), *map(read_picture, images)))


def play(
    function: Callable[[Any], Any],
    players: int | Sequence[str],
    method: str = "shapley",
    *,
    places: Any = None,
    budget: int | None = None,
    seed: int = 0,
) -> Scores:
    """Score the players of your own function by a method; no model and no picture is needed.

    `function` takes masks [masks, players], True where a player stays visible, and gives log-probabilities
    [masks, tokens], or [masks]. `players` are their names, or how many there are; `places` [players, dimensions] says
    where they stand, for methods that take neighbours to be alike.
    """
    from mmattr_app.own_function import play as play_method  # noqa: PLC0415

    return play_method(function, players, method, places=places, budget=budget, seed=seed)


def from_captum(
    result: Any,
    image: Source | None = None,
    mask: Any = None,
    *,
    prompt: str = "",
    method: str = "captum",
    tokens: Sequence[str] | None = None,
) -> Explanation:
    """Show an LLMAttributionResult of Captum's over regions of a picture, in the explorer and as files.

    `mask` is what Captum's ImageMaskInput takes: a number for each pixel, or a list of masks. Picture and mask may be
    left out where the result still knows its ImageMaskInput. `method` may be a name of ours, such as "ablation" for
    FeatureAblation, which says how scores are read. `tokens` are the answer's, with their spaces, where Captum's lack
    them.
    """
    from mmattr_app.explanation import Explanation  # noqa: PLC0415
    from mmattr_app.results import captum_bridge  # noqa: PLC0415  (the import of the package stays instant)

    told: dict[str, Any] = {"prompt": prompt, "method": method, "tokens": tokens}
    return Explanation.of(captum_bridge.from_captum(result, image, mask, **told))
