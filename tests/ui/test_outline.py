"""The wiring of the page, as a snapshot: a change of the page shows in review."""

from pathlib import Path

from mmattr_app.jobs import JobQueue, Store
from mmattr_app.ui.examples import load_examples
from mmattr_app.ui.page import build
from tests.ui.outline import outline

SNAPSHOT = Path(__file__).with_name("outline.txt")


def test_the_page_is_wired_as_before(tmp_path: Path) -> None:
    """When the change is meant, `make outline` writes the new one."""
    assert outline(build(JobQueue.on([], Store(tmp_path)), load_examples())) == SNAPSHOT.read_text()
