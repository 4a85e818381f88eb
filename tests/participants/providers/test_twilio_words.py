"""Twilio's words in ours: what each recorded callback means, and what it does not say."""

from types import SimpleNamespace
from typing import Any

import pytest

from participants.events import CallEvent, ConferenceEvent, LegEvent, Presence, Source, Stream
from participants.providers import Forged, Malformed, Parsed
from participants.providers.twilio import Twilio
from tests.participants.wire import recording, recordings

SID = "AC00000000000000000000000000000001"
ROOM, AGENT, COACH = "CF" + "1" * 32, "CA" + "2" * 32, "CA" + "3" * 32
AT = 1795256102.0  # Sat, 21 Nov 2026 10:15:02 +0000


def parse(event: str, **changes: str) -> Parsed:
    account = SimpleNamespace(
        key="twilio", sid=SID, api_url="", caller_id="", application_sid="", public_key=""
    )
    recorded = recording("twilio", event)
    return Twilio(account, "token").parse(recorded["kind"], list((recorded["form"] | changes).items()))


def said(event: str, **changes: str) -> Any:
    (only,) = parse(event, **changes).events
    return only


FLAGS = {
    "muted": False,
    "hold": False,
    "coaching": False,
    "start_conference_on_enter": True,
    "end_conference_on_exit": False,
}
RECORDING = {
    "sid": "RE" + "4" * 32,
    "conference_sid": ROOM,
    "call_sid": None,
    "channels": 1,
    "source": "Conference",
}
MEANINGS: dict[str, dict[str, Any]] = {
    "participant-join": {**FLAGS, "presence": Presence.IN, "call_status": None, "label": "agent-17"},
    "participant-mute": {**FLAGS, "presence": Presence.IN, "muted": True},
    "participant-unmute": {**FLAGS, "presence": Presence.IN},
    "participant-hold": {**FLAGS, "presence": Presence.IN, "hold": True},
    "participant-unhold": {**FLAGS, "presence": Presence.IN},
    "participant-modify": {
        **FLAGS,
        "presence": Presence.IN,
        "muted": True,
        "coaching": True,
        "start_conference_on_enter": False,
        "target": None,
        "target_unsaid": True,
    },
    "participant-leave": {
        "presence": Presence.LEFT,
        "call_status": "completed",
        "left_reason": "participant_hung_up",
    },
    "participant-leave-moved": {
        "presence": Presence.LEFT,
        "call_status": None,
        "left_reason": "participant_updated_via_api",
    },
    "participant-leave-never-answered": {
        "presence": Presence.LEFT,
        "call_status": "no-answer",
        "left_reason": "participant_add_failed",
        "muted": None,
        "label": None,
    },
    "conference-start": {"status": "in-progress", "friendly_name": "floor-7-call-991", "reason_ended": None},
    "conference-end": {
        "status": "completed",
        "reason_ended": "participant-with-end-conference-on-exit-left",
    },
    "call-initiated": {"call_status": "initiated", "direction": "outbound", "to": "client:lead"},
    "call-ringing": {"call_status": "ringing"},
    "call-in-progress": {"call_status": "in-progress"},
    "call-completed": {"call_status": "completed"},
    "call-busy": {"call_status": "busy"},
    "call-inbound": {"direction": "inbound", "from_": "+442079460102", "to": "+12025550100"},
    "amd-machine": {"call_sid": AGENT, "answered_by": "machine_start", "call_status": None},
    "amd-human": {"call_sid": AGENT, "answered_by": "human"},
    "recording-in-progress": {
        **RECORDING,
        "status": "in-progress",
        "seconds": None,
        "started": AT + 4,
    },
    "recording-completed": {**RECORDING, "status": "completed", "seconds": 396, "started": AT + 4},
    "recording-of-a-leg": {
        "sid": "RE" + "5" * 32,
        "conference_sid": None,
        "call_sid": AGENT,
        "status": "in-progress",
        "channels": 2,
        "source": "OutboundAPI",
    },
}
NO_WORD_YET = {"participant-speech-start", "announcement-end", "announcement-fail"}


@pytest.mark.parametrize("event", MEANINGS)
def test_a_recorded_callback_means(event: str) -> None:
    meant = said(event)
    assert {name: getattr(meant, name) for name in MEANINGS[event]} == MEANINGS[event]


def test_every_recording_has_a_meaning_or_none() -> None:
    assert set(recordings("twilio")) == MEANINGS.keys() | NO_WORD_YET


@pytest.mark.parametrize("event", sorted(NO_WORD_YET))
def test_what_we_have_no_word_for_is_no_event_and_still_known(event: str) -> None:
    parsed = parse(event)
    assert parsed.events == []
    assert (parsed.event, parsed.conference_sid, parsed.call_sid) == (event, ROOM, AGENT)


