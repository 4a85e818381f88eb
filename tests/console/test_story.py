"""The story of calls that really went so at the sandbox: what was told, found, corrected, asked and done."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from console.api_timeline import timeline
from participants import mirror
from participants.events import LegEvent, Presence, Source, Stamp
from participants.models import Callback, Conference, Participant
from participants.providers import PROVIDERS
from participants.serializers import load
from participants.services import VERBS
from tests.participants.floor import Floor, standing_floor, wait_for
from tests.sandbox.process import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def floor(
    provider: str, sandbox: Sandbox, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Floor]:
    yield from standing_floor(provider, sandbox, monkeypatch)


@pytest.fixture
def call(floor: Floor) -> Conference:
    return floor.call("told")


def story(call: Conference, *kinds: str) -> list[str]:
    """Oldest first."""
    items, _ = timeline(load([call.pk])[0], numbers=True, page_size=500)
    return [item["text"] for item in reversed(items) if not kinds or item["kind"] in kinds]


def tell(floor: Floor, event: str, leg: Participant, **said: Any) -> None:
    """A callback about a leg has come, and was stored with what it changed."""
    account, sid = floor.account, leg.conference.sid
    callback = Callback.objects.create(
        account=account,
        kind="conference",
        key=f"{event}{time.time()}",
        event=event,
        form=[["StatusCallbackEvent", event], ["From", "+442079460102"]],
        conference_sid=sid,
        call_sid=leg.call_sid,
        verdict="applied",
    )
    stamp = Stamp(source=Source.CALLBACK, occurred=time.time() + 5)
    said = {"presence": Presence.IN, **said}
    mirror.apply(
        account,
        [LegEvent(conference_sid=sid, call_sid=leg.call_sid, stamp=stamp, **said)],
        callback=callback,
    )


def ask(floor: Floor, verb: str, target: Any, **fields: Any) -> Any:
    return VERBS[verb][0](target, floor.asked(), **fields)


def test_a_call_without_callbacks_is_told_as_it_was_found(floor: Floor, call: Conference) -> None:
    assert set(story(call)) == {
        "The call has begun (seen by asking)",
        "Agent 1 is on the call (seen by asking)",
        "The customer is on the call (seen by asking)",
    }


def test_a_command_its_answer_and_its_end_are_one_story(floor: Floor, call: Conference) -> None:
    held = ask(floor, "hold", floor.leg(call, "customer"))
    floor.outcome(held, "confirmed")
    told = story(call, "command", "outcome") + story(call, "read")[3:]
    assert "Sam Whitfield asked to put the customer on hold" in told
    assert "Sam Whitfield put the customer on hold" in told
    assert any(text.startswith("The customer is on hold (") for text in told)


def test_the_agent_whom_a_supervisor_whispers_to_leaves(floor: Floor, call: Conference) -> None:
    ask(floor, "whisper", call)
    floor.confirmed("whisper")
    agent = floor.leg(call, "agent")
    floor.sandbox.post(f"/_sandbox/legs/{agent.call_sid}/hangup", {})
    floor.sweep_again(call)
    wait_for(lambda: floor.confirmed_now("listen"))
    [left] = [text for text in story(call) if text.startswith("Agent 1 has left")]
    assert re.fullmatch(
        r"Agent 1 has left \(seen by asking\)\. Sam Whitfield was muted \d+\.\d s later\."
        r" The customer did not hear Sam Whitfield\.",
        left,
    ), left
    customer = floor.leg(call, "customer")
    assert floor.audibility(call, floor.stay().call_sid or "", customer.call_sid) == []


def test_the_agent_s_leaving_is_told_by_a_callback_too(floor: Floor, call: Conference) -> None:
    ask(floor, "whisper", call)
    floor.confirmed("whisper")
    tell(floor, "participant-leave", floor.leg(call, "agent"), presence=Presence.LEFT)
    wait_for(lambda: floor.confirmed_now("listen"))
    [left] = [text for text in story(call, "callback") if text.startswith("Agent 1 left")]
    muted = r"Sam Whitfield was muted \d+\.\d s later\. The customer did not hear Sam Whitfield\."
    assert re.fullmatch(rf"Agent 1 left\. {muted}", left), left


def test_what_a_lost_callback_would_have_told_is_corrected_by_the_next_read(
    floor: Floor, call: Conference
) -> None:
    customer = floor.leg(call, "customer")
    tell(floor, "participant-hold", customer, hold=True)
    time.sleep(1.1)  # both providers' clocks count whole seconds
    Participant.objects.filter(pk=customer.pk).update(marks={})
    floor.sweep_again(call)
    reported = PROVIDERS[floor.provider].reports.mute_and_hold
    assert ("The customer was put on hold" in story(call, "callback")) is True
    assert story(call, "correction") == (
        [f"Corrected: {floor.title} says not on hold (no callback came)"] if reported else []
    )
    assert ("The customer is not on hold (seen by asking)" in story(call, "read")) is not reported
