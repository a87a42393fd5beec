"""What `explain` gives in a notebook: questions about words, maps, tables, files and the explorer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser
from transformers import AutoModelForImageTextToText, AutoModelForSeq2SeqLM, AutoProcessor, AutoTokenizer

import mmattr_app
from mmattr_app.domain import INTERVAL, Pixels
from mmattr_app.errors import AppError
from mmattr_app.explanation import Explanation
from tests.explorer.moments import CAR, MILL, RED, WIND, done, estimated, overlapping


def explained(view: Any = None) -> Explanation:
    why = (view or done()).attribution
    assert why
    return Explanation.of(why)


def test_words_are_a_word_a_phrase_a_number_or_several() -> None:
    why = explained()
    assert why.tokens("windmill") == (WIND, MILL)
    assert why.tokens("red car") == (RED, CAR)
    assert why.tokens(CAR) == (CAR,)
    assert why.tokens([CAR, RED]) == (RED, CAR)
    assert why.tokens() == tuple(range(8))
    with pytest.raises(AppError, match="The answer has no 'boat'"):
        why.tokens("boat")
    with pytest.raises(AppError, match="has the tokens 1 to 8, not 9"):
        why.tokens(8)


def test_the_top_regions_come_first_with_their_places() -> None:
    best, second, against = explained().top("red car")
    assert (best.number, best.name, best.score, best.error) == (5, "6", 2.5, None)
    assert (second.number, second.score, second.place) == (6, 1.25, "the middle")
    assert (against.number, against.score, against.place) == (10, -0.5, "the bottom")
    assert explained(estimated(0.25)).top("car")[0].error == pytest.approx(0.25 * INTERVAL)


def test_a_heatmap_has_the_score_of_each_pixel() -> None:
    why = explained()
    heat = why.heatmap("car")
    assert (heat.shape, heat.dtype) == ((96, 128), np.float32)
    np.testing.assert_array_equal(heat, why.scores.values[:, CAR][why.segmentation.atoms])


def test_where_regions_overlap_a_pixel_has_their_sum() -> None:
    heat = explained(overlapping()).heatmap("car")
    assert [heat[pixel] for pixel in ((0, 0), (30, 10), (45, 30), (50, 100))] == [1, 0, 2, 0]


def test_a_picture_is_painted_only_where_the_map_is_sure() -> None:
    unsure = explained(estimated(1.0))  # of the car's regions only the best is 1.64 errors from zero
    bare, painted = (np.asarray(unsure.picture(words)).astype(int) for words in ("and", "car"))
    changed = np.abs(painted - bare).sum(axis=2) > 0
    np.testing.assert_array_equal(changed, unsure.segmentation.mask(5))
    red, _, blue = (painted - bare)[changed].mean(axis=0)
    assert red > 0 > blue


def test_a_table_has_a_row_for_each_region_and_token() -> None:
    table = explained(estimated(0.25)).frame()
    assert len(table) == 12 * 8
    row = table[(table["player"] == 5) & (table["token"] == CAR)].iloc[0]
    assert row[["name", "kind", "text", "score", "error"]].tolist() == ["6", "picture", " car", 2.0, 0.25]
    assert row["share"] == pytest.approx(1 / 12)


@pytest.mark.parametrize(("package", "call"), [("pandas", "frame"), ("plotly", "plot"), ("captum", "to_captum")])
def test_a_package_that_is_missing_is_named(package: str, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("mmattr_app.packages.import_module", without)
    with pytest.raises(AppError, match=rf"{call}\(\) needs {package}, which is not here; install it"):
        getattr(explained(), call)()


def test_a_plot_is_a_figure_of_picture_and_map() -> None:
    figure = explained().plot("car")
    assert [trace.type for trace in figure.data] == ["image", "heatmap"]
    assert np.asarray(figure.data[1].z).max() == 2


def test_a_result_is_saved_and_read_by_name(tmp_path: Path) -> None:
    why = explained()
    why.save(tmp_path / "why.npz")
    again = mmattr_app.read(tmp_path / "why.npz", why.answer.question.image)
    assert again.top("red car") == why.top("red car")
    blind = mmattr_app.read(tmp_path / "why.npz")
    assert blind.top("red car") == why.top("red car")
    assert blind._repr_html_().startswith("<p>There is no picture to draw the map on")


def test_two_explorers_in_one_notebook_do_not_disturb_each_other(browser: Browser) -> None:
    shown = [explained()._repr_html_(), explained(estimated())._repr_html_()]
    tab = browser.new_page(viewport={"width": 1000, "height": 1900})  # a frame that is not seen does not draw
    requests: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.set_content("".join(shown))
    first, second = (tab.frame_locator("iframe").nth(place) for place in (0, 1))
    for frame in (first, second):
        frame.locator(".explorer[data-state=done]").wait_for()
    first.locator(f"[data-token='{RED}']").click()
    first.locator(f"[data-token='{RED}'][aria-selected=true]").wait_for()
    assert second.locator(f"[data-token='{RED}'][aria-selected=true]").count() == 0
    assert complaints == []
    assert [url for url in requests if not url.startswith(("data:", "blob:", "about:"))] == []
    tab.close()


def test_a_model_that_is_loaded_explains_as_its_folder_does(folder_of: Callable[[str], Path], picture: Pixels) -> None:
    folder = folder_of("llava")
    how: dict[str, Any] = {"regions": "grid:2x2", "method": "ablation", "max_tokens": 3}
    loaded = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32)
    processor = AutoProcessor.from_pretrained(folder)
    by_name = mmattr_app.explain(picture, "What is it?", model=str(folder), **how)
    by_hand = mmattr_app.explain(picture, "What is it?", model=(loaded, processor), **how)
    assert by_hand.answer.token_ids == by_name.answer.token_ids
    np.testing.assert_allclose(by_hand.scores.values, by_name.scores.values, atol=1e-5)
    with pytest.raises(AppError, match="looks at pictures; give its processor"):
        mmattr_app.explain(picture, "?", model=(loaded, AutoTokenizer.from_pretrained(folder)), **how)
    with pytest.raises(AppError, match="Give a model of transformers and its processor"):
        mmattr_app.explain(picture, "?", model=("demo", processor), **how)
    with pytest.raises(AppError, match="stays where it is"):
        mmattr_app.explain(picture, "?", model=(loaded, processor), device="cpu", **how)


def test_a_text_model_comes_with_its_tokenizer(folder_of: Callable[[str], Path]) -> None:
    folder = folder_of("t5")
    loaded, tokenizer = AutoModelForSeq2SeqLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    how: dict[str, Any] = {"method": "ablation", "max_tokens": 3}
    by_name = mmattr_app.explain(None, "What is it?", model=str(folder), **how)
    by_hand = mmattr_app.explain(None, "What is it?", model=(loaded, tokenizer), **how)
    np.testing.assert_allclose(by_hand.scores.values, by_name.scores.values, atol=1e-5)
    assert by_hand.top()[0].place == ""
    with pytest.raises(AppError, match="No region of a picture played"):
        by_hand.heatmap()
