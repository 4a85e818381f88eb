"""What a provider may post: stored with its effect, and once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from participants.models import Account, Callback, Conference, Participant
from participants.providers import PROVIDERS
from tests.participants.callbacks.posting import Told, fresh, make_wire, post, verdicts
from tests.participants.wire import DIALECTS, PUBLIC_URL, Wire, recordings

pytestmark = pytest.mark.django_db
EVERY_RECORDING = [(name, event) for name in DIALECTS for event in recordings(name)]


# --- what is genuine is kept, and does what it says -------------------------------------------------------
def test_a_callback_is_stored_as_received_with_its_effect(wire: Wire, told: Told) -> None:
    assert post(wire, "participant-join") == 200
    stored = Callback.objects.get()
    assert (stored.kind, stored.event, stored.sequence) == ("conference", "participant-join", 2)
    assert (stored.verdict, stored.detail) == ("applied", "")
    assert ["FriendlyName", "floor-7-call-991"] in stored.form
    assert abs(stored.occurred_at - stored.received_at) < timedelta(seconds=5)
    leg = Participant.objects.get()
    said = False if PROVIDERS[wire.name].reports.flags_on_join else None
    assert (leg.label, leg.status, leg.muted, leg.hold) == ("agent-17", "connected", said, said)
    assert told[0].conferences == {leg.conference_id}
    assert told[0].calls == {(leg.conference_id, leg.call_sid)}, "nobody knows yet who this is"


@pytest.mark.parametrize("name, event", EVERY_RECORDING)
def test_every_recorded_event_is_stored(
    name: str, event: str, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLIC_URL = PUBLIC_URL
    wire = make_wire(name, client, monkeypatch)
    assert post(wire, event) == 200
    assert verdicts()[0] in {"applied", "waiting", "unknown"}


@pytest.mark.parametrize("backwards", [False, True])
def test_a_whole_story_ends_the_same_in_both_directions(wire: Wire, backwards: bool) -> None:
    story = ["participant-join", "conference-start", "participant-leave"]
    forms = [fresh(wire, event) for event in story]
    for number, (_, form) in enumerate(forms, start=1):
        form["SequenceNumber"] = str(number)
    for kind, form in reversed(forms) if backwards else forms:
        assert wire.post(kind, form) == 200
    conference, leg = Conference.objects.get(), Participant.objects.get()
    assert (conference.status, conference.friendly_name) == ("in-progress", "floor-7-call-991")
    assert (leg.status, leg.label, leg.left_at is None) == ("complete", "agent-17", False)


def test_the_end_of_a_conference_ends_it(wire: Wire) -> None:
    for event in ("participant-join", "conference-end"):
        assert post(wire, event) == 200
    assert Conference.objects.get().status == "completed"


def test_a_call_s_event_waits_for_its_leg(wire: Wire) -> None:
    assert post(wire, "call-inbound") == 200
    assert verdicts() == ["waiting"]
    assert not Participant.objects.exists()
    assert post(wire, "participant-join") == 200
    assert verdicts() == ["applied", "applied"]
    assert Participant.objects.get().call_status == "in-progress"


@pytest.mark.parametrize(
    "event, changes",
    [
        ("participant-speech-start", {}),
        ("participant-join", {"StatusCallbackEvent": "participant-teleport"}),
        ("call-ringing", {"CallStatus": "daydreaming"}),
        ("call-completed", {"CallbackSource": "call-cost-events"}),
        ("call-completed", {"CallbackSource": "call-cost-events", "CallStatus": ""}),
    ],
)
def test_what_we_have_no_word_for_is_stored_and_changes_nothing(
    wire: Wire, event: str, changes: dict[str, str]
) -> None:
    assert post(wire, event, **changes) == 200
    assert verdicts() == ["unknown"]
    assert not Conference.objects.exists()


def test_unknown_fields_are_kept_and_otherwise_ignored(wire: Wire) -> None:
    assert post(wire, "participant-join", Zodiac="Libra & more") == 200
    assert ["Zodiac", "Libra & more"] in Callback.objects.get().form
    assert verdicts() == ["applied"]


def test_a_field_that_is_empty_says_nothing(wire: Wire) -> None:
    assert post(wire, "participant-join", ParticipantLabel="") == 200
    assert Participant.objects.get().label is None


def test_it_notes_that_the_account_sends_callbacks(wire: Wire) -> None:
    post(wire, "participant-join")
    assert Account.objects.get().callback_at is not None


# --- the same one again -----------------------------------------------------------------------------------
def test_a_known_callback_changes_nothing(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join")
    assert wire.post(kind, form) == 200
    before = Conference.objects.values().get(), Participant.objects.values().get()
    for _ in range(3):
        assert wire.post(kind, form) == 200
    assert verdicts() == ["applied"]
    assert (Conference.objects.values().get(), Participant.objects.values().get()) == before


def test_a_replay_does_not_bring_an_old_state_back(wire: Wire) -> None:
    kind, joined = fresh(wire, "participant-join")
    assert wire.post(kind, joined) == 200
    assert post(wire, "participant-leave") == 200
    assert wire.post(kind, joined) == 200
    assert Participant.objects.get().left_at is not None
    assert len(verdicts()) == 2


def test_one_without_a_number_is_known_by_its_bytes(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join", SequenceNumber="")
    assert wire.post(kind, form) == wire.post(kind, form) == 200
    assert wire.post(kind, form | {"FriendlyName": "another"}) == 200
    assert len(verdicts()) == 2


def test_what_is_older_than_a_day_is_stored_and_not_applied(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join", age=timedelta(hours=25))
    assert wire.post(kind, form) == 200
    stored = Callback.objects.get()
    assert (stored.verdict, stored.detail) == ("superseded", "It is older than 24 hours.")
    assert not Conference.objects.exists()
    kind, form = fresh(wire, "participant-leave", age=timedelta(hours=23))
    assert wire.post(kind, form) == 200
    assert Participant.objects.get().left_at is not None


def test_what_cannot_be_right_is_kept_with_the_call_that_it_is_about(wire: Wire, told: Told) -> None:
    kind, form = fresh(wire, "participant-join", SequenceNumber="many")
    assert wire.post(kind, form) == 200
    stored = Callback.objects.get()
    assert (stored.verdict, stored.detail) == (
        "rejected",
        "SequenceNumber is not what this parameter can hold.",
    )
    assert (stored.conference_sid, stored.call_sid) == (form["ConferenceSid"], form["CallSid"])
