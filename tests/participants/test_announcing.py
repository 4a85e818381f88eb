"""Announcements and cues over real HTTP: what the provider is asked, what it fetches, what becomes of it."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from participants import access, library, pools
from participants.access import Denial
from participants.ledger import append_outcome
from participants.models import Asset, Intervention, Outcome, Participant
from participants.services import announcing, command
from participants.services.abandoned import settle
from participants.services.command import is_open, state_of
from participants.timing import TIMING
from tests.participants.floor import Floor
from tests.participants.tones import mp3, wav
from tests.patience import wait_for

State = Outcome.State


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: LazySettings) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def announced(floor: Floor) -> list[dict[str, Any]]:
    return [row for row in floor.requests() if "AnnounceUrl" in row["params"]]


def denied(code: str, ask: Any, *, field: str = "") -> Denial:
    with pytest.raises(Denial) as denial:
        ask()
    assert denial.value.code == code, denial.value
    if field:
        assert list(denial.value.fields or {}) == [field], denial.value.fields
    return denial.value


def test_everybody_hears_a_text(floor: Floor) -> None:
    conference = floor.call("room")
    made = announcing.announce(conference, floor.asked(), text="The line closes at six.")
    assert state_of(made) == State.ACCEPTED
    [asked] = announced(floor)
    assert asked["place"] == ("Conferences", conference.sid)
    assert asked["params"]["AnnounceMethod"] == "POST"
    assert "six" not in asked["params"]["AnnounceUrl"]
    assert made.parameters["text"] == "The line closes at six."


@pytest.mark.parametrize("role", ["agent", "customer"])
def test_one_person_hears_a_text(floor: Floor, role: str) -> None:
    leg = floor.leg(floor.call("one"), role)
    announcing.announce(leg, floor.asked(), text="One moment, please.")
    [asked] = announced(floor)
    assert asked["place"][-1] == leg.call_sid
    assert set(asked["params"]) == {"AnnounceUrl", "AnnounceMethod"}


def test_a_sound_of_the_library_is_played(floor: Floor) -> None:
    asset = library.add("Closing", wav(seconds=3))
    made = announcing.announce(floor.call("sound"), floor.asked(), asset=str(asset.pk))
    assert made.parameters == {"asset": str(asset.pk), "name": "Closing", "seconds": 3.0}
    assert announced(floor)[0]["params"]["AnnounceMethod"] == "GET"


def fetch(floor: Floor, client: Client) -> None:
    """As the provider comes for what it was told last."""
    asked = announced(floor)[-1]["params"]
    path = "/documents/" + asked["AnnounceUrl"].partition("/documents/")[2]
    send = client.get if asked["AnnounceMethod"] == "GET" else client.post
    assert send(path).status_code == 200


def test_where_nobody_tells_its_end_the_providers_coming_for_it_is_the_last_we_know(
    floor: Floor, client: Client
) -> None:
    """Here no provider tells: this call has sent no callback at all."""
    made = announcing.announce(floor.call("untold"), floor.asked(), text="Hello")
    assert is_open(made) and state_of(made) == State.ACCEPTED
    fetch(floor, client)
    fetch(floor, client)
    assert [(row.state, row.detail) for row in made.outcomes.all()] == [
        (State.REQUESTED, ""),
        (State.ACCEPTED, ""),
        (State.ACCEPTED, Outcome.NOT_REPORTED),
    ]
    assert not is_open(made) and settle() == 0


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = timezone.now()
    monkeypatch.setattr(command.timezone, "now", lambda: now + timedelta(seconds=seconds))


def test_what_nobody_came_for_was_not_played(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    made = announcing.announce(floor.call("lonely"), floor.asked(), text="Hello")
    later(monkeypatch, TIMING.fetched + 1)
    assert settle() == 1
    newest = made.outcomes.order_by("-position")[0]
    assert (newest.state, newest.detail) == (State.FAILED, "not_fetched")


def test_an_end_that_nobody_told_is_not_waited_for_for_ever(
    floor: Floor, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    conference = floor.call("silent")
    type(conference).objects.update(callbacks_seen_at=timezone.now())
    conference.refresh_from_db()
    made = announcing.announce(conference, floor.asked(), text="Hello")
    fetch(floor, client)
    assert is_open(made) is (floor.provider == "twilio")
    later(monkeypatch, 1 + TIMING.announcement_grace + TIMING.request + TIMING.fact_deadline)
    settle()
    newest = made.outcomes.order_by("-position")[0]
    assert (newest.state, newest.detail) == (State.ACCEPTED, Outcome.NOT_REPORTED)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "text"),
    ({"text": "Hello", "asset": "x"}, "text"),
    ({"text": "Hello", "stop": True}, "text"),
    ({"text": " "}, "text"),
    ({"text": "x" * 1001}, "text"),
    ({"text": "a bell: \x07"}, "text"),
    ({"text": "half a sign: \ud83d"}, "text"),
    ({"text": "not a sign: \uffff"}, "text"),
    ({"text": "Hello", "voice": "robot"}, "voice"),
    ({"text": "Hello", "voice": 'alice"/><Hangup/>'}, "voice"),
    ({"text": "Hello", "language": "tlh"}, "language"),
    ({"text": "Hello", "voice": "man", "language": "sv-SE"}, "language"),
    ({"text": "Hello", "voice": "Polly.Amy", "language": "en-GB"}, "language"),
    ({"asset": "no id"}, "asset"),
    ({"asset": "00000000-0000-4000-8000-000000000009"}, "asset"),
    ({"stop": True, "voice": "man"}, "voice"),
]


def test_what_cannot_be_said_is_refused_before_anybody_is_asked(floor: Floor) -> None:
    conference = floor.call("wrong")
    for given, field in WRONG:
        ask = partial(announcing.announce, conference, floor.asked(), **given)
        assert denied("invalid", ask, field=field).status == 400, given
    assert not announced(floor) and not Intervention.objects.filter(verb="announce").exists()


def test_music_is_no_announcement(floor: Floor) -> None:
    music = library.add("Waltz", mp3(frames=60), kind=Asset.Kind.MUSIC)
    conference = floor.call("music")
    ask = partial(announcing.announce, conference, floor.asked(), asset=str(music.pk))
    denied("invalid", ask, field="asset")


def test_a_held_phone_hears_no_announcement_and_the_provider_is_not_asked(floor: Floor) -> None:
    conference = floor.call("held")
    leg = floor.leg(conference, "customer")
    floor.sandbox.post(f"/_sandbox/legs/{leg.call_sid}/set", {"hold": True})
    floor.sweep_again(conference)
    leg.refresh_from_db()
    denied("held_no_announce", lambda: announcing.announce(leg, floor.asked(), text="Hello"))
    assert not announced(floor)
    refused = Intervention.objects.get(verb="announce")
    assert state_of(refused) == State.REFUSED


def test_a_supervisors_line_is_no_place_for_announcements(floor: Floor) -> None:
    conference = floor.call("own")
    Participant.objects.filter(conference=conference, role="customer").update(role="supervisor")
    leg = floor.leg(conference, "supervisor")
    denied("use_modes", lambda: announcing.announce(leg, floor.asked(), text="Hello"))
    denied("use_modes", lambda: announcing.cue(leg, floor.asked(), text="Hello"))
    assert not announced(floor)


def test_before_somebody_picks_up_nothing_is_announced(floor: Floor) -> None:
    conference = floor.call("early", floor.agent_leg())
    denied("not_started", lambda: announcing.announce(conference, floor.asked(), text="Hello"))


def test_a_newer_announcement_takes_the_place_of_the_one_under_way(floor: Floor) -> None:
    conference = floor.call("twice")
    first = announcing.announce(conference, floor.asked(), text="The first, which is long. " * 30)
    other = announcing.announce(floor.leg(conference, "agent"), floor.asked(), text="For you alone")
    second = announcing.announce(conference, floor.asked(), text="The second")
    newest = first.outcomes.order_by("-position")[0]
    assert (newest.state, newest.detail) == (State.FAILED, "replaced")
    assert state_of(other) == state_of(second) == State.ACCEPTED
    stop = announcing.announce(conference, floor.asked(), stop=True)
    assert state_of(stop) == State.ACCEPTED
    assert state_of(second) == State.FAILED


def test_a_repetition_with_the_same_key_announces_once(floor: Floor, client: Client) -> None:
    conference = floor.call("key")
    asked = floor.asked(key="k", fingerprint="f")
    made = announcing.announce(conference, asked, text="Hello")
    denied("in_progress", lambda: announcing.announce(conference, asked, text="Hello"))
    fetch(floor, client)
    assert announcing.announce(conference, asked, text="Hello").pk == made.pk
    assert len(announced(floor)) == 1


def test_an_end_that_is_told_before_the_answer_is_read_stays_the_end(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(intervention: Intervention) -> None:
        append_outcome(intervention, State.CONFIRMED)

    monkeypatch.setattr(announcing, "_replace", told)
    made = announcing.announce(floor.call("fast"), floor.asked(), text="Hello")
    wait_for(pools.idle)
    assert [row.state for row in made.outcomes.all()] == [State.REQUESTED, State.CONFIRMED]


def test_what_the_provider_refuses_or_loses_is_said(floor: Floor) -> None:
    conference = floor.call("lost")
    for effect, state in (("refuse", State.REFUSED), ("500", State.UNKNOWN), ("close", State.UNKNOWN)):
        floor.fault(operation="conference.update", effect=effect)
        made = announcing.announce(conference, floor.asked(), text="Hello")
        assert state_of(made) == state, effect
    assert len(announced(floor)) == 3  # and none of them again


# --- cues -------------------------------------------------------------------------------------------------
def test_a_cue_goes_to_the_agent_alone(floor: Floor) -> None:
    conference = floor.call("cue")
    agent = floor.leg(conference, "agent")
    made = announcing.cue(agent, floor.asked(), text="Ask for the order number.")
    assert state_of(made) == State.ACCEPTED and made.parameters["text"] == "Ask for the order number."
    [asked] = announced(floor)
    assert asked["place"] == ("Conferences", conference.sid, "Participants", agent.call_sid)


def test_a_cue_is_short(floor: Floor) -> None:
    agent = floor.leg(floor.call("short"), "agent")
    for text in ("", "  ", "x" * 121, "\x00"):
        denied("invalid", partial(announcing.cue, agent, floor.asked(), text=text), field="text")


def test_every_card_fits(floor: Floor) -> None:
    assert len(announcing.CARDS) == 5
    agent = floor.leg(floor.call("cards"), "agent")
    for text in announcing.CARDS.values():
        assert state_of(announcing.cue(agent, floor.asked(), text=text)) == State.ACCEPTED


def test_nobody_but_who_is_certainly_the_agent_and_on_the_call_gets_a_cue(floor: Floor) -> None:
    conference = floor.call("permutations")
    agent = floor.leg(conference, "agent")
    for facts in permutations():
        Participant.objects.filter(pk=agent.pk).update(**facts)
        leg = Participant.objects.select_related("conference__account").get(pk=agent.pk)
        code = access.may(floor.user, "cue", leg).code
        if facts in ALLOWED:
            assert code is None, facts
        else:
            assert code in {"gone", "use_modes", "agent_unknown", "agent_ringing", "agent_on_hold"}, facts
    with pytest.raises(Denial):
        announcing.cue(leg, floor.asked(), text="Hello")
    assert not announced(floor)


ALLOWED = [
    {"role": "agent", "certainty": certainty, "status": "connected", "hold": hold}
    for certainty in ("certain", "person")
    for hold in (False, None)
]


def permutations() -> list[dict[str, Any]]:
    """Every kind of person there is; the last of them may not."""
    return [
        {"role": role, "certainty": certainty, "status": status, "hold": hold}
        for role in ("agent", "other", "supervisor", None, "customer")
        for certainty in ("certain", "probable", "person", None)
        for status in ("connected", "queued", "ringing", "complete", "failed")
        for hold in (True, False, None)
    ]


def test_an_agent_who_left_between_the_look_and_the_request_takes_nothing_with_them(floor: Floor) -> None:
    """The request names the agent's own call: it can end up nowhere else."""
    conference = floor.call("left", floor.agent_leg(), floor.customer_leg(), floor.customer_leg())
    agent = floor.leg(conference, "agent")
    floor.sandbox.post(f"/_sandbox/legs/{agent.call_sid}/hangup")
    made = announcing.cue(agent, floor.asked(), text="Hello")
    newest = made.outcomes.order_by("-position")[0]
    assert (newest.state, newest.detail) == (State.FAILED, "gone")
    assert {row["place"][-1] for row in announced(floor)} == {agent.call_sid}


def test_who_is_no_longer_the_agent_when_it_is_sent_hears_nothing(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = floor.leg(floor.call("changed"), "agent")
    opened = announcing.open_for

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        Participant.objects.filter(pk=agent.pk).update(role="customer")
        return opened(*args, **kwargs)

    monkeypatch.setattr(announcing, "open_for", meanwhile)
    made = announcing.cue(agent, floor.asked(), text="He sounds drunk, be brief")
    assert state_of(made) == State.FAILED
    assert not announced(floor)
