"""The wiring of the page, as a snapshot: a change of the page shows in review."""

from pathlib import Path

from mmattr_app.jobs import Desk
from mmattr_app.ui.downloads import Downloads
from mmattr_app.ui.examples import Example
from mmattr_app.ui.outline import outline
from mmattr_app.ui.page import build
from tests.games import ToyWorker

SNAPSHOT = Path(__file__).with_name("outline.txt")


def test_the_page_is_wired_as_before(example: Example) -> None:
    """When the change is meant, write the new outline: `make outline`."""
    page = build(Desk(lambda _: ToyWorker()), [example], Downloads())
    assert outline(page) == SNAPSHOT.read_text()
