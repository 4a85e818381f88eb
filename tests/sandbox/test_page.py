"""The other end in words, and the page that shows it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
import requests

from participants.sandbox.other_end import Call as Shown
from participants.sandbox.other_end import calls
from participants.sandbox.world import World
from tests.patience import ANSWER_S
from tests.sandbox.conftest import AGENT, CUSTOMER, Call
from tests.sandbox.process import Sandbox


class Floor:
    """Ann and a customer, and whoever comes."""

    def __init__(self, provider: str) -> None:
        self.world = World()
        self.sid = self.world.open_conference("billing-1041", now=0, provider=provider).sid
        self.customer = self.world.seat(self.sid, now=0, role="customer", from_address="+442079460102")
        self.ann = self.world.seat(self.sid, now=0, role="agent", label="agent-1")
        self.maria = self.world.seat(self.sid, now=0, to_address="client:lead", muted=True)

    def change(self, call_sid: str, **changes: object) -> None:
        self.world.update(self.sid, call_sid, now=1, **changes)

    def said(self) -> list[str]:
        (call,) = calls(self.world, 0.0)
        return [f"{ear.who} {ear.hears}" for ear in call.ears]

    def tones(self) -> list[str]:
        (call,) = calls(self.world, 0.0)
        return [ear.tone for ear in call.ears]


@pytest.fixture
def floor(provider: str) -> Floor:
    return Floor(provider)


def test_a_listening_supervisor_is_heard_by_nobody(floor: Floor) -> None:
    assert floor.said() == [
        "The customer hears: Ann.",
        "Ann hears: the customer.",
        "Maria hears: the customer, Ann. Muted: nobody hears Maria.",
    ]
    assert floor.tones() == ["plain", "plain", "plain"]


def test_a_whisper_is_in_the_agents_ear_alone(floor: Floor) -> None:
    floor.change(floor.maria.call_sid, muted=False, target=floor.ann.call_sid)
    assert floor.said()[:2] == ["The customer hears: Ann.", "Ann hears: the customer, Maria (whispering)."]
    assert floor.tones() == ["plain", "agent", "plain"]


def test_a_barge_is_in_everybodys_ear(floor: Floor) -> None:
    floor.change(floor.maria.call_sid, muted=False)
    assert floor.said()[:2] == [
        "The customer hears: Ann, Maria (to everyone).",
        "Ann hears: the customer, Maria (to everyone).",
    ]
    assert floor.tones() == ["everyone", "everyone", "plain"]


def test_somebody_on_hold_hears_music(floor: Floor) -> None:
    floor.change(floor.customer.call_sid, hold=True)
    assert floor.said()[:2] == [
        "The customer is on hold and hears music. Nobody hears them.",
        "Ann hears: nobody.",
    ]


def test_a_waiting_customer_hears_music_while_a_phone_rings() -> None:
    world = World()
    sid = world.open_conference("billing-1044", now=0).sid
    world.seat(sid, now=0, role="customer")
    world.ring(sid, now=0, role="agent", label="agent-5", to_address="client:agent-5")
    (call,) = calls(world, 0.0)
    assert (call.title, call.state) == ("Nadia Haddad", "Ringing")
    assert [f"{ear.who} {ear.hears}" for ear in call.ears] == [
        "The customer is waiting and hears music.",
        "Nadia is being called; the phone rings.",
    ]


def test_supervised_calls_come_first_and_ended_ones_not_at_all() -> None:
    world = World()
    sids = [world.open_conference(name, now=0).sid for name in ("a", "b", "c")]
    for sid in sids:
        world.seat(sid, now=0, role="customer")
        world.seat(sid, now=0, role="agent", label="agent-1")
    world.seat(sids[1], now=0, to_address="client:rosa")
    world.end(sids[2], now=1)
    shown: list[Shown] = calls(world, 0.0)
    assert [call.name for call in shown] == ["b", "a"]


class Inline(HTMLParser):
    """Scripts and styles that a strict policy would not run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)
        self.found += [name for name in names if name == "style" or name.startswith("on")]


def test_the_page_is_complete_without_scripts_and_escapes_everything(sandbox: Sandbox) -> None:
    evil = "<script>alert(1)</script>"
    Call(sandbox, friendly_name=evil, legs=[{**AGENT, "label": "x", "to": evil}, CUSTOMER])
    page = requests.get(sandbox.url, timeout=ANSWER_S)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<b>The customer hears:</b> &lt;script&gt;alert(1)&lt;/script&gt;." in page.text
    assert evil not in page.text
    inline = Inline()
    inline.feed(page.text)
    assert inline.found == []


def test_the_page_says_when_there_is_no_call(sandbox: Sandbox) -> None:
    assert "No call is going on." in requests.get(sandbox.url, timeout=ANSWER_S).text


@pytest.mark.parametrize("name", ["other_end.css", "other_end.js"])
def test_its_files_are_served(sandbox: Sandbox, name: str) -> None:
    assert requests.get(f"{sandbox.url}/static/{name}", timeout=ANSWER_S).ok
