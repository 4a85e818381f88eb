"""A supervisor has something said: to everybody, to one person, or as a cue to the agent alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.floor import Floor, is_on_no_call, press_until, row
from tests.journeys.test_access import wrong_on

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
TEXT = "A colleague will join you in a moment."


def test_everybody_hears_an_announcement_after_a_question(open_page: Open, floor: Floor) -> None:
    page, call = open_page("lead"), floor.call(agent=1)
    row(page, call).click()
    page.locator(".panel .call-commands summary").click()
    page.locator(".panel").get_by_role("button", name="Announce to everyone…").click()
    page.get_by_label("Text").fill(TEXT)
    expect(page.locator(".estimate")).to_have_text("About 3 s.")
    page.locator("#sheet").get_by_role("button", name="Announce", exact=True).click()
    question = page.locator("#confirm")
    expect(question).to_contain_text(f"Everyone hears: “{TEXT}”, about 3 s.")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    question.get_by_role("button", name="Announce").click()
    expect(page.locator("#toasts")).to_contain_text("Announcing to everyone")
    expect(page.locator(".panel .timeline")).to_contain_text(TEXT)
    is_on_no_call(page)


def test_a_cue_by_key_and_card_reaches_the_agent_alone(open_page: Open, floor: Floor) -> None:
    page, call = open_page("lead"), floor.call(agent=2)
    expect(row(page, call)).to_contain_text("Talking")
    row(page, call).focus()
    sheet = page.locator("#sheet")
    press_until(page, "c", sheet.locator(".cue-card").first)
    expect(sheet.locator(".cue-card")).to_have_count(5)
    expect(sheet).to_contain_text(f"Only {call.agent} hears this, spoken by a voice.")
    sheet.get_by_label("Or in your own words").fill("Offer 5 %")
    expect(sheet.locator(".counter")).to_have_text("111 left.")
    sheet.locator(".cue-card").first.focus()
    page.keyboard.press("2")
    expect(page.locator("#toasts")).to_contain_text(f"Cue to {call.agent}")
    row(page, call).click()
    expect(page.locator(".panel .timeline")).to_contain_text("Please speak a little slower.")


def test_a_cue_to_an_agent_on_hold_says_why_not(open_page: Open, floor: Floor) -> None:
    page, call = open_page("lead"), floor.call(agent=3)
    floor.leg(call, "agent", "set", hold=True)
    expect(row(page, call)).to_contain_text("Agent on hold")
    row(page, call).focus()
    page.keyboard.press("c")
    expect(page.locator("#toasts")).to_contain_text(f"{call.agent} is on hold")
    expect(page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sheets_break_no_rule_of_accessibility(open_page: Open, floor: Floor, theme: str) -> None:
    page, call = open_page("lead", color_scheme=theme), floor.call(agent=4)
    expect(row(page, call)).to_contain_text("Talking")
    row(page, call).focus()
    press_until(page, "c", page.locator("#sheet .cue-card").first)
    expect(page.locator("#sheet .cue-card").first).to_be_focused()
    wrong = wrong_on(page)
    page.keyboard.press("Escape")
    row(page, call).click()
    page.locator(".panel .call-commands summary").click()
    page.locator(".panel").get_by_role("button", name="Announce to everyone…").click()
    expect(page.get_by_label("Text")).to_be_focused()
    assert wrong + wrong_on(page) == []
