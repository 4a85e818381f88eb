"""A supervisor dials somebody into a call: it rings, is answered, fails, and is dialled again."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.floor import Call, Floor, row
from tests.journeys.test_access import PHONE, wrong_in_both_themes, wrong_on
from tests.site import Site

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
NUMBER = "+1 202 555 0150"


@pytest.fixture
def by_hand(site: Site) -> Iterator[None]:
    """Nobody picks up by themselves."""
    site.sandbox.post("/_sandbox/answering", {"mode": "manual"})
    yield
    site.sandbox.post("/_sandbox/answering", {"mode": "auto"})


def open_form(page: Page, call: Call) -> Locator:
    row(page, call).click()
    page.locator(".panel").get_by_role("button", name="Dial somebody in…").click()
    form = page.locator("dialog .dial-form")
    expect(form).to_be_visible()
    return form


def dial(form: Locator) -> None:
    form.get_by_role("button", name="Dial", exact=True).click()
    expect(form).to_have_count(0)


@pytest.mark.parametrize("provider", ["twilio", "telnyx"])
def test_somebody_is_dialled_in_rings_and_is_on_the_call(
    open_page: Open, floor: Floor, site: Site, by_hand: None, provider: str
) -> None:
    page, call = open_page("lead"), floor.call(agent=1, provider=provider)
    form = open_form(page, call)
    form.get_by_label("Whom", exact=True).fill(NUMBER)
    dial(form)
    line = page.locator(".panel .dialled")
    expect(line).to_contain_text(re.compile("Ringing|Dialling"))
    expect(line.get_by_role("button", name="Cancel")).to_be_visible()
    site.wait_for(lambda: floor.dialled(call))
    floor.sandbox.post(f"/_sandbox/legs/{floor.dialled(call)}/answer", {})
    expect(page.locator(".panel .person", has_text="0150")).to_contain_text("On the call")
    expect(line).to_have_count(0)


def test_nobody_answers_and_it_is_dialled_again_and_cancelled(
    open_page: Open, floor: Floor, site: Site, by_hand: None
) -> None:
    page, call = open_page("lead"), floor.call(agent=2)
    form = open_form(page, call)
    form.get_by_label("Whom", exact=True).fill(NUMBER)
    form.locator("summary", has_text="Ringing and length").click()
    form.get_by_label("Ring for").fill("5")
    dial(form)
    expect(page.locator(".panel .dialled")).to_contain_text("Ringing")
    floor.sandbox.post(f"/_sandbox/legs/{floor.dialled(call)}/no-answer", {})
    failed = page.locator(".panel .dialled[data-look=failed]")
    expect(failed).to_contain_text("No answer after 5 s")
    failed.get_by_role("button", name="Dial again").click()
    again = page.locator(".panel .dialled[data-look=ring]")
    again.get_by_role("button", name="Cancel").click()
    expect(page.locator(".panel .dialled").first).to_contain_text("Cancelled")


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_dialled(open_page: Open, floor: Floor) -> None:
    page, call = open_page("lead"), floor.call(agent=3)
    form = open_form(page, call)
    form.get_by_role("button", name="Dial", exact=True).click()
    expect(form.locator("[data-field=to] .errorlist")).to_have_text(
        re.compile("Write a number or an address")
    )
    expect(form.get_by_label("Whom", exact=True)).to_be_focused()
    form.get_by_label("Whom", exact=True).fill("+882 16 5550 0001")
    form.locator("summary", has_text="Ringing and length").click()
    form.get_by_label("Ring for").fill("9999")
    form.get_by_role("button", name="Dial", exact=True).click()
    expect(form.locator(".errorlist:visible")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    assert floor.dialled(call) == ""


def test_an_agent_is_found_by_name_and_dialled(open_page: Open, floor: Floor) -> None:
    page, call = open_page("lead"), floor.call(agent=4)
    form = open_form(page, call)
    lines = form.locator(".book-list li:visible")
    assert lines.count() > 20
    form.get_by_label("Whom", exact=True).fill("ben")
    expect(lines).to_have_count(1)
    lines.click()
    expect(form.get_by_label("Whom", exact=True)).to_have_value("Ben Archer")
    dial(form)
    expect(page.locator(".panel .person", has_text="Ben Archer")).to_contain_text("On the call")


def test_dialling_without_scripts(open_page: Open, floor: Floor, site: Site) -> None:
    page, call = open_page("lead", java_script_enabled=False), floor.call(agent=5)
    site.wait_for(lambda: page.reload() and row(page, call).count())
    page.goto(site.url + str(row(page, call).locator("a").get_attribute("href")))
    page.get_by_role("link", name="Dial somebody in…").click()
    page.get_by_label("Whom", exact=True).fill("nobody at all")
    page.get_by_role("button", name="Dial", exact=True).click()
    expect(page.locator("[data-field=to] .errorlist")).to_contain_text("Must be")
    page.get_by_label("Whom", exact=True).fill("+15005550010")
    page.get_by_role("button", name="Dial", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("Dialling +15005550010")
    site.wait_for(lambda: page.reload() and "Busy" in page.inner_text(".dials"), within_s=15)
    expect(page.locator(".dialled").get_by_role("button", name="Dial again")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_form_breaks_no_rule_of_accessibility_and_fits_a_phone(
    open_page: Open, floor: Floor, site: Site, theme: str
) -> None:
    page, call = open_page("lead", color_scheme=theme), floor.call(agent=6)
    form = open_form(page, call)
    for summary in form.locator(".group > summary").all():
        summary.click()
    wrong = wrong_on(page)
    path = row(page, call).locator("a").get_attribute("href")
    page.set_viewport_size(PHONE)
    page.goto(f"{site.url}{path}dial/")
    wrong += wrong_on(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert wrong == []


def test_a_machine_that_picks_up_is_said_to_be_one(open_page: Open, floor: Floor) -> None:
    page, call = open_page("lead"), floor.call(agent=7)
    form = open_form(page, call)
    form.get_by_label("Whom", exact=True).fill("+15005550013")
    form.get_by_label("Answering machine", exact=True).select_option("Enable")
    dial(form)
    person = page.locator(".panel .person", has_text="15005550013")
    expect(person).to_contain_text("Answered by a machine")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_call_begins_from_the_board_with_the_other_providers_fields(
    open_page: Open, site: Site, scripts: bool
) -> None:
    page, name = open_page("lead", java_script_enabled=scripts), f"case {4711 + scripts}"
    page.get_by_role("link", name="New call…").click()
    page.get_by_label("Name of the call").fill(name)
    page.get_by_label("Whom", exact=True).fill(NUMBER)
    page.get_by_label("Account", exact=True).select_option("twilio")
    page.get_by_role("button", name="Choose").click()
    expect(page.get_by_text("Twilio dials, for account twilio.")).to_be_visible()
    expect(page.get_by_label("Whom", exact=True)).to_have_value(NUMBER)
    page.get_by_label("Name of the call").press("Enter")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("New call")
    expect(page.locator(".person, .dialled", has_text="0150").first).to_be_visible()
    assert name in [each["friendly_name"] for each in site.sandbox.get("/_sandbox/conferences")]


def test_the_page_for_a_new_call_breaks_no_rule_of_accessibility_and_fits_a_phone(
    open_page: Open, site: Site
) -> None:
    page = open_page("lead")
    page.set_viewport_size(PHONE)
    for path in ("/", "/dial/"):
        page.goto(site.url + path)
        wrong = wrong_in_both_themes(page)
        assert wrong == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