@pytest.mark.parametrize(
    "event, kind, stream, number",
    [
        ("participant-join", LegEvent, Stream.CONFERENCE, 2),
        ("conference-start", ConferenceEvent, Stream.CONFERENCE, 3),
        ("call-initiated", CallEvent, Stream.CALL, 0),
    ],
)
def test_each_stream_counts_for_itself(event: str, kind: type, stream: Stream, number: int) -> None:
    meant = said(event)
    assert isinstance(meant, kind)
    assert (meant.stamp.source, meant.stamp.stream, meant.stamp.number) == (Source.CALLBACK, stream, number)
    assert meant.stamp.began is None


def test_when_it_happened_is_on_the_provider_s_clock() -> None:
    assert parse("participant-join").occurred == AT
    assert said("participant-join").stamp.occurred == AT
    assert parse("participant-join", Timestamp="Sat, 21 Nov 2026 10:15:02 GMT").occurred == AT
    assert parse("participant-join", Timestamp="").occurred is None


@pytest.mark.parametrize(
    "event, flag, value",
    [
        ("participant-mute", "muted", True),
        ("participant-unmute", "muted", False),
        ("participant-hold", "hold", True),
        ("participant-unhold", "hold", False),
    ],
)
def test_the_event_itself_says_what_a_missing_flag_does_not(event: str, flag: str, value: bool) -> None:
    meant = said(event, Muted="", Hold="")
    assert getattr(meant, flag) is value
    assert {"muted", "hold"} - {flag} == {name for name in ("muted", "hold") if getattr(meant, name) is None}


def test_a_modified_leg_that_coaches_nobody_has_no_target_to_ask_for() -> None:
    meant = said("participant-modify", Coaching="false")
    assert (meant.coaching, meant.target, meant.target_unsaid) == (False, None, False)


def test_a_target_that_is_said_is_taken() -> None:
    meant = said("participant-modify", CallSidToCoach=AGENT)
    assert (meant.target, meant.target_unsaid) == (AGENT, False)


def test_other_events_of_a_coach_leave_the_target_as_it_is() -> None:
    meant = said("participant-unmute", Coaching="true")
    assert (meant.coaching, meant.target_unsaid) == (True, False)


@pytest.mark.parametrize(
    "status, meant",
    [
        ("no-answer", "no-answer"),
        ("busy", "busy"),
        ("failed", "failed"),
        ("canceled", "canceled"),
        ("completed", "completed"),
        ("in-progress", None),
        ("teleported", None),
    ],
)
def test_a_leave_ends_a_call_only_with_a_word_for_the_end(status: str, meant: str | None) -> None:
    assert said("participant-leave", ParticipantCallStatus=status).call_status == meant


@pytest.mark.parametrize(
    "word, meant",
    [("inbound", "inbound"), ("outbound-api", "outbound"), ("outbound-dial", "outbound"), ("trunking", None)],
)
def test_directions(word: str, meant: str | None) -> None:
    assert said("call-ringing", Direction=word).direction == meant


@pytest.mark.parametrize(
    "address",
    [
        "+442079460102",
        "442079460102",
        "client:agent-1",
        "sip:ann@example.com:5060;transport=tls",
        "anonymous",
        "1001",
    ],
)
def test_addresses_come_in_many_shapes(address: str) -> None:
    assert said("call-ringing", From=address).from_ == address


def test_a_key_tells_every_numbered_callback_from_every_other() -> None:
    numbered = [event for event in recordings("twilio") if not event.startswith(("amd", "recording"))]
    keys = [parse(event).key for event in numbered]
    keys += [
        parse("participant-join", SequenceNumber="3").key,
        parse("participant-join", CallSid=COACH).key,
        parse("participant-join", ConferenceSid="CF" + "9" * 32).key,
    ]
    assert len(set(keys)) == len(keys)
    assert parse("participant-join", FriendlyName="another", Timestamp="").key in keys, "only what names it"
    assert parse("participant-join", SequenceNumber="").key == ""


def test_a_malformed_one_says_about_whom_it_is_where_that_is_readable() -> None:
    with pytest.raises(Malformed, match="Hold is not what this parameter can hold") as malformed:
        parse("participant-join", Hold="maybe")
    assert (malformed.value.conference_sid, malformed.value.call_sid) == (ROOM, AGENT)
    with pytest.raises(Malformed) as malformed:
        parse("participant-join", ConferenceSid="my room")
    assert (malformed.value.conference_sid, malformed.value.call_sid) == ("", AGENT)


def test_another_account_s_is_forged_even_where_it_is_malformed_too() -> None:
    with pytest.raises(Forged, match="AccountSid names another account"):
        parse("participant-join", AccountSid="AC" + "9" * 32, Hold="maybe")
