"""Telnyx's words in ours: what each recorded callback means, and what it does not say."""

from typing import Any

import pytest

from participants.events import CallEvent, ConferenceEvent, LegEvent, Presence, Source, Stream
from participants.providers import Forged, Malformed, Parsed
from tests.participants.providers.apis import APIS
from tests.participants.wire import recording, recordings

ROOM = "6b9d2a4e-0000-4000-8000-00000000c001"
AGENT = "v3:InventedLegIdOfAgent17-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
AT = 1795256102.0  # 2026-11-21T10:15:02Z


def parse(event: str, **changes: str) -> Parsed:
    recorded = recording("telnyx", event)
    parsed: Parsed = APIS["telnyx"].at("").parse(recorded["kind"], list((recorded["form"] | changes).items()))
    return parsed


def said(event: str, **changes: str) -> Any:
    (only,) = parse(event, **changes).events
    return only


# A leg's callback says where the leg is, and nothing else of it.
UNSAID = dict.fromkeys(
    (
        "call_status",
        "muted",
        "hold",
        "coaching",
        "target",
        "start_conference_on_enter",
        "end_conference_on_exit",
        "left_reason",
    )
)
OUTBOUND = {"from_": "+12025550100", "to": "+12065550100", "direction": None, "answered_by": None}
RECORDING = {
    "sid": "7f0c1c6e-0000-4000-8000-00000000d001",
    "conference_sid": "6b9d2a4e-0000-4000-8000-00000000c001",
    "call_sid": None,
    "channels": 1,
    "started": None,
}
MEANINGS: dict[str, dict[str, Any]] = {
    "participant-join": {
        **UNSAID,
        "presence": Presence.IN,
        "label": "agent-17",
        "friendly_name": "floor-7-call-991",
    },
    "participant-leave": {**UNSAID, "presence": Presence.LEFT, "label": "agent-17"},
    "conference-start": {"status": "in-progress", "friendly_name": "floor-7-call-991", "reason_ended": None},
    "conference-end": {"status": "completed", "reason_ended": None},
    "call-initiated": {**OUTBOUND, "call_status": "initiated"},
    "call-ringing": {**OUTBOUND, "call_status": "ringing"},
    "call-in-progress": {**OUTBOUND, "call_status": "in-progress"},
    "call-inbound": {"from_": "+442079460102", "to": "+12025550100", "direction": None},
    "call-completed": {**OUTBOUND, "call_status": "completed"},
    "call-completed-alone": {**OUTBOUND, "call_status": "completed"},
    "call-busy": {**OUTBOUND, "call_status": "busy"},
    "call-no-answer": {**OUTBOUND, "call_status": "no-answer"},
    "call-failed": {**OUTBOUND, "call_status": "failed"},
    "call-canceled": {**OUTBOUND, "call_status": "canceled"},
    "amd-machine": {"answered_by": "machine_start", "call_status": None},
    "amd-human": {"answered_by": "human"},
    "recording-in-progress": {**RECORDING, "status": "in-progress", "seconds": None},
    "recording-completed": {**RECORDING, "status": "completed", "seconds": 396},
    "recording-of-a-leg": {
        "sid": "7f0c1c6e-0000-4000-8000-00000000d002",
        "conference_sid": None,
        "call_sid": recording("telnyx", "participant-join")["form"]["CallSid"],
        "status": "in-progress",
        "channels": 2,
        "source": "DialVerb",
    },
}
NO_WORD_YET = {"participant-speech-start": "participant-speech-start", "call-cost": "call-cost-events"}


@pytest.mark.parametrize("event", MEANINGS)
def test_a_recorded_callback_means(event: str) -> None:
    meant = said(event)
    assert {name: getattr(meant, name) for name in MEANINGS[event]} == MEANINGS[event]


def test_every_recording_has_a_meaning_or_none() -> None:
    assert set(recordings("telnyx")) == MEANINGS.keys() | NO_WORD_YET.keys()


@pytest.mark.parametrize("event", NO_WORD_YET)
def test_what_we_have_no_word_for_is_no_event_and_still_known(event: str) -> None:
    parsed = parse(event)
    assert (parsed.events, parsed.event) == ([], NO_WORD_YET[event])
    assert parsed.call_sid == recording("telnyx", event)["form"]["CallSid"]


@pytest.mark.parametrize(
    "event, kind, stream, number, sequence",
    [
        ("participant-join", LegEvent, Stream.CONFERENCE, 2, 2),
        ("conference-start", ConferenceEvent, Stream.CONFERENCE, 0, 0),
        ("call-ringing", CallEvent, Stream.CALL, None, 1),
    ],
)
def test_a_conference_counts_and_of_a_call_the_number_is_only_kept(
    event: str, kind: type, stream: Stream, number: int | None, sequence: int
) -> None:
    parsed, meant = parse(event), said(event)
    assert isinstance(meant, kind)
    assert (meant.stamp.source, meant.stamp.stream, meant.stamp.number) == (Source.CALLBACK, stream, number)
    assert parsed.sequence == sequence
    assert meant.stamp.began is None


