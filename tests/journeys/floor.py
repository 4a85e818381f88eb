"""Calls in the sandbox, as the journeys tell of them, and the strip as they read it."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from playwright.sync_api import Locator, Page, expect

from participants.sandbox.scenes import AGENTS
from tests.site import Site

_numbers = count(1)
OPEN = "Checking: treat your line as open"


@dataclass
class Call:
    """A conference in the sandbox. `legs` are call sids by name."""

    sid: str
    agent: str
    legs: dict[str, str] = field(default_factory=dict)


class Floor:
    def __init__(self, site: Site) -> None:
        self.site, self.sandbox = site, site.sandbox
        self.calls: list[Call] = []

    def call(
        self, *, agent: int, joined: bool = True, provider: str = "twilio", record: bool = False
    ) -> Call:
        """A customer and an agent: 1 to 8 are Billing's, 9 to 14 Returns'."""
        number = next(_numbers)
        legs = [
            {
                "from": f"+4420794607{number:02}",
                "to": "+12025550100",
                "direction": "inbound",
                "role": "customer",
            },
            {
                "from": "+12025550100",
                "to": f"client:agent-{agent}",
                "direction": "outbound",
                "role": "agent",
                "label": f"agent-{agent}",
                "joined": joined,
            },
        ]
        answer = self.sandbox.post(
            "/_sandbox/conferences",
            {
                "provider": provider,
                "friendly_name": f"journey-{number}",
                "record": record,
                "legs": legs,
            },
        )
        sids = [leg["call_sid"] for leg in answer["legs"]]
        self.calls.append(Call(answer["sid"], AGENTS[agent][0], {"customer": sids[0], "agent": sids[1]}))
        return self.calls[-1]

    def dialled(self, call: Call) -> str:
        """The call sid of the newest leg that the scene did not make; empty while there is none."""
        state = self.sandbox.get(f"/_sandbox/conferences/{call.sid}")
        others = [leg for leg in state["legs"] if leg["call_sid"] not in call.legs.values()]
        return str(others[-1]["call_sid"]) if others else ""

    def end(self, call: Call) -> None:
        self.calls.remove(call)
        self.sandbox.post(f"/_sandbox/conferences/{call.sid}/end")

    def leg(self, call: Call, who: str, action: str, **body: Any) -> None:
        self.sandbox.post(f"/_sandbox/legs/{call.legs[who]}/{action}", body)

    def supervisor_is_heard_by(self, call: Call) -> set[str]:
        """Who hears the leg that is neither the agent's nor the customer's, at the other end."""
        state = self.sandbox.get(f"/_sandbox/conferences/{call.sid}")
        names = {sid: who for who, sid in call.legs.items()}
        own = {leg["call_sid"] for leg in state["legs"]} - set(names)
        return {
            names[listener]
            for listener, heard in state["hears"].items()
            if listener in names and own & set(heard)
        }

    def customer_heard_a_supervisor(self, call: Call) -> bool:
        """Ever, in the whole story of the call."""
        intervals = self.sandbox.get(f"/_sandbox/audibility/{call.sid}")
        known = set(call.legs.values())
        return any(
            one["listener"] == call.legs["customer"] and one["speaker"] not in known for one in intervals
        )


def row(page: Page, call: Call) -> Locator:
    """The row of the call: by its agent's name, which each journey uses once."""
    return page.locator("tr.row", has_text=call.agent)


def strip_says(page: Page, headline: str, *, ground: str) -> None:
    """The strip at rest: these words on this ground, without stripes."""
    strip = page.locator("#strip")
    expect(strip.locator(".strip-headline")).to_have_text(headline)
    expect(strip).to_have_attribute("data-striped", "false")
    expect(strip).to_have_attribute("data-ground", ground)


def is_on_no_call(page: Page) -> None:
    expect(page.locator("#strip").get_by_role("button", name="Leave")).to_have_count(0)


def listen(page: Page, call: Call) -> None:
    button = row(page, call).get_by_role("button", name="Listen")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    row(page, call).focus()
    page.keyboard.press("l")
    strip_says(page, "Nobody hears you", ground="grey")


def press_until(page: Page, key: str, seen: Locator) -> None:
    """As a person does who was faster than the page: presses again until what the key opens is there."""
    for _ in range(20):
        page.keyboard.press(key)
        try:
            return expect(seen).to_be_visible(timeout=3000)
        except AssertionError:
            continue
    expect(seen).to_be_visible()


def hold_key(page: Page, key: str, seconds: float) -> None:
    page.keyboard.down(key)
    page.wait_for_timeout(seconds * 1000)
    page.keyboard.up(key)
