"""The browser that tests of the page need is installed and draws."""

from playwright.sync_api import Browser


def test_a_browser_is_at_hand(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<canvas id=heatmap width=7></canvas>")
    assert page.evaluate("document.getElementById('heatmap').width") == 7
