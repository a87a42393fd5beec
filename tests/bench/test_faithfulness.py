"""The bench of faithfulness on a folder of pictures, its intervals and its chart."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmattr_app.domain import Scores
from mmattr_app.errors import AppError
from mmattr_app.methods import METHODS
from tests.bench import faithfulness, resuming
from tests.bench.bootstrap import interval
from tests.bench.named import Folder
from tests.bench.pareto import Point, front, page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make two pictures with a prompt each, of which one has an answer, and a mask."""
    for name in ("one", "two"):
        pixels = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    (tmp_path / "prompts.tsv").write_text("one.png\tWhat?\tA red car.\n\ntwo.png\tWhat?\tA dog.\n", encoding="utf-8")
    (tmp_path / "masks" / "one").mkdir(parents=True)
    mask = np.zeros((80, 120), np.uint8)
    mask[:40] = 255
    for word in ("car", "boat"):
        Image.fromarray(mask).save(tmp_path / "masks" / "one" / f"{word}.png")
    return tmp_path


def test_real_pictures_are_measured_with_the_same_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(resuming, "FOLDER", folder / "kept")
    data = [f"--images={folder}", f"--prompts={folder / 'prompts.tsv'}", f"--masks={folder / 'masks'}"]
    faithfulness.main([*data, "--regions=grid:2x2", "--processes=1", f"--plot={folder / 'chart.html'}",
                       "--only", "ablation, 8x8", "random order"])  # fmt: skip
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("| ablation", "| random"))]
    assert len(rows) == 2, "one table: that of words with a mask"
    assert all(len(row.split(" | ")) == 11 for row in rows)
    assert "1.000 (1.000 to 1.000)" in rows[0], "the same map with another seed"
    assert "Plotly.newPlot" in (folder / "chart.html").read_text(encoding="utf-8")
    assert len(list((folder / "kept").glob("*.jsonl"))) == 2, "what is done is kept"


def test_what_is_drawn_is_surely_other_than_zero() -> None:
    values = np.array([[2.0, -2.0], [0.5, 0.5], [-1.0, -1.0]], np.float32)
    scores = Scores(values, errors=np.full((3, 2), 1.0, np.float32))
    assert faithfulness.drawn(scores, [0]).values.tolist() == [[2.0, -2.0], [0.0, 0.0], [0.0, 0.0]]
    assert not faithfulness.drawn(scores, [0, 1]).values.any(), "the span's error is 1.41, its scores 0, 1 and -2"
    assert faithfulness.drawn(Scores(values), [0]).values is values, "measured, not estimated: all of it is drawn"


def test_a_word_counts_where_the_answer_has_it_and_its_mask_fits_the_picture(folder: Path) -> None:
    source = Folder(folder, folder / "prompts.tsv", folder / "masks")
    answer, words = source.load(0, resuming.lone_worker("demo"))
    assert answer.text == "A red car."
    assert ["".join(answer.tokens[token] for token in word.tokens).strip() for word in words] == ["car"]
    assert words[0].inside is not None
    assert words[0].inside.shape == (40, 60)
    assert words[0].inside[:20].all()
    assert not words[0].inside[20:].any()
    assert source.load(1, resuming.lone_worker("demo"))[1] == []
    everything = Folder(folder, folder / "prompts.tsv").load(1, resuming.lone_worker("demo"))[1]
    assert [word.kind for word in everything] == ["answer"]


def test_a_line_without_a_prompt_is_refused(folder: Path) -> None:
    (folder / "prompts.tsv").write_text("one.png\n", encoding="utf-8")
    with pytest.raises(AppError, match=r"Line 1 of .* needs"):
        Folder(folder, folder / "prompts.tsv").lines()


def test_every_method_has_its_way() -> None:
    assert {plan.method for _, plan in faithfulness.WAYS.values()} == set(METHODS)


def test_an_interval_holds_the_true_mean_nine_times_in_ten() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(100):
        groups = [list(rng.normal(rng.normal(0, 1), 0.3, 3)) for _ in range(30)]
        mean, low, high = interval([*groups, [float("nan")]])
        held += low <= 0 <= high
        assert mean == pytest.approx(np.mean(groups))
    assert 80 <= held <= 97


def test_the_front_holds_what_nothing_is_quicker_and_better_than() -> None:
    points = [Point(name, seconds, value, 0, 1) for name, seconds, value in
              (("slow", 9, 0.9), ("best", 3, 0.9), ("quick", 1, 0.5), ("bad", 2, 0.4))]  # fmt: skip
    assert [point.name for point in front(points)] == ["quick", "best"]
    assert '"x": [1, 3]' in page("Title", points)
