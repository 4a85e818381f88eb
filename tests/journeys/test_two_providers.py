"""Calls of two providers on one board: they work alike, and when one is late or down only its own say so."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.floor import Floor, hold_key, is_on_no_call, listen, row, strip_says
from tests.journeys.test_access import PHONE, wrong_in_both_themes
from tests.site import Site

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
LATE_MS = 12_000 / 0.5  # of the sandbox's clock, which runs at the site's half
CHECKED = re.compile(r"^(checked \d+ s ago|not checked yet)$")


@pytest.fixture
def faults(site: Site) -> Iterator[Callable[..., None]]:
    """Sets standing faults of Telnyx's; they are cleared at the end."""
    told: set[str] = set()

    def set_(**settings: float) -> None:
        told.update(settings)
        site.sandbox.post("/_sandbox/faults", {"provider": "telnyx"} | settings)

    yield set_
    site.sandbox.post("/_sandbox/faults", {"provider": "telnyx"} | dict.fromkeys(told))


def marks(page: Page) -> Locator:
    return page.locator("#troubles .trouble")


def mark_of(page: Page, account: str) -> Locator:
    return page.locator(f"#troubles .trouble[data-account={account}]")


def test_each_row_and_each_call_names_its_provider(open_page: Open, floor: Floor) -> None:
    calls = {
        "TW": floor.call(agent=1),
        "TX": floor.call(agent=2, provider="telnyx"),
    }
    page, plain = open_page("lead"), open_page("lead", java_script_enabled=False)
    for (short, call), title in zip(calls.items(), ("Twilio", "Telnyx"), strict=True):
        for each in (page, plain):
            mark = row(each, call).locator(".provider")
            expect(mark).to_have_text(f"{short}{title}")
            expect(mark).to_have_attribute("title", title)
            expect(row(each, call).locator(".checked")).to_be_empty()
        row(page, call).click()
        expect(page.locator(".panel .call-title .provider")).to_have_attribute("title", title)
        page.locator(".panel .call-details summary").click()
        expect(page.locator(".panel .detail-account")).to_have_text(f"{title} · {title.lower()}")
        page.goto(page.url)
    expect(marks(page)).to_have_count(0)


def test_a_call_of_the_other_provider_is_heard_the_same(open_page: Open, floor: Floor) -> None:
    page, call = open_page("lead"), floor.call(agent=3, provider="telnyx")
    listen(page, call)
    expect(page.locator(".strip-subline")).to_contain_text("Confirmed by Telnyx")
    assert floor.supervisor_is_heard_by(call) == set()
    page.keyboard.press("w")
    strip_says(page, f"Only {call.agent} hears you", ground="amber")
    assert floor.supervisor_is_heard_by(call) == {"agent"}
    hold_key(page, "b", 0.9)
    strip_says(page, "Everyone hears you", ground="red")
    assert floor.supervisor_is_heard_by(call) == {"agent", "customer"}
    page.keyboard.press("m")
    strip_says(page, "Nobody hears you", ground="grey")
    assert floor.supervisor_is_heard_by(call) == set()
    row(page, call).click()
    person = page.locator(".person", has_text="Customer")
    person.get_by_role("button", name="Hold").click()
    expect(row(page, call)).to_contain_text("On hold")
    page.locator("#strip").get_by_role("button", name="Leave").click()
    is_on_no_call(page)


def test_a_phone_that_rings_is_said_to_ring_only_when_the_provider_says_so(
    open_page: Open, floor: Floor
) -> None:
    page, call = open_page("lead"), floor.call(agent=4, joined=False, provider="telnyx")
    row(page, call).click()
    person = page.locator(".panel .person", has_text=call.agent)
    expect(person).to_contain_text(re.compile("Ringing|Dialling"))
    floor.leg(call, "agent", "answer")
    expect(person).to_contain_text("On the call")


def test_late_callbacks_of_one_provider_are_said_of_its_calls_alone(
    open_page: Open, floor: Floor, faults: Callable[..., None]
) -> None:
    page = open_page("lead")
    twilio, telnyx = floor.call(agent=5), floor.call(agent=6, provider="telnyx")
    for call in (twilio, telnyx):
        expect(row(page, call)).to_contain_text("Talking")
    faults(delay_ms=LATE_MS)
    extra = floor.call(agent=7, provider="telnyx")
    expect(mark_of(page, "telnyx")).to_have_text(re.compile(r"^▲ Telnyx delayed 1[1-4] s$"))
    expect(marks(page)).to_have_count(1)
    for call in (telnyx, extra):
        expect(row(page, call).locator(".checked")).to_have_text(CHECKED)
    expect(row(page, twilio).locator(".checked")).to_be_empty()
    plain = open_page("lead", java_script_enabled=False)
    expect(mark_of(plain, "telnyx")).to_contain_text("Telnyx delayed 1")
    expect(row(plain, telnyx).locator(".checked")).to_have_text(CHECKED)
    assert wrong_in_both_themes(page) == []
    row(page, telnyx).click()
    page.set_viewport_size(PHONE)
    expect(mark_of(page, "telnyx")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    faults(delay_ms=0)
    floor.leg(telnyx, "agent", "hangup")
    expect(marks(page)).to_have_count(0)
    expect(row(page, extra).locator(".checked")).to_be_empty()


def test_a_provider_that_does_not_answer_is_named_with_the_time_of_ones_own_zone(
    open_page: Open, floor: Floor, faults: Callable[..., None], site: Site
) -> None:
    page = open_page("lead", timezone_id="Asia/Kathmandu")
    twilio, telnyx = floor.call(agent=8), floor.call(agent=1, provider="telnyx")
    expect(row(page, telnyx)).to_contain_text("Talking")
    faults(api_timeout_rate=1.0)
    mark = mark_of(page, "telnyx")
    expect(mark).to_have_text(re.compile(r"^▲ Telnyx does not answer since \d\d:\d\d$"))
    clock = page.evaluate("new Date().toLocaleTimeString('en-GB', {hour: '2-digit'})")
    expect(mark).to_contain_text(re.compile(f"since ({clock}|{int(clock) - 1:02}):"))
    expect(row(page, telnyx).locator(".checked")).to_have_text(CHECKED)
    expect(row(page, twilio).locator(".checked")).to_be_empty()
    expect(row(page, telnyx).get_by_role("button", name="Listen")).to_have_attribute(
        "title", re.compile("Telnyx does not answer since")
    )
    listen(page, twilio)
    page.keyboard.press("Escape")
    is_on_no_call(page)
    faults(api_timeout_rate=0)
    expect(marks(page)).to_have_count(0)
