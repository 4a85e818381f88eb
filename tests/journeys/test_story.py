"""What happened on a call, as a person reads it: the raw form behind a sentence, and facts with their age."""

import json
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.floor import Floor, row

Open = Callable[..., Page]


def test_a_sentence_of_the_story_opens_what_the_provider_posted(open_page: Open, floor: Floor) -> None:
    page = open_page("admin")
    call = floor.call(agent=6)
    row(page, call).click()
    floor.leg(call, "customer", "set", hold=True)
    item = page.locator(".timeline li", has_text="The customer was put on hold")
    item.get_by_role("link", name="Raw").click()
    expect(item.locator("pre")).to_contain_text("participant-hold")
    floor.leg(call, "customer", "set", hold=False)
    expect(page.locator(".timeline")).to_contain_text("The customer was taken off hold")
    expect(item.locator("pre")).to_be_visible()
    item.get_by_role("link", name="Raw").click()
    expect(item.locator("pre")).to_be_hidden()


def test_the_story_is_taken_away_as_a_file(open_page: Open, floor: Floor) -> None:
    page = open_page("lead")
    call = floor.call(agent=6)
    row(page, call).click()
    expect(page.locator(".timeline")).to_contain_text("joined")
    expect(page.locator(".raw-link")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as JSON").click()
    story = json.loads(download.value.path().read_text())
    assert story["sid"] == call.sid and any("joined" in item["text"] for item in story["items"])


def test_r_asks_the_provider_and_the_facts_say_so(open_page: Open, floor: Floor) -> None:
    page = open_page("lead")
    call = floor.call(agent=6)
    row(page, call).click()
    customer = page.locator(".person", has_text="Customer")
    floor.leg(call, "customer", "set", hold=True)
    expect(customer).to_contain_text("On hold")
    page.keyboard.press("r")
    expect(customer.locator(".person-source")).to_contain_text("asked")
    expect(page.locator(".timeline")).to_contain_text("Maria Lindner asked Twilio about the call")
