"""Everybody can use it: axe on every page in both themes, at 390 px, and by the keyboard alone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.floor import Floor, is_on_no_call, listen, row
from tests.site import Site

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
PHONE = {"width": 390, "height": 844}
ZOOMED = {"width": 720, "height": 450}  # 1440 x 900 at 200 %
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def wrong_on(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{page.url}: {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def wrong_in_both_themes(page: Page) -> list[str]:
    """The page as it stands, by day and by night; without the movement from one to the other."""
    wrong = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        wrong += [f"{theme}: {one}" for one in wrong_on(page)]
    return wrong


def test_no_page_breaks_a_rule_of_accessibility(open_page: Open, floor: Floor, site: Site) -> None:
    page, call = open_page("lead"), floor.call(agent=8)
    listen(page, call)
    row(page, call).click()
    expect(page.locator(".matrix")).to_be_visible()
    wrong = wrong_in_both_themes(page)
    page.keyboard.press("?")
    wrong += wrong_in_both_themes(page)
    path = row(page, call).locator("a").get_attribute("href")
    for address in (path, "/me/", "/logout/"):
        page.goto(f"{site.url}{address}")
        wrong += wrong_in_both_themes(page)
    page.set_viewport_size(PHONE)
    for address in ("/", path):
        page.goto(f"{site.url}{address}")
        wrong += wrong_in_both_themes(page)
    assert wrong == []


def test_nobody_is_kept_out_at_the_door(browser: object, site: Site) -> None:
    page = browser.new_page()  # type: ignore[attr-defined]
    wrong = []
    for address in ("/login/", "/nothing/"):
        page.goto(f"{site.url}{address}")
        wrong += wrong_in_both_themes(page)
    page.close()
    assert wrong == []


def test_who_sees_nothing_is_told_so(open_page: Open, site: Site) -> None:
    page = open_page("agent", java_script_enabled=False)
    expect(page.locator("main")).to_contain_text("No calls are shared with you")


@pytest.mark.parametrize(("size", "agent"), [(PHONE, 9), (ZOOMED, 13)], ids=["phone", "zoomed"])
def test_nothing_is_cut_off_on_a_small_screen(
    open_page: Open, floor: Floor, size: dict[str, int], agent: int
) -> None:
    page, call = open_page("lead"), floor.call(agent=agent)
    listen(page, call)
    page.set_viewport_size(size)
    for name in ("Listen", "Whisper", "Barge", "Leave"):
        box = page.locator("#strip").get_by_text(name, exact=True).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        assert box["y"] + box["height"] <= size["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.keyboard.press("Escape")
    is_on_no_call(page)


def test_keys_do_nothing_where_somebody_types(open_page: Open, floor: Floor) -> None:
    page, call = open_page("lead"), floor.call(agent=10)
    row(page, call).focus()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("lwm")
    expect(page.locator("#q")).to_have_value("lwm")
    is_on_no_call(page)
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_have_value("")
    row(page, call).focus()
    page.keyboard.press("Control+l")
    page.keyboard.press("Shift+W")
    page.keyboard.press("b")
    expect(page.locator("#toasts")).to_contain_text("Listen to this call first.")
    is_on_no_call(page)


def test_who_switched_keys_off_has_arrows_and_buttons_still(
    open_page: Open, floor: Floor, site: Site
) -> None:
    page, call = open_page("rosa"), floor.call(agent=11)
    page.goto(f"{site.url}/me/")
    page.get_by_label("Single keys act").uncheck()
    page.get_by_role("button", name="Save").click()
    page.goto(site.url)
    expect(page.locator("#live")).to_have_text("Live")
    row(page, call).focus()
    page.keyboard.press("l")
    page.keyboard.press("Enter")
    expect(page.locator(".panel .call-name")).to_have_text(call.agent)
    is_on_no_call(page)
    page.goto(f"{site.url}/me/")
    page.get_by_label("Single keys act").check()
    page.get_by_role("button", name="Save").click()
