"""What every method that reads an open model must do, on a toy whose gradients and attention are known."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.arithmetic.pixel_maps import MOST_CELLS, pool, shrink
from mmattr_app.contracts import Game
from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.methods import METHODS
from mmattr_app.methods.integrated_gradients import integrated_gradients
from mmattr_app.methods.tam import filter_ranks, remove_explained, token_activation_maps
from mmattr_app.pipeline import Plan
from mmattr_app.players.regions import Regions
from mmattr_app.white_box import Combine, Floats, Fold, GradientMaps, Line, Maps, Positions
from tests.games import LogitGame, ToyWorker, explain_regions

NAMES = [name for name, method in METHODS.items() if method.needs == "open model"]
FILTERED = {"tam"}  # its top may come to lie beside what matters
SIDE, TOKENS = 4, 3
MATTERS = [(0, 0), (2, 3), (3, 1)]  # the cell that each token depends on


class ToyOpen:
    """A model of 4x4 positions, each a pixel: token t is `curve` of the pixel that it depends on."""

    def __init__(self, steep: float = 0.0) -> None:
        self.steep, self.passes = steep, 0

    def gradients(self, line: Line, spans: Sequence[Sequence[int]]) -> GradientMaps:
        (start,), (end,) = (np.asarray(pictures, float) for pictures in (line.start, line.end))
        way = end - start
        maps, totals, logprobs = np.zeros((len(spans), SIDE, SIDE)), [], []
        for share, weight in zip(line.shares, line.weights, strict=True):
            self.passes += 1
            point = start + share * way
            values = np.array([point[cell][1] for cell in MATTERS]) / 255  # the green channel
            logprobs.append(values + self.steep * np.tanh(20 * (values - 0.7)))
            slopes = (1 + self.steep * 20 / np.cosh(20 * (values - 0.7)) ** 2) / 255
            found = np.zeros((len(spans), SIDE, SIDE))
            for span, cells in enumerate(spans):
                for token in cells:
                    cell = MATTERS[token]
                    found[(span, *cell)] += slopes[token] * (1 if line.sizes else way[cell][1])
            maps += weight * found
            totals.append(found.sum(axis=(1, 2)) * (weight != 0))
        return GradientMaps([maps.astype(np.float32)], np.array(totals, np.float32), np.array(logprobs, np.float32))

    def attentions(self, fold: Fold, *, with_gradients: bool = False) -> Positions:
        """Let two layers look at what matters, from the last positions."""
        count = SIDE**2 + 1 + TOKENS
        layer = np.tril(np.full((2, count, count), 0.01, np.float32))
        for token, (row, column) in enumerate(MATTERS):
            layer[:, SIDE**2 + token, row * SIDE + column] = 1
        layer /= layer.sum(axis=2, keepdims=True)
        rows = [SIDE**2 + token for token in range(TOKENS)]
        if with_gradients:
            states = [np.eye(count, dtype=np.float32)[[row]] for row in rows]
            found = np.vstack([fold(fold(state, layer, layer), layer, layer) for state in states])
        else:
            found = fold(fold(None, layer, None), layer, None)[rows]
        return self._positions(found)

    def activations(self) -> Positions:
        """Let the picture call for each word where it matters."""
        rows = np.full((1 + TOKENS, SIDE**2 + 1 + TOKENS), 0.1, np.float32)
        for token, (row, column) in enumerate(MATTERS):
            for high, wide in np.ndindex(SIDE, SIDE):  # the filter leaves no single position standing
                near = max(abs(high - row), abs(wide - column))
                rows[1 + token, high * SIDE + wide] += 2 if near == 0 else 1 if near == 1 else 0
        return self._positions(rows)

    def features(self, combine: Combine) -> Positions:
        features = np.full((SIDE**2, TOKENS), 0.1, np.float32)
        for token, (row, column) in enumerate(MATTERS):
            features[row * SIDE + column, token] = 1
        rows = [combine(features, np.eye(TOKENS, dtype=np.float32)[[token] * SIDE**2]) for token in range(TOKENS)]
        return self._positions(np.hstack([np.array(rows), np.zeros((TOKENS, 1 + TOKENS))]).astype(np.float32))

    def spread(self, weights: Floats) -> Maps:
        return [weights.reshape(-1, SIDE, SIDE)]

    @staticmethod
    def _positions(rows: Floats) -> Positions:
        places = np.array([(0, *place) for place in np.ndindex(SIDE, SIDE)])
        return Positions(rows[:, : SIDE**2], rows[:, SIDE**2 :], places, np.arange(1 + TOKENS), 0)


def toy_game(opened: ToyOpen, selection: tuple[int, ...] | None = None) -> Game:
    image = np.random.default_rng(0).integers(200, 256, (SIDE, SIDE, 3)).astype(np.uint8)
    players = Regions(Question((image,), "?"), pipeline.segment(image, f"grid:{SIDE}x{SIDE}"), "black")
    game = LogitGame(np.zeros((SIDE**2, TOKENS)).tolist()).game
    return replace(game, players=players, opened=opened, selection=selection)


def play(name: str, selection: tuple[int, ...] | None = None, seed: int = 0) -> Any:
    return METHODS[name].run(toy_game(ToyOpen(), selection), budget=None, seed=seed).values


@pytest.mark.parametrize("name", NAMES)
def test_every_open_method_finds_the_region_that_matters(name: str) -> None:
    for token, (row, column) in enumerate(MATTERS):
        selection = (token,) if METHODS[name].scope == "selection" else None
        values = play(name, selection)
        assert values.shape == (SIDE**2, TOKENS)
        assert values.dtype == np.float32
        found = np.array(divmod(int(values[:, token].argmax()), SIDE))
        assert np.abs(found - (row, column)).max() <= (1 if name in FILTERED else 0)


@pytest.mark.parametrize("name", NAMES)
def test_every_open_method_gives_the_same_scores_for_the_same_seed(name: str) -> None:
    np.testing.assert_array_equal(play(name, (1,), seed=3), play(name, (1,), seed=3))


@pytest.mark.parametrize("name", NAMES)
def test_every_open_method_says_that_its_scores_are_weights_and_sketches_nothing(name: str) -> None:
    assert METHODS[name].reads == "weight"
    game = toy_game(ToyOpen())
    keeps, logprobs = np.ones((1, SIDE**2), bool), np.zeros((1, TOKENS), np.float32)
    assert np.isnan(METHODS[name].sketch(game.players, keeps, logprobs, logprobs[0]).values).all()


@pytest.mark.parametrize("name", [name for name in NAMES if METHODS[name].scope == "selection"])
def test_a_selection_has_one_map_which_its_tokens_share(name: str) -> None:
    opened = ToyOpen()
    values = METHODS[name].run(toy_game(opened, (0, 2)), budget=12, seed=0).values
    np.testing.assert_array_equal(values[:, 0], values[:, 2])
    assert not values[:, 1].any()
    assert opened.passes <= METHODS[name].masks(SIDE**2, 12, 0)
    assert set(np.argsort(-values[:, 0])[:2]) == {0, 13}


def test_integrated_gradients_halve_what_does_not_add_up_until_it_does() -> None:
    for budget, complete in ((10, False), (27, False), (200, True)):
        opened = ToyOpen(steep=2.0)
        scores = integrated_gradients(toy_game(opened, (1,)), budget=budget, seed=0)
        start, end = (float(x) for x in opened.gradients(_line(opened), [[1]]).logprobs[:, 1])
        off = abs(float(scores.values.sum()) - (end - start)) / (end - start)
        assert (off <= 0.01) == complete
        assert ("A larger budget" in scores.says) != complete
        assert opened.passes - 2 <= budget


def _line(opened: ToyOpen) -> Line:
    players = toy_game(opened).players
    return Line(players.blank().pictures, players.hide(np.ones(SIDE**2, bool)).pictures, [0, 1], [0, 0])


def test_maps_are_pooled_by_their_sums_whatever_their_size() -> None:
    rng = np.random.default_rng(0)
    cut = pipeline.segment(np.zeros((13, 11, 3), np.uint8), "grid:2x2")
    fine = rng.random((2, 13, 11)).astype(np.float32)
    expected = [[fine[token][cut.mask(region)].sum() for token in range(2)] for region in range(4)]
    np.testing.assert_allclose(pool(fine, cut), expected, rtol=1e-5)
    whole = pipeline.segment(np.zeros((12, 12, 3), np.uint8), "grid:2x3")
    coarse = rng.random((1, 4, 4)).astype(np.float32)  # each value is of 3x3 pixels
    pixels = np.kron(coarse[0], np.ones((3, 3))) / 9
    expected = [[pixels[whole.mask(region)].sum()] for region in range(6)]
    np.testing.assert_allclose(pool(coarse, whole), expected, rtol=1e-5)


def test_a_small_map_has_the_means_of_the_pixels_under_each_cell() -> None:
    maps = np.random.default_rng(0).normal(size=(2, 192, 100)).astype(np.float32)
    small = shrink(maps)
    assert small.levels.shape == (2, 96, 50)
    means = maps.reshape(2, 96, 2, 50, 2).mean(axis=(2, 4))
    np.testing.assert_allclose(small.ends, np.abs(means).max(axis=(1, 2)), rtol=1e-6)
    np.testing.assert_allclose(small.values, means, atol=np.abs(means).max() / 127)
    weak = np.abs(means) < 0.01 * np.abs(means).max()
    assert np.abs(small.values - means)[weak].max() < 0.001 * np.abs(means).max()


def test_small_maps_are_no_larger_than_the_maps_and_together_never_too_many() -> None:
    assert shrink(np.zeros((1, 5, 7), np.float32)).levels.shape == (1, 5, 7)
    many = shrink(np.ones((500, 100, 150), np.float32))
    assert 0.8 * MOST_CELLS < many.levels.size <= MOST_CELLS
    assert (many.levels == 127).all()


@pytest.mark.parametrize("name", NAMES)
def test_every_open_method_keeps_its_map_over_the_pixels(name: str) -> None:
    scores = METHODS[name].run(toy_game(ToyOpen()), budget=None, seed=0)
    assert scores.pixels
    assert scores.pixels[0].levels.shape[1:] == (SIDE, SIDE)
    regions = np.array([scores.pixels[0].values[:, row, column] for row in range(SIDE) for column in range(SIDE)])
    of_all = scores.values if len(scores.pixels[0].levels) == TOKENS else scores.values.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(regions, of_all, atol=np.abs(of_all).max() / 127)


def test_interference_is_taken_out_by_least_squares() -> None:
    rng = np.random.default_rng(0)
    own, others, calls = rng.random(30), rng.random((4, 30)), rng.random(4)
    explained = (calls / calls.sum()) @ others
    scale = np.linalg.lstsq(explained[:, None], own, rcond=None)[0][0]
    np.testing.assert_allclose(remove_explained(own, others, calls), np.maximum(own - scale * explained, 0), atol=1e-6)
    np.testing.assert_array_equal(remove_explained(own, others[:0], calls[:0]), own)


def test_the_filter_ranks_each_neighbourhood() -> None:
    """As the paper defines it: a Gaussian over ranks, as wide as the neighbourhood's coefficient of variation."""
    values = np.random.default_rng(1).random((5, 6))
    padded = np.pad(values, 1, mode="reflect")
    expected = np.zeros_like(values)
    for row, column in np.ndindex(values.shape):
        window = np.sort(padded[row : row + 3, column : column + 3].ravel())
        kernel = np.exp(-(np.arange(-4, 5) ** 2) / (2 * (window.std() / window.mean()) ** 2))
        expected[row, column] = (window * kernel).sum() / kernel.sum()
    places = np.array([(0, *place) for place in np.ndindex(5, 6)])
    np.testing.assert_allclose(filter_ranks(values.ravel(), places), expected.ravel(), atol=1e-9)
    twice = np.concatenate([values.ravel(), values.ravel()])
    both = np.vstack([places, places + np.array([1, 0, 0])])
    np.testing.assert_allclose(filter_ranks(twice, both), np.tile(expected.ravel(), 2), atol=1e-9)


