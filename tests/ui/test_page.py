"""The page as a person uses it, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mmattr_app.errors import AppError
from mmattr_app.jobs import JobQueue
from tests.canvas import wait_until_painted
from tests.games import ToyWorker
from tests.ui.acting import stop

Visit = Callable[..., Page]


def choose(page: Page, picture: Path) -> None:
    """Put a picture into the well as a person would, in place of the one that is there."""
    page.locator("#image input[type=file]").set_input_files(picture)


def state(page: Page, name: str) -> None:
    page.wait_for_selector(f"#explorer [data-state={name}]")


def ask(page: Page, picture: Path, prompt: str = "What is it?") -> None:
    choose(page, picture)
    expect(page.locator("#explorer")).to_contain_text("256 regions")  # the picture has arrived
    page.locator("#prompt textarea").fill(prompt)
    page.locator("#explain").click()


def test_the_first_view_is_a_heatmap_that_can_be_clicked(visit: Visit) -> None:
    page = visit()
    page.locator("[data-token='0']").first.click()
    wait_until_painted(page)
    expect(page.locator("#explorer [data-state=done]")).to_be_visible()


def test_ones_own_picture_goes_from_upload_to_heatmap(visit: Visit, own_picture: Path) -> None:
    page = visit()
    ask(page, own_picture)
    state(page, "done")
    expect(page.locator("#explorer")).to_contain_text("What is it?")
    wait_until_painted(page)


@pytest.mark.parametrize("whose", ["own", "example"])
def test_taking_the_picture_away_leaves_an_empty_stage(visit: Visit, own_picture: Path, whose: str) -> None:
    page = visit()
    if whose == "own":
        choose(page, own_picture)
        expect(page.locator("#explorer")).to_contain_text("256 regions")
    page.locator("#image button[aria-label='Remove Image']").click()
    expect(page.locator("#explorer")).to_contain_text("Click a word")


def test_an_example_is_on_show_at_a_click(visit: Visit, own_picture: Path) -> None:
    page = visit()
    ask(page, own_picture)
    state(page, "done")
    page.locator("#examples button").first.click()
    expect(page.locator("#explorer")).to_contain_text("A yellow house")
    wait_until_painted(page)


def test_regions_show_at_once_and_say_how_many(visit: Visit, own_picture: Path) -> None:
    page = visit()
    choose(page, own_picture)
    expect(page.locator("#explorer")).to_contain_text("256 regions")


def test_tokens_can_be_clicked_while_regions_are_hidden(visit: Visit, own_picture: Path, toy: ToyWorker) -> None:
    toy.gate.clear()
    page = visit()
    ask(page, own_picture, "slow")
    state(page, "hiding")
    page.locator("[data-token='0']").first.click()
    toy.gate.set()
    state(page, "done")


def test_cancel_and_run_again_ten_times_without_a_lost_click(
    visit: Visit, own_picture: Path, toy: ToyWorker, queue: JobQueue
) -> None:
    page = visit()
    ask(page, own_picture, "again and again")
    state(page, "done")
    for turn in range(10):
        toy.gate.clear()
        page.locator("#prompt textarea").fill(f"turn {turn}")
        page.locator("#explain").click()
        state(page, "hiding")
        stop(page, "#cancel", queue, toy)
        state(page, "cancelled")
    page.locator("#explain").click()
    state(page, "done")


def test_thirty_clicks_on_explain_are_one_run(visit: Visit, own_picture: Path, toy: ToyWorker) -> None:
    page = visit()
    choose(page, own_picture)
    expect(page.locator("#explorer")).to_contain_text("256 regions")
    page.locator("#prompt textarea").fill("thirty")
    before = toy.chunks
    page.evaluate("for (let i = 0; i < 30; i++) document.querySelector('#explain').click()")
    state(page, "done")
    assert toy.chunks - before <= 66 / 2 + 1


def test_two_people_never_see_each_others_answers(visit: Visit, own_picture: Path) -> None:
    one, other = visit(), visit()
    ask(one, own_picture, "what the first one asked")
    ask(other, own_picture, "what the second one asked")
    state(one, "done")
    state(other, "done")
    expect(one.locator("#explorer")).to_contain_text("what the first one asked")
    expect(other.locator("#explorer")).to_contain_text("what the second one asked")
    expect(one.locator("#explorer")).not_to_contain_text("the second one")


def test_a_reload_comes_back_to_the_same_run(visit: Visit, own_picture: Path, toy: ToyWorker) -> None:
    toy.gate.clear()
    page = visit()
    ask(page, own_picture, "before the reload")
    state(page, "hiding")
    page.reload()
    state(page, "hiding")
    toy.gate.set()
    state(page, "done")
    expect(page.locator("#explorer")).to_contain_text("before the reload")


def test_an_old_result_is_never_shown_over_a_new_picture(visit: Visit, own_picture: Path, toy: ToyWorker) -> None:
    toy.gate.clear()
    page = visit()
    ask(page, own_picture, "about the old picture")
    state(page, "hiding")
    choose(page, own_picture)
    expect(page.locator("#explorer")).to_contain_text("256 regions")
    toy.gate.set()
    page.locator("#prompt textarea").fill("about the new picture")
    page.locator("#explain").click()
    state(page, "done")
    expect(page.locator("#explorer")).not_to_contain_text("about the old picture")


@pytest.mark.parametrize("content", [b"this is no picture", b"", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_a_bad_picture_is_one_sentence_and_the_page_lives_on(
    visit: Visit, tmp_path: Path, own_picture: Path, content: bytes
) -> None:
    page = visit()
    page.locator("#prompt textarea").fill("kept")
    (tmp_path / "bad.png").write_bytes(content)
    choose(page, tmp_path / "bad.png")
    expect(page.locator(".toast-body")).to_have_count(1)
    expect(page.locator("#image img")).to_have_count(0)  # it would show as a broken one
    state(page, "done")  # what was on show stays
    expect(page.locator("#prompt textarea")).to_have_value("kept")
    ask(page, own_picture)
    state(page, "done")


def test_a_file_that_is_too_large_is_refused_and_the_page_lives_on(
    visit: Visit, tmp_path: Path, own_picture: Path
) -> None:
    page = visit()
    (tmp_path / "large.png").write_bytes(bytes(21_000_000))
    choose(page, tmp_path / "large.png")
    expect(page.locator(".toast-body")).to_contain_text("20")
    ask(page, own_picture)
    state(page, "done")


def test_what_goes_wrong_is_told_in_words(visit: Visit, own_picture: Path, toy: ToyWorker) -> None:
    toy.error = AppError("The model is tired; let it rest.")
    page = visit()
    ask(page, own_picture)
    state(page, "failed")
    expect(page.locator("#explorer")).to_contain_text("The model is tired; let it rest.")


HOSTILE = "<img src=x onerror=\"document.title='owned'\"> ${7*7} </script><b id=owned>"


def test_hostile_text_stays_text(visit: Visit, own_picture: Path) -> None:
    page = visit()
    title = page.title()
    ask(page, own_picture, HOSTILE)
    state(page, "done")
    expect(page.locator("#explorer")).to_contain_text("${7*7}")
    expect(page.locator("#explorer")).to_contain_text("<img src=x")
    assert page.title() == title
    assert page.locator("#owned").count() == 0


def test_a_phone_needs_no_sideways_scrolling(visit: Visit, own_picture: Path) -> None:
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    ask(page, own_picture)
    state(page, "done")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("[data-token='0']").first.tap()
    wait_until_painted(page)


def test_dark_mode_is_one_click_away_and_stays(visit: Visit) -> None:
    page = visit()
    page.locator("#theme-switch").click()
    assert page.evaluate("document.body.classList.contains('dark')")
    page.reload()
    state(page, "done")
    assert page.evaluate("document.body.classList.contains('dark')")


def test_earlier_results_are_a_click_away(visit: Visit, own_picture: Path) -> None:
    page = visit()
    ask(page, own_picture, "the first question")
    state(page, "done")
    page.locator("#prompt textarea").fill("the second question")
    page.locator("#explain").click()
    expect(page.locator("#explorer")).to_contain_text("the second question")
    state(page, "done")
    page.locator("#history .title").get_by_text("the first question").click()
    expect(page.locator("#explorer")).to_contain_text("the first question")
    expect(page.locator("#prompt textarea")).to_have_value("the first question")
    expect(page.locator(".readout")).to_be_in_viewport()  # though the list is at the foot of the form
    page.reload()
    expect(page.locator("#history img")).to_have_count(1)


def test_what_was_brought_can_be_deleted_at_once(visit: Visit, own_picture: Path) -> None:
    page = visit()
    ask(page, own_picture, "to be deleted")
    state(page, "done")
    page.get_by_role("tab", name="Export").click()
    link = str(page.locator("#explorer [data-format=npz]").evaluate("link => link.href"))
    assert page.request.get(link).ok
    page.locator("#delete").click()
    page.locator("#delete").click()
    state(page, "empty")
    assert not page.request.get(link).ok


def test_a_closed_tab_leaves_its_job(visit: Visit, own_picture: Path, toy: ToyWorker, queue: JobQueue) -> None:
    toy.gate.clear()
    page = visit()
    ask(page, own_picture, "and gone")
    state(page, "hiding")
    job = next(reversed(queue.jobs()))
    page.close()
    assert any(job.followers == 1 for _ in job.follow(pause=0.05)), "only this test should follow it in the end"


def test_results_can_be_taken_home(visit: Visit, own_picture: Path, tmp_path: Path) -> None:
    page = visit()
    ask(page, own_picture)
    state(page, "done")
    page.get_by_role("tab", name="Export").click()
    for ending in ("png", "json", "npz", "html"):
        with page.expect_download() as download:
            page.locator(f"#explorer [data-format={ending}]").click()
        download.value.save_as(tmp_path / f"got.{ending}")
        assert (tmp_path / f"got.{ending}").stat().st_size > 100


def test_a_link_shows_the_result_to_whoever_has_it(
    visit: Visit, own_picture: Path, queue: JobQueue, address: str
) -> None:
    page = visit()
    ask(page, own_picture, "for a friend")
    state(page, "done")
    page.get_by_role("tab", name="Export").click()
    expect(page.locator("#explorer [data-format=link]")).to_be_visible()
    friend = visit()
    friend.goto(f"{address}?result={queue.jobs()[-1].id}")
    expect(friend.locator("#explorer")).to_contain_text("for a friend")
    friend.goto(f"{address}?result=AAAAAAAAAAAAAAAAAAAAAA")
    expect(friend.locator("#explorer")).to_contain_text("A yellow house")


def test_machines_can_ask_how_it_goes(visit: Visit, own_picture: Path, address: str) -> None:
    page = visit()
    ask(page, own_picture)
    state(page, "done")
    assert page.request.get(f"{address}health").json()["status"] == "ok"
    numbers = page.request.get(f"{address}metrics").text()
    assert "mmattr_chunk_seconds_count" in numbers
    assert 'mmattr_jobs_total{outcome="done"}' in numbers
