"""The board on a phone: what is in doubt says so, and numbers are told apart."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.floor import Floor, row
from tests.journeys.test_access import PHONE, wrong_in_both_themes
from tests.site import Site

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture
def telnyx_down(site: Site) -> Iterator[Callable[[], None]]:
    def told(**settings: float) -> None:
        site.sandbox.post("/_sandbox/faults", {"provider": "telnyx"} | settings)

    yield lambda: told(delay_ms=24_000)
    told(delay_ms=0)


def test_a_phone_says_which_rows_are_old_and_shows_how_numbers_end(
    open_page: Open, floor: Floor, telnyx_down: Callable[[], None]
) -> None:
    page = open_page("lead", viewport=PHONE)
    fresh, old = floor.call(agent=5), floor.call(agent=6, provider="telnyx")
    for call in (fresh, old):
        expect(row(page, call)).to_contain_text("Talking")
    telnyx_down()
    floor.call(agent=7, provider="telnyx")
    mark = page.locator("#troubles .trouble")
    expect(mark).to_have_count(1)
    expect(row(page, old).locator(".c-state[data-aged$=' old']")).to_be_visible()
    expect(row(page, fresh).locator(".c-state[data-aged]")).to_have_count(0)
    box = mark.bounding_box()
    assert box and box["width"] > PHONE["width"] - 40 and box["height"] < 30
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    cells = page.locator("tr.row td.c-customer bdi")
    for cell in cells.all():
        outer = cell.locator("..").bounding_box()
        inner = cell.bounding_box()
        assert outer and inner and inner["x"] + inner["width"] <= outer["x"] + outer["width"]
    assert wrong_in_both_themes(page) == []