def test_a_token_activation_map_is_that_of_the_paper() -> None:
    """Five words after a 3x4 picture, of which the last two were said and one comes twice."""
    rng = np.random.default_rng(2)
    places = np.array([(0, *place) for place in np.ndindex(3, 4)])
    ids = np.array([9, 5, 7, 5, 8, 7])  # the first one comes before the picture
    picture, words = (rng.normal(size=(6, size)).astype(np.float32) for size in (12, 6))
    found = token_activation_maps(Positions(picture, words, places, ids, 1), 2)
    own = np.maximum(picture[5].astype(float), 0)  # the last word, which was said first at the third place
    others = [1, 3, 4]  # words before it after the picture, but for the one that is the same
    read = np.maximum(words[5].astype(float), 0)[[1, 3, 3]]  # two where they stand; word 4 was said at position 3
    left = remove_explained(own, np.maximum(picture[others].astype(float), 0), read)
    everything = np.append(left, np.maximum(words[5].astype(float), 0)[[1, 2, 3, 3]])
    scaled = (left - everything.min()) / (everything.max() - everything.min())
    np.testing.assert_allclose(found[1], filter_ranks(scaled, places), atol=1e-6)


def test_a_served_model_and_players_that_are_no_regions_are_refused(picture: Pixels) -> None:
    toy = ToyWorker()
    said = pipeline.ask(toy, Question((picture,), "hello"))
    cut = pipeline.segment(picture, "grid:2x2")
    with pytest.raises(AppError, match=r"^toy is served elsewhere and shows its probabilities only; choose a method"):
        explain_regions(toy, said, cut, Plan("attention-last"))

    players = pipeline.find_players(said.question, (), Plan(players=("words",)))
    with pytest.raises(AppError, match=r"^tam scores regions of pictures only, no words; choose another method"):
        pipeline.check(said.question, players, Plan("tam"))
