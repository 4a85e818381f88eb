"""A supervisor listens, whispers, barges, steps back and leaves; the other end says who hears them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.floor import OPEN, Floor, hold_key, listen, row, strip_says
from tests.site import Site

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
HOLD_S = 0.9
BETWEEN_ESCAPES_MS = 450


def test_listen_whisper_barge_step_back_and_leave(open_page: Open, floor: Floor) -> None:
    page, call = open_page("lead"), floor.call(agent=1)
    listen(page, call)
    assert floor.supervisor_is_heard_by(call) == set()
    page.keyboard.press("w")
    strip_says(page, f"Only {call.agent} hears you", ground="amber")
    assert floor.supervisor_is_heard_by(call) == {"agent"}
    hold_key(page, "b", HOLD_S)
    strip_says(page, "Everyone hears you", ground="red")
    assert floor.supervisor_is_heard_by(call) == {"agent", "customer"}
    page.keyboard.press("Escape")
    strip_says(page, "Nobody hears you", ground="grey")
    assert floor.supervisor_is_heard_by(call) == set()
    page.wait_for_timeout(BETWEEN_ESCAPES_MS)
    page.keyboard.press("Escape")
    strip_says(page, "You are not on a call", ground="plain")


def test_a_newcomer_whispers_and_sees_it_from_the_other_end(
    open_page: Open, floor: Floor, site: Site
) -> None:
    page, call = open_page("supervisor"), floor.call(agent=2)
    row(page, call).hover()
    row(page, call).get_by_role("button", name="Listen").click()
    strip_says(page, "Nobody hears you", ground="grey")
    page.locator("#strip").get_by_role("radio", name="Whisper").click()
    strip_says(page, f"Only {call.agent} hears you", ground="amber")
    expect(page.locator(".strip-chips")).to_contain_text("does not")
    other_end = page.context.new_page()
    other_end.goto(site.sandbox.url)
    expect(other_end.locator("body")).to_contain_text("Joost hears: the customer, Sam (whispering).")
    expect(other_end.locator("body")).to_contain_text("The customer hears: Joost.")
    assert floor.supervisor_is_heard_by(call) == {"agent"}
    page.locator("#strip").get_by_role("radio", name="Barge").click()
    expect(page.locator(".strip-headline")).to_have_text("Speak to everyone?")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    assert not floor.customer_heard_a_supervisor(call)
    page.get_by_role("button", name="Speak to everyone").click()
    strip_says(page, "Everyone hears you", ground="red")
    page.locator("#strip").get_by_role("radio", name="Listen").click()
    strip_says(page, "Nobody hears you", ground="grey")
    page.locator("#strip").get_by_role("button", name="Leave").click()
    strip_says(page, "You are not on a call", ground="plain")


def test_the_agent_drops_in_the_middle_of_a_whisper(open_page: Open, floor: Floor) -> None:
    page, call = open_page("lead"), floor.call(agent=3)
    listen(page, call)
    page.keyboard.press("w")
    strip_says(page, f"Only {call.agent} hears you", ground="amber")
    floor.leg(call, "agent", "hangup")
    strip_says(page, "Nobody hears you", ground="grey")
    expect(page.locator(".strip-subline")).to_contain_text(f"{call.agent} left the call.")
    assert not floor.customer_heard_a_supervisor(call)


def test_a_worker_that_is_killed_while_silencing(open_page: Open, floor: Floor, site: Site) -> None:
    page, call = open_page("lead"), floor.call(agent=4)
    listen(page, call)
    hold_key(page, "b", HOLD_S)
    strip_says(page, "Everyone hears you", ground="red")
    try:
        page.keyboard.press("m")
        site.kill("worker")
        # On a slow machine the leg may be taken off instead: silent either way, and the strip says so.
        expect(page.locator("#strip")).to_have_attribute("data-ground", re.compile("grey|plain"))
        assert floor.supervisor_is_heard_by(call) == set()
    finally:
        site.start_worker()


def test_a_lost_connection_never_says_that_one_is_silent(open_page: Open, floor: Floor, site: Site) -> None:
    page, call = open_page("lead"), floor.call(agent=5)
    listen(page, call)
    page.keyboard.press("w")
    strip_says(page, f"Only {call.agent} hears you", ground="amber")
    site.kill("server")
    try:
        strip = page.locator("#strip")
        expect(strip.locator(".strip-headline")).to_have_text(OPEN)
        expect(strip).to_have_attribute("data-ground", "amber")
        expect(strip).to_have_attribute("data-striped", "true")
        expect(strip.locator(".strip-subline")).to_contain_text("Not live since")
        expect(strip.get_by_role("button", name="Leave")).to_be_enabled()
    finally:
        site.start_server()
    expect(page.locator("#live")).to_have_text("Live")
    page.keyboard.press("Escape")


def test_listening_never_shows_red(open_page: Open, floor: Floor) -> None:
    page, call = open_page("rosa"), floor.call(agent=6)
    page.evaluate(
        """() => { window.seen = []; const strip = document.getElementById('strip');
        new MutationObserver(() => window.seen.push(strip.dataset.ground))
            .observe(strip, {attributes: true, attributeFilter: ['data-ground']}); }"""
    )
    listen(page, call)
    assert "red" not in page.evaluate("window.seen")
    page.keyboard.press("Escape")


def follow(control: Locator) -> None:
    """Clicks, and waits for the page that comes."""
    with control.page.expect_navigation():
        control.click()


def test_every_step_without_scripts(open_page: Open, floor: Floor, site: Site) -> None:
    page, call = open_page("supervisor", java_script_enabled=False), floor.call(agent=7)
    line = row(page, call)
    site.wait_for(lambda: page.reload() and line.count())
    follow(line.locator("a"))
    head = page.locator(".call-commands")
    follow(head.get_by_role("button", name="Listen"))
    site.wait_for(lambda: page.reload() and "Nobody hears you" in page.inner_text("#strip"), within_s=15)
    follow(head.get_by_role("button", name="Barge"))
    expect(page.locator(".confirm-page")).to_contain_text(re.compile("hear you"))
    follow(page.locator(".confirm-page").get_by_role("button", name="Barge"))
    site.wait_for(lambda: page.reload() and "Everyone hears you" in page.inner_text("#strip"), within_s=15)
    assert floor.supervisor_is_heard_by(call) == {"agent", "customer"}
    follow(page.locator(".strip-leave button"))
    site.wait_for(lambda: floor.supervisor_is_heard_by(call) == set())
    follow(page.locator(".person", has_text="Customer").get_by_role("button", name="Hold"))
    expect(page.locator(".messages")).to_contain_text("Hold")
    page.locator(".call-head summary").click()
    follow(page.get_by_role("button", name="End call for everyone"))
    expect(page.locator(".confirm-page")).to_contain_text("End this call?")
    follow(page.get_by_role("button", name="End call for everyone"))
    site.wait_for(lambda: page.reload() and "Ended" in page.inner_text(".call-head"), within_s=15)
    floor.calls.remove(call)
