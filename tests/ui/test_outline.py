"""The wiring of the page, as a snapshot: a change of the page shows in review."""

from pathlib import Path

from mmattr_app.jobs import Desk
from mmattr_app.pipeline import open_worker
from mmattr_app.ui.downloads import Downloads
from mmattr_app.ui.examples import load_examples
from mmattr_app.ui.outline import outline
from mmattr_app.ui.page import build

SNAPSHOT = Path(__file__).with_name("outline.txt")


def test_the_page_is_wired_as_before() -> None:
    """When the change is meant, `make outline` writes the new one."""
    assert outline(build(Desk(open_worker), load_examples(), Downloads())) == SNAPSHOT.read_text()
