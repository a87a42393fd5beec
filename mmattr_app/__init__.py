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
    regions: str | Sequence[str] = REGIONS,
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
    sharpen: bool = False,
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

    The result shows itself in a notebook, and answers questions: see `Explanation`. Its `scores.values` are [regions,
    tokens], in the unit of the method: nats for ablation, log-odds for smooth. `image` is a path, a PIL image, an array
    (uint8, or floats from 0 to 1, [height, width, 3]), a list of these, or None for a model that reads text only; above
    4 megapixels (MMATTR_WORK_MEGAPIXELS) it is made smaller. `model` is a name, or a loaded transformers model with its
    processor (its tokenizer, for a text model). `regions` says how to cut; of several pictures it may be a list with a
    text for each. `players` says what is hidden besides or instead of regions, such as
    "regions,words,answer". `document` is a text that the model reads before the prompt. `answer` is a text to score
    instead of an answer by the model. `budget` is the number of masks. `measure` names metrics to add to
    `result.figures`. `word`, or `tokens` (numbers from 0), select the part of the answer to explain; `instead_of` is
    another text in its place: scores are then of the difference of the two. `fuse` names further ways to cut the
    picture, whose maps are fused with the first, or "sizes". `sharpen` then hides smaller and smaller regions where the
    selection depends on the picture, by 32 masks more. `seed` is for sampling an answer and for random masks. The
    other parameters mean what they mean on the command line: see `python -m mmattr_app explain --help`.
    """
    from mmattr_app import pipeline  # noqa: PLC0415  (the import of the package stays instant)
    from mmattr_app.domain import Question, Sampling  # noqa: PLC0415
    from mmattr_app.explanation import Explanation  # noqa: PLC0415
    from mmattr_app.pictures import read_all  # noqa: PLC0415
    from mmattr_app.segmentation import for_picture  # noqa: PLC0415
    from mmattr_app.selection import choose_tokens  # noqa: PLC0415
    from mmattr_app.studies import multiscale  # noqa: PLC0415  (the import of the package stays instant)

    given: Any = image
    images = given if isinstance(given, (list, tuple)) else [] if given is None else [given]
    pictures, original = read_all(images)
    sampling = Sampling(temperature, top_p, seed)
    question = Question(pictures, prompt, system, max_tokens, sampling, original, document)
    hidden = pipeline.read_players(players, question)
    plan = pipeline.Plan(method, occluder, budget, seed, tuple(measure), hidden, hide_words)
    cutting = pipeline.read_how_to_cut(regions, len(pictures))
    if isinstance(cutting, str):
        cutting, plan = pipeline.read_refined(cutting, plan)
    selects, contrasts = bool(word or tokens), bool(instead_of)
    if sharpen:
        pipeline.check_sharpening(question, fuses=bool(fuse), contrasts=contrasts)
    pipeline.check(question, None, plan, selects=selects, contrasts=contrasts)
    if fuse:
        multiscale.check(question, plan)
    heard, cuts = listener or pipeline.SILENT, None  # cuts: the regions of each picture
    if pipeline.is_instant(cutting):
        # Before a model is loaded, which takes long.
        cuts = pipeline.segment_all(question, plan, cutting)
    worker = pipeline.open_worker(model, device=device, dtype=dtype, on_loading=heard.on_loading)
    if cuts is None:
        cuts = pipeline.segment_all(question, plan, cutting, worker, heard)
    said = pipeline.ask(worker, question, answer, heard)
    chosen, instead = choose_tokens(said, word, tokens), None
    if instead_of:
        chosen = chosen or tuple(range(len(said.tokens)))
        instead = pipeline.ask_instead(worker, said, chosen, instead_of, heard)
    options = {"selection": chosen, "instead": instead, "listener": heard}
    if fuse:
        cuts = multiscale.segment_each(question.image, (for_picture(cutting, 0), *fuse), worker)
        return Explanation.of(multiscale.explain_at_scales(worker, said, cuts, plan, **options))
    playing = pipeline.find_all_players(said, cuts, plan)
    result = pipeline.explain(worker, said, playing, plan, **options)
    return Explanation.of(pipeline.sharpen(worker, result, result.chosen, listener=heard) if sharpen else result)


def read(path: str | Path, *images: Source) -> Explanation:
    """Read a .json, .npz or .html file that `save` wrote; .json and .npz need the pictures too."""
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
    """Score the players of your own function by a method: [players, tokens]; no model and no picture is needed.

    `function` takes masks [masks, players], True where a player stays visible, and gives log-probabilities
    [masks, tokens], or [masks]. `players` are their names, or how many there are; `places` [players, dimensions] are
    their coordinates, for methods that expect neighbours to have similar scores.
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
    """Turn Captum's LLMAttributionResult over regions of a picture into an Explanation.

    `mask` is what Captum's ImageMaskInput takes: a number for each pixel, or a list of masks. Picture and mask may be
    left out if the result still holds its ImageMaskInput. `method` is the name that the explorer shows; a name of ours,
    such as "ablation" for FeatureAblation, says what the scores mean too. `tokens` are the answer's tokens with their
    spaces, if Captum's have lost them.
    """
    from mmattr_app.explanation import Explanation  # noqa: PLC0415
    from mmattr_app.results import captum_bridge  # noqa: PLC0415  (the import of the package stays instant)

    return Explanation.of(captum_bridge.from_captum(result, image, mask, prompt=prompt, method=method, tokens=tokens))
