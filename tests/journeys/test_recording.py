"""What is recorded is marked, paused, stopped and heard; what a provider cannot do says so."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.floor import Floor, row

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_a_recorded_call_is_marked_and_its_recording_paused_and_stopped(
    open_page: Open, floor: Floor
) -> None:
    page, call = open_page("lead"), floor.call(agent=5, record=True)
    mark = row(page, call).locator(".rec")
    expect(mark).to_have_text("Recording")
    row(page, call).click()
    line = page.locator(".panel .recorded")
    line.get_by_role("button", name="Pause").click()
    expect(mark).to_have_text("Recording paused")
    line.get_by_role("button", name="Go on").click()
    expect(mark).to_have_text("Recording")
    line.get_by_role("button", name="Stop").click()
    question = page.locator("#confirm")
    expect(question).to_contain_text("Earshot cannot start it again on this call.")
    question.get_by_role("button", name="Stop").click()
    expect(mark).to_be_empty()
    expect(line.locator(".recorded-state")).to_have_text(re.compile("Stopped|Being prepared|Recorded"))


def test_a_recording_that_the_provider_cannot_pause_says_so(open_page: Open, floor: Floor) -> None:
    page, call = open_page("lead"), floor.call(agent=6, provider="telnyx", record=True)
    row(page, call).click()
    pause = page.locator(".panel .recorded").get_by_role("button", name="Pause")
    expect(pause).to_have_attribute("aria-disabled", "true")
    expect(pause).to_have_attribute("title", "Telnyx cannot pause a recording of the whole call.")
