"""An administrator connects an account through the pages, until all its lights are on."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from participants.sealing import new_key
from tests.journeys.floor import Floor
from tests.site import Site, running_site

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
LIGHTS = ("connected", "callback", "agent", "phone")
FORGET = (
    "import django; django.setup()\nfrom participants.models import Account\nAccount.objects.all().delete()"
)
PICTURES = os.environ.get("EARSHOT_PICTURES", "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """With people and a sandbox, and no account yet."""
    folder, keys = tmp_path_factory.mktemp("connecting"), {"EARSHOT_ENCRYPTION_KEYS": new_key()}
    with running_site(folder, time_scale=0.5, environment=keys) as site:
        site.processes.run("forget", "-c", FORGET)
        yield site


def light(page: Page, name: str, *, on: bool) -> None:
    expect(page.locator(f'[data-light="{name}"]')).to_have_attribute("data-on", "yes" if on else "no")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def fits(page: Page) -> None:
    """Nothing stands out to the side, at 390 px either."""
    wide = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert page.evaluate(
        "document.querySelector('#main').scrollWidth <= document.querySelector('#main').clientWidth"
    )
    assert wide is not None
    page.set_viewport_size(wide)


def test_an_account_is_connected_until_all_lights_are_on(open_page: Open, floor: Floor, site: Site) -> None:
    page = open_page("admin")
    page.get_by_role("link", name="Connect accounts").click()
    expect(page.locator("#main")).to_contain_text("No account is connected yet.")
    page.get_by_role("link", name="Twilio").click()
    fits(page)
    picture(page, "new")
    page.get_by_label("Account sid").fill("AC123")
    page.get_by_label("Auth token").fill("a-wrong-token")
    page.get_by_label("Caller id").fill("+12025550100")
    page.get_by_text("Another address than").click()
    page.get_by_label("Address of the API").fill(site.sandbox.url)
    page.get_by_role("button", name="Connect").click()
    expect(page.locator(".errorlist")).to_contain_text("An account sid is AC and 32 digits")
    picture(page, "mistake")
    page.get_by_label("Account sid").fill("AC00000000000000000000000000000001")
    page.get_by_label("Auth token").fill("a-wrong-token")
    page.get_by_role("button", name="Connect").click()
    for name in LIGHTS:
        light(page, name, on=False)
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#found")).to_contain_text("one of the two is wrong.")
    picture(page, "rejected")
    page.get_by_role("link", name="Change credentials").click()
    page.get_by_label("Auth token").fill("sandbox-twilio-token")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#found")).to_contain_text("Twilio answers, and knows this account: no live call.")
    light(page, "connected", on=True)  # by itself, from here on
    floor.call(agent=1)
    light(page, "callback", on=True)
    light(page, "agent", on=True)
    page.get_by_role("button", name="Ring me now").click()
    light(page, "phone", on=True)
    expect(page.locator("#snippet")).to_contain_text(f"{site.url}/callbacks/twilio/conference/#rc=3")
    expect(page.get_by_role("button", name="Copy").first).to_be_visible()
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        fits(page)
        picture(page, f"account-{theme}")
    page.get_by_role("link", name="All accounts").click()
    for name in LIGHTS:
        light(page, name, on=True)
    fits(page)
    picture(page, "list")


def test_agents_from_a_file_without_scripts(open_page: Open, site: Site) -> None:
    page = open_page("admin", java_script_enabled=False)
    page.goto(f"{site.url}/connect/agents/")
    picture(page, "agents")
    wrong = "name,team,label,addresses\nNew Person,Biling,new-1,client:new-1\n"
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": wrong.encode()})
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator("#faults")).to_contain_text(
        "Line 2, team: “Biling” is no team. The teams are: Billing"
    )
    picture(page, "faults")
    right = wrong.replace("Biling", "Billing")
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": right.encode()})
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator("#main")).to_contain_text("1 new, 0 changed, 0 as they are")
    picture(page, "preview")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".messages")).to_contain_text("Saved: 1 new, 0 changed.")
