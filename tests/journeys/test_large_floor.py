"""Five thousand calls on one board, and frames that come in a wrong order: a socket of the test's own."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.site import Site

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
AT = "2026-11-21T12:00:00.000Z"
CALLS = 5_000


def conference(number: int, *, version: int = 1, state: str = "talking") -> dict[str, Any]:
    person = {
        "call_sid": f"CA{number}",
        "agent": None,
        "status": "connected",
        "muted": False,
        "hold": False,
        "hold_since": None,
        "joined_at": AT,
        "left_at": None,
        "blocked": {},
    }
    return {
        "id": f"call-{number:05}",
        "account": "twilio",
        "provider": "twilio",
        "sid": f"CF{number}",
        "friendly_name": f"call-{number:05}",
        "status": "in-progress",
        "state": state,
        "state_since": AT,
        "team": None,
        "started_at": f"2026-11-21T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000Z",
        "ended_at": None,
        "recording": None,
        "version": version,
        "verified_at": AT,
        "stale": False,
        "blocked": {},
        "supervisions": [],
        "participants": [
            person
            | {"id": f"a{number}", "role": "agent", "name": f"Agent {number}", "address": f"client:{number}"},
            person | {"id": f"c{number}", "role": "customer", "name": None, "address": "+44 ••• •• 02"},
        ],
    }


class Feed:
    """The server's side of the socket, in the hands of the test."""

    def __init__(self, page: Page, site: Site, snapshot: list[dict[str, Any]]) -> None:
        self.sockets: list[WebSocketRoute] = []
        self.snapshot, self.seq = snapshot, 0
        page.route_web_socket("**/ws/board/", self._opened)
        page.goto(site.url)
        expect(page.locator("#live")).to_have_text("Live")

    def _opened(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        self.seq = 0
        timing = {"heartbeat_s": 5, "not_live_s": 600, "stale_s": 75, "hold_key_s": 0.7, "command_s": 2.5}
        self.send("snapshot", epoch="e", at=AT, timing=timing, conferences=self.snapshot)

    def send(self, kind: str, *, skip: int = 0, **content: Any) -> None:
        self.seq += 1 + skip
        self.sockets[-1].send(json.dumps({"type": kind, "seq": self.seq} | content))


def test_five_thousand_calls_are_a_screenful_of_rows(open_page: Open, site: Site) -> None:
    page = open_page("admin")
    feed = Feed(page, site, [conference(number) for number in range(CALLS)])
    rows, grid = page.locator("tr.row"), page.locator("table.grid")
    expect(grid).to_have_attribute("aria-rowcount", str(CALLS + 1))
    assert rows.count() < 100
    rows.first.focus()
    page.keyboard.press("End")
    expect(page.locator("tr.row:focus")).to_contain_text(f"Agent {CALLS - 1}")
    page.keyboard.press("Home")
    expect(page.locator("tr.row:focus")).to_contain_text("Agent 0")
    feed.send("changes", conferences=[conference(1, version=2, state="held")], gone=["call-00002"])
    expect(rows.nth(1)).to_contain_text("On hold")
    expect(rows.nth(2)).to_contain_text("Agent 3")
    page.locator("#q").fill("agent 4321")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Agent 4321")


def test_an_older_version_never_replaces_a_newer_one(open_page: Open, site: Site) -> None:
    page = open_page("admin")
    feed = Feed(page, site, [conference(1, version=7, state="held")])
    feed.send("changes", conferences=[conference(1, version=6, state="talking")], gone=[])
    feed.send("changes", conferences=[conference(2)], gone=[])
    expect(page.locator("tr.row")).to_have_count(2)
    expect(page.locator("tr.row").first).to_contain_text("On hold")


def test_a_missing_frame_makes_the_page_ask_for_everything_again(open_page: Open, site: Site) -> None:
    page = open_page("admin")
    feed = Feed(page, site, [conference(1)])
    feed.snapshot = [conference(1), conference(2)]
    feed.send("changes", skip=1, conferences=[conference(3)], gone=[])
    expect(page.locator("tr.row")).to_have_count(2)
    assert len(feed.sockets) == 2
