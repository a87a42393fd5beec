"""A class in a real browser: learners join, guess and send; the teacher sees it, hides it and ends it."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mmattr_app.classroom import Classes
from mmattr_app.jobs import JobQueue
from mmattr_app.ui.class_mode import class_parts
from mmattr_app.ui.examples import Example
from mmattr_app.ui.page import build, launch

NewPage: TypeAlias = Callable[..., Page]
MARKUP = "<img src=x onerror=alert(1)>"[:20]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def classes() -> Classes:
    return Classes()


@pytest.fixture(scope="module")
def school(queue: JobQueue, example: Example, classes: Classes) -> Iterator[str]:
    """Serve the page with classes."""
    page = build(queue, [example])
    parts = class_parts(classes, [example], queue.store, "http://192.0.2.1")
    yield launch(page, queue, port=None, prevent_thread_lock=True, quiet=True, **parts)[1].rstrip("/")
    page.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Open pages of different people; none may write errors into its console."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def another(**options: Any) -> Page:
        settings: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, **options}
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        return page

    yield another
    for context in contexts:
        context.close()
    assert troubles == []


def join(page: Page, school: str, code: str, nickname: str) -> None:
    page.goto(f"{school}/class?code={code}")
    page.get_by_label("nickname").fill(nickname)
    page.get_by_label("nickname").press("Enter")
    page.wait_for_selector("#class-bar")
    page.wait_for_selector("#explorer [data-state=done]")


def test_a_class_from_the_code_to_its_end(school: str, classes: Classes, new_page: NewPage) -> None:
    one = classes.open()
    teacher, mia, tom = new_page(), new_page(**PHONE), new_page()
    teacher.goto(f"{school}/teacher#key={one.key}")
    expect(teacher.locator("#class-code")).to_have_text(one.code)
    expect(teacher.locator("#qr svg")).to_be_visible()
    join(mia, school, one.code, "Mia")
    join(tom, school, one.code, MARKUP)
    expect(teacher.locator("#learners tr")).to_have_count(3)
    expect(teacher.locator("#learners th", has_text=MARKUP)).to_be_visible()

    tom.get_by_role("button", name="Predict first").click()
    tom.locator("#explorer [data-token]").first.click()
    tom.locator("#explorer [data-region='11']").click()
    tom.get_by_role("button", name="Show me").click()
    expect(teacher.locator("#guesses figure")).to_contain_text("1 guessed")
    expect(teacher.locator("#guesses img")).to_have_count(2)
    tom.evaluate("document.dispatchEvent(new CustomEvent('mmattr-step', { detail: { step: 1 } }))")
    expect(teacher.locator("#learners .done")).to_have_count(1)

    mia.locator("#explorer .tabs").evaluate("node => node.scrollIntoView()")
    expect(mia.get_by_role("button", name="Send to the class")).to_be_in_viewport(ratio=1)
    mia.get_by_role("button", name="Send to the class").tap()
    expect(mia.locator("#class-bar")).to_contain_text("Sent.")
    sent = teacher.locator("#gallery figure")
    expect(sent).to_contain_text("Mia asked “A yellow house”")
    sent.get_by_role("button", name="Hide").click()
    expect(sent).to_contain_text("Hidden")
    expect(sent).not_to_contain_text("Mia")
    teacher.locator("#learners button").nth(1).click()
    expect(teacher.locator("#learners")).to_contain_text("learner 2")

    teacher.locator("#end").click()
    teacher.locator("#end").click()
    expect(teacher.locator("#says")).to_contain_text("The class is over")
    mia.get_by_role("button", name="Send to the class").tap()
    expect(mia.locator("#class-bar")).to_contain_text("This class is over")


def test_a_wrong_code_and_a_wrong_key_get_one_sentence(school: str, new_page: NewPage) -> None:
    page = new_page(**PHONE)
    page.goto(f"{school}/class?code=AAAAA")
    page.get_by_label("nickname").fill("Tom")
    page.get_by_role("button", name="Join").tap()
    expect(page.locator("#says")).to_contain_text("ask your teacher for the code")
    page.goto(f"{school}/teacher#key=wrong")
    expect(page.locator("#says")).to_contain_text("not a teacher's key")
    expect(page.locator("main")).to_be_hidden()


def test_where_storage_is_refused_nobody_joins_and_a_sentence_says_why(
    school: str, classes: Classes, new_page: NewPage
) -> None:
    one, page = classes.open(), new_page()
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused'); }})")
    page.goto(f"{school}/class?code={one.code}")
    page.get_by_label("nickname").fill("Mia")
    page.get_by_label("nickname").press("Enter")
    expect(page.locator("#says")).to_contain_text("allow cookies here and join again")
    assert not one.learners
    page.goto(school)
    page.wait_for_selector("#explorer [data-state=done]")


def test_a_gallery_of_two_hundred_results_is_shown(
    school: str, classes: Classes, example: Example, new_page: NewPage
) -> None:
    one = classes.open()
    for number in range(4):
        one.join(f"learner {number}")
        for _ in range(50):
            one.gallery.add(number + 1, example.attribution, [0])
    teacher = new_page()
    teacher.goto(f"{school}/teacher#key={one.key}")
    expect(teacher.locator("#gallery figure")).to_have_count(200)
    expect(teacher.locator("#gallery figure").first).to_contain_text("learner 3")


def test_whoever_is_in_no_class_sees_no_bar(school: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(school)
    page.wait_for_selector("#explorer [data-state=done]")
    expect(page.locator("#class-bar")).to_have_count(0)
