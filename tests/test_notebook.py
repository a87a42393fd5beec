"""The notebook facade: one call, the same words as the command line."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import mmattr_app
from mmattr_app.domain import Pixels


def test_one_call_explains_a_picture(folder_of: Callable[[str], Path], picture: Pixels, tmp_path: Path) -> None:
    model = str(folder_of("smolvlm"))
    Image.fromarray(picture).save(tmp_path / "a.png")
    runs = [
        mmattr_app.explain(source, "What is it?", model=model, regions="grid:2x2", max_tokens=3)
        for source in (picture, Image.fromarray(picture), tmp_path / "a.png", str(tmp_path / "a.png"))
    ]
    for run in runs:
        np.testing.assert_array_equal(np.asarray(run.scores), runs[0].scores.values)
    first = runs[0]
    assert first.answer.text == "".join(first.answer.tokens)
    assert first.scores.values.shape == (first.segmentation.regions, len(first.answer.tokens))
    np.testing.assert_allclose(first.reliance, first.logprob_full - first.logprob_blank)


def test_a_list_of_pictures_is_one_question(folder_of: Callable[[str], Path], picture: Pixels) -> None:
    how = {"model": str(folder_of("smolvlm")), "regions": "grid:1x2", "max_tokens": 2, "method": "ablation"}
    result: Any = mmattr_app.explain([picture, picture[::-1]], "What is it?", **how)
    assert result.scores.values.shape == (4, len(result.answer.tokens))
    assert result.players.kinds() == ["picture 1"] * 2 + ["picture 2"] * 2


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, mmattr_app; assert not {'torch', 'numpy', 'transformers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
