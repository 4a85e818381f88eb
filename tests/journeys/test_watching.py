"""A supervisor watches: calls come, change and go without reloading."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.floor import Floor, row
from tests.site import Site

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_a_call_comes_and_goes(open_page: Open, floor: Floor) -> None:
    page = open_page("lead")
    call = floor.call(agent=2, joined=False)
    line = row(page, call)
    expect(line).to_contain_text("Ringing")
    floor.leg(call, "agent", "answer")
    expect(line).to_contain_text("Talking")
    floor.leg(call, "customer", "set", hold=True)
    expect(line).to_contain_text("On hold")
    floor.end(call)
    expect(line).to_have_count(0)


def test_another_team_sees_nothing(open_page: Open, floor: Floor) -> None:
    lead, billing = open_page("lead"), open_page("supervisor")
    call = floor.call(agent=9)
    expect(row(lead, call)).to_contain_text("Talking")
    expect(row(billing, call)).to_have_count(0)
    path = row(lead, call).locator("a").get_attribute("href")
    assert billing.request.get(f"{floor.site.url}{path}").status == 404


def test_hold_and_resume_by_the_panel(open_page: Open, floor: Floor) -> None:
    page = open_page("lead")
    call = floor.call(agent=3)
    row(page, call).click()
    person = page.locator(".person", has_text="Customer")
    person.get_by_role("button", name="Hold").click()
    expect(person).to_contain_text("On hold")
    expect(row(page, call)).to_contain_text("On hold")
    person.get_by_role("button", name="Resume").click()
    expect(row(page, call)).to_contain_text("Talking")
    expect(page.locator(".timeline")).to_contain_text("Maria Lindner took")


def test_the_rows_of_the_server_and_of_the_scripts_read_the_same(open_page: Open, floor: Floor) -> None:
    call = floor.call(agent=4)
    live = open_page("lead")
    expect(row(live, call)).to_contain_text("Talking")
    plain = open_page("lead", java_script_enabled=False)

    def words(page: Page) -> list[str]:
        cells = row(page, call).locator("td:not(.c-time):not(.c-call)")
        return [" ".join(text.split()) for text in cells.all_text_contents()]

    assert words(plain) == words(live)


def test_rows_stay_where_somebody_points(open_page: Open, floor: Floor) -> None:
    page = open_page("lead")
    upper = floor.call(agent=5)
    expect(row(page, upper)).to_be_visible()
    lower = floor.call(agent=6)
    row(page, lower).hover()
    before = row(page, lower).bounding_box()
    floor.end(upper)
    expect(row(page, upper)).to_contain_text("Ended")
    assert row(page, lower).bounding_box() == before
    page.mouse.move(5, 5)
    expect(row(page, upper)).to_have_count(0)


def test_a_server_that_is_killed_and_comes_back(open_page: Open, floor: Floor, site: Site) -> None:
    page = open_page("lead")
    site.kill("server")
    try:
        expect(page.locator("#live")).to_contain_text("Not live since")
        expect(page.locator("#board")).to_have_class("board dead")
        page.keyboard.press("j")
    finally:
        site.start_server()
    expect(page.locator("#live")).to_have_text("Live")
    expect(page.locator("#board")).to_have_class("board")
    call = floor.call(agent=7)
    expect(row(page, call)).to_contain_text("Talking")
