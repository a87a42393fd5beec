"""A notebook that is executed, with two explorers in it."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Browser

import mmattr_app

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "assets" / "examples"
NAMES = [path.stem for path in sorted(EXAMPLES.glob("*.npz"))[:2]]
CELLS = [
    f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nimport mmattr_app",
    *(f"mmattr_app.read({str(EXAMPLES / name)!r} + '.npz', {str(EXAMPLES / name)!r} + '.png')" for name in NAMES),
]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Run the notebook, and give what its cells show."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    where = {"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}}
    NotebookClient(notebook, timeout=120, resources=where).execute()
    return [output.data["text/html"] for cell in notebook.cells for output in cell.outputs if "data" in output]


def test_two_explorers_of_one_notebook_draw_beside_each_other(shown: list[str], browser: Browser) -> None:
    assert len(shown) == 2
    tab = browser.new_page(viewport={"width": 1100, "height": 1900})  # a frame that is out of sight is not drawn
    requests: list[str] = []
    tab.on("request", lambda asked: requests.append(asked.url))
    tab.set_content("".join(shown))
    for number, name in enumerate(NAMES):
        result = mmattr_app.read(EXAMPLES / f"{name}.npz")
        frame = tab.frame_locator("iframe").nth(number)
        frame.locator(".explorer[data-state=done]").wait_for()
        assert result.answer.question.prompt in (frame.locator(".asked").text_content() or "")
        frame.locator("[data-token='0']").first.click()
        assert frame.locator(".targets > *").count() == result.segmentation.regions
    assert all(url.startswith(("data:", "blob:", "about:")) for url in requests)
    tab.close()