@pytest.mark.parametrize("event", recordings("telnyx"))
def test_no_callback_has_a_key_of_its_own(event: str) -> None:
    assert parse(event).key == ""


@pytest.mark.parametrize(
    "text, at",
    [
        ("2026-11-21T10:15:02Z", AT),
        ("2026-11-21T10:15:02.250Z", AT + 0.25),
        ("2026-11-21 10:15:02.250000Z", AT + 0.25),
        ("2026-11-21T10:15:02.250000000Z", AT + 0.25),
        ("2026-11-21T10:15:02+00:00", AT),
        ("Sat, 21 Nov 2026 10:15:02 +0000", AT),
        ("Sat, 21 Nov 2026 10:15:02 GMT", AT),
        ("", None),
    ],
)
def test_when_it_happened_comes_in_three_forms(text: str, at: float | None) -> None:
    assert parse("participant-join", Timestamp=text).occurred == at
    assert said("participant-join", Timestamp=text).stamp.occurred == at


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T10:15:02",
        "2026-11-21T10:15:02+01:00",
        "2026-11-21",
        "2026-02-30T10:15:02Z",
        "2026-11-21T25:15:02Z",
        "0000-11-21T10:15:02Z",
        "20261121T101502Z",
        "1795256102",
        "2026-W47-6T10:15:02Z",
        "Sat, 99 Nov 2026 10:15:02 +0000",
    ],
)
def test_another_time_is_no_time(text: str) -> None:
    with pytest.raises(Malformed, match="Timestamp"):
        parse("participant-join", Timestamp=text)


@pytest.mark.parametrize(
    "word, meant",
    [
        ("12065550100", "+12065550100"),
        ("+12065550100", "+12065550100"),
        ("sip:ann@example.com:5060;transport=tls", "sip:ann@example.com:5060;transport=tls"),
        ("client:agent-1", "client:agent-1"),
        ("anonymous", "anonymous"),
        ("1001", "1001"),
        ("00442079460102", "00442079460102"),
    ],
)
def test_a_number_gets_its_plus_and_nothing_else_does(word: str, meant: str) -> None:
    call = said("call-ringing", From=word, To=word)
    assert (call.from_, call.to) == (meant, meant)


@pytest.mark.parametrize("sid", ["v2:a", "v3:Zz-_9:x", "v3:" + "a" * 54, "v10:" + "b" * 118])
def test_a_call_sid_is_opaque_and_has_its_shape(sid: str) -> None:
    assert parse("call-ringing", CallSid=sid).call_sid == sid


@pytest.mark.parametrize(
    "sid", ["v3", "v3:", "3:a", "v3:a/b", "v3:a b", "v3:ä", "agent-17", "v3:" + "a" * 121]
)
def test_what_has_not_its_shape_is_no_call_sid(sid: str) -> None:
    with pytest.raises(Malformed, match="CallSid"):
        parse("call-ringing", CallSid=sid)


@pytest.mark.parametrize("sid", [ROOM, "conf_abc123", "a" * 64])
def test_a_conference_sid_is_opaque(sid: str) -> None:
    assert said("participant-join", ConferenceSid=sid).conference_sid == sid


def test_a_flag_that_it_never_sends_is_never_believed() -> None:
    assert said("participant-join", Muted="true", Hold="maybe", CallSidToCoach="x").muted is None


def test_a_cost_needs_no_status_and_a_progress_does() -> None:
    assert parse("call-ringing", CallStatus="", CallbackSource="call-cost-events").events == []
    with pytest.raises(Malformed, match="CallStatus is missing"):
        parse("call-ringing", CallStatus="")
    assert said("call-ringing", CallbackSource="").call_status == "ringing"


def test_a_join_without_its_leg_is_malformed_and_an_end_without_one_is_not() -> None:
    with pytest.raises(Malformed, match="CallSid is missing"):
        parse("participant-join", CallSid="")
    assert parse("conference-end").call_sid == ""


def test_a_malformed_one_says_about_whom_it_is_where_that_is_readable() -> None:
    with pytest.raises(Malformed, match="SequenceNumber is not what this parameter can hold") as malformed:
        parse("participant-join", SequenceNumber="two")
    assert (malformed.value.conference_sid, malformed.value.call_sid) == (ROOM, AGENT)
    with pytest.raises(Malformed) as malformed:
        parse("participant-join", ConferenceSid="my room")
    assert (malformed.value.conference_sid, malformed.value.call_sid) == ("", AGENT)


def test_another_account_s_is_forged_even_where_it_is_malformed_too() -> None:
    with pytest.raises(Forged, match="AccountSid names another account"):
        parse("participant-join", AccountSid=APIS["telnyx"].foreign_sid, SequenceNumber="two")


def test_a_known_name_that_stands_twice_is_forged() -> None:
    recorded = recording("telnyx", "participant-join")
    for name in ("SequenceNumber", "ParticipantLabel", "FriendlyName", "CallSid"):
        pairs = [*recorded["form"].items(), (name, recorded["form"][name])]
        with pytest.raises(Forged, match=f"{name} stands 2 times"):
            APIS["telnyx"].at("").parse("conference", pairs)
