"""The race runs as it would on a GPU, on models small enough for a test, and every engine finds the same numbers."""

import json
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.bench import linear, speed
from tests.bench.cases import slices, spread

ENGINES = ["ours", "Captum", "plain, batches of 4", "ours, batch 1"]


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Race once, with a table on standard output and figures in a file."""
    where = tmp_path_factory.mktemp("race") / "figures.json"
    speed.main(["--scale", "tiny", "--regions", "4", "--sample", "5", "--answer", "5", "--json", str(where)])
    return json.loads(where.read_text(encoding="utf-8"))


def test_every_engine_has_a_line_for_every_number_of_regions(figures: Any) -> None:
    of_llava = [line for line in figures["lines"] if "LLaVA" in line["model"] and line["precision"] == "float32"]
    assert [(line["regions"], line["engine"]) for line in of_llava] == [(4, name) for name in ENGINES]
    assert all(line["wall"] > 0 and line["cpu"] > 0 and line["operations"] > 0 for line in of_llava)


def test_every_engine_finds_captums_numbers(figures: Any) -> None:
    exact = [line for line in figures["lines"] if line["precision"] == "float32"]
    assert {line["engine"] for line in exact} >= {*ENGINES, "Captum's loop, by hand"}
    assert max(line["difference"] for line in exact) < 1e-4
    assert min(line["ranks"] for line in exact) > 0.99


def test_our_engine_multiplies_no_more_than_captum(figures: Any) -> None:
    of_llava = [line for line in figures["lines"] if "LLaVA" in line["model"]]
    operations = {line["engine"]: line["operations"] for line in of_llava}
    assert operations["ours"] < operations["Captum"]


def test_a_sample_takes_one_region_from_each_stretch() -> None:
    assert spread(4, 7) == spread(4, 0) == [0, 1, 2, 3]
    sample = spread(400, 15)
    assert len(set(sample)) == 15
    assert sample == sorted(sample)
    assert max(later - one for one, later in pairwise(sample)) < 2 * 400 / 15 + 1


def test_turns_hold_every_region_once_and_leave_room_for_the_whole_picture() -> None:
    turns = slices(range(15), 8)
    assert [len(turn) for turn in turns] == [7, 8]
    assert list(chain(*turns)) == list(range(15))


@pytest.mark.parametrize("scale", ["250m", "2b", "8b", "31b"])
def test_the_shapes_have_the_size_that_their_names_say(scale: str) -> None:
    import torch
    from transformers import AutoModelForImageTextToText

    expected = {"250m": (0.22, 0.26), "2b": (2.0, 2.2), "8b": (8.6, 8.9), "31b": (30.5, 33.5)}[scale]
    for make in speed.SCALES[scale]:
        with torch.device("meta"):
            model = AutoModelForImageTextToText.from_config(make().config)
        assert expected[0] < sum(weights.numel() for weights in model.parameters()) / 1e9 < expected[1]


def test_the_cost_is_printed_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = tmp_path / "plots" / "cost.svg"
    linear.main(["--scale", "tiny", "--regions", "4", "9", "--lengths", "2", "4", "--tries", "1", "--plot", str(where)])
    assert "| 9 |" in capsys.readouterr().out
    assert where.read_text(encoding="utf-8").count("<polyline ") == 3
