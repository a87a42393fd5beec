"""A tab holds how to get what is large, not what is large itself."""

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from mmattr_app.domain import Pixels, Question
from mmattr_app.errors import AppError
from mmattr_app.jobs import Explain, Job
from mmattr_app.pipeline import Plan, segment
from mmattr_app.ui import session as tab
from mmattr_app.ui.handlers import Handlers
from mmattr_app.ui.previews import Previews
from mmattr_app.ui.region_choices import cut, edited
from mmattr_app.ui.session import Session, picture_of
from tests.games import ToyWorker, toy_queue
from tests.tabs import told
from tests.ui.test_followers import VISITOR
from tests.ui.test_region_choices import FILLED


@pytest.fixture(autouse=True)
def _empty_caches() -> Iterator[None]:
    yield
    tab._pictures.clear()
    tab._cuts.clear()


def follow(handlers: Handlers, picture: Pixels, session: Session) -> Job:
    """Explain a picture to the end."""
    question = Question((picture,), "hello")
    job = handlers.queue.submit(Explain(question, segment(picture, "grid:2x2"), Plan("ablation"), "toy"), session.id)
    session.note_job(job, "")
    told(handlers.follow(job, session, VISITOR))
    return job


def test_a_tab_that_was_explained_something_holds_no_picture(picture: Pixels, tmp_path: Path) -> None:
    queue, session = toy_queue(ToyWorker(), tmp_path), Session()
    mine = picture.copy()
    held = weakref.ref(mine)
    handlers = Handlers(queue)
    job = follow(handlers, mine, session)
    assert session.job is job
    follow(handlers, picture, Session())  # a slot remembers the last call
    queue._jobs.clear()
    queue.store._recent.clear()
    del mine, job
    gc.collect()
    assert held() is None
    assert session.job is None
    assert session.shown[-1].view.job == session.mine[-1].job
    assert (session.shown[-1].result.answer.question.image == picture).all()


def test_a_result_that_is_kept_no_more_is_one_sentence(picture: Pixels, tmp_path: Path) -> None:
    queue, session = toy_queue(ToyWorker(), tmp_path), Session()
    job = follow(Handlers(queue), picture, session)
    queue.forget(job.id)
    with pytest.raises(AppError, match="This result is not kept any more; ask again"):
        assert session.shown[-1].view


def test_a_picture_is_read_once_for_all_tabs_and_again_when_its_file_changed(picture: Pixels, tmp_path: Path) -> None:
    file = tmp_path / "one.png"
    Image.fromarray(picture).save(file)
    first = Session().look_at({"image": str(file)})
    assert Session().look_at({"image": str(file)}) is first
    Image.fromarray(255 - picture).save(file)
    assert (picture_of(str(file))[0] == 255 - picture).all()


def test_regions_changed_by_hand_outlive_the_cache(picture: Pixels, tmp_path: Path) -> None:
    file, session = tmp_path / "one.png", Session()
    Image.fromarray(picture).save(file)
    cut(picture, replace(FILLED, image=str(file)), session)
    first = session.cuts["image"]
    changed = edited(edited(first, "split", [0]), "merge", [1, 2])
    before = [step.segmentation.fingerprint for step in (changed, edited(changed, "undo", []), first)]
    tab._cuts.clear()
    tab._pictures.clear()
    again = (changed, edited(changed, "undo", []), edited(edited(changed, "undo", []), "undo", []))
    assert [step.segmentation.fingerprint for step in again] == before


def test_a_picture_that_was_taken_away_is_shown_again_only_when_it_is_brought_again(
    picture: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, copy = tmp_path / "a.png", tmp_path / "copy.png"
    for one in (file, copy):
        Image.fromarray(picture).save(one)
    form = replace(FILLED, image=str(copy))
    values = [getattr(form, name) for name in form.__dataclass_fields__]
    values = [list(value) if isinstance(value, tuple) else value for value in values]
    previews, session = Previews(toy_queue(ToyWorker(), tmp_path)), Session()
    session.regions_on_show = str(file), "grid:16x16"
    empty, _ = previews.no_picture(session)
    assert empty["picture"] is None
    echo, *_ = previews.picture(*values, session)  # Gradio tells of it once more
    assert "state" not in echo
    monkeypatch.setattr("mmattr_app.ui.previews.REPEATED", 0)
    again, *_ = previews.picture(*values, session)
    assert again["state"] == "empty"
    assert again["picture"]
