"""What Telnyx alone posts: few facts, signed with the time and without the address."""

import re
from urllib.parse import urlencode

import pytest

from participants.models import Account, Callback, Conference, Participant
from tests.participants.callbacks.posting import Told, fresh, nothing_was_kept, post, verdicts
from tests.participants.wire import Wire, sign_as_telnyx, telnyx_public_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def name() -> str:
    return "telnyx"


@pytest.mark.parametrize("ago_s, status", [(0, 200), (295, 200), (-295, 200), (310, 403), (-310, 403)])
def test_a_signature_holds_for_300_s_in_both_directions(wire: Wire, ago_s: int, status: int) -> None:
    kind, form = fresh(wire, "participant-join")
    headers = sign_as_telnyx("", urlencode(form).encode(), wire.dialect.secret, ago_s=ago_s)
    assert wire.post(kind, form, headers=headers) == status
    assert nothing_was_kept() is (status == 403)


def test_what_is_declined_for_its_time_says_so_in_the_log(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    kind, form = fresh(wire, "participant-join")
    headers = sign_as_telnyx("", urlencode(form).encode(), wire.dialect.secret, ago_s=412)
    assert wire.post(kind, form, headers=headers) == 403
    said = r"telnyx-timestamp is 41\d s away from this server's clock; 300 s are allowed"
    assert re.search(said, caplog.text)


def test_a_get_is_refused_because_its_query_is_not_signed(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join")
    for signed in (b"", urlencode(form).encode()):
        headers = wire.dialect.sign("", signed, wire.dialect.secret)
        assert wire.client.get(wire.path(kind, urlencode(form)), headers=headers).status_code == 403
    assert nothing_was_kept()


def test_the_hint_in_the_address_is_not_signed_and_changes_nothing(wire: Wire) -> None:
    kind, form = fresh(wire, "call-ringing")
    for query in ("leg=earshot-1", "leg=earshot-2", ""):
        assert wire.post(kind, form, query=query) == 200
    assert verdicts() == ["waiting"]
    assert not Participant.objects.exists()


def test_a_try_again_is_signed_anew_and_is_no_second_row(wire: Wire, told: Told) -> None:
    """There is no event id: the same body is the same callback."""
    kind, form = fresh(wire, "participant-join")
    for ago_s in (7, 3, 0):
        headers = sign_as_telnyx("", urlencode(form).encode(), wire.dialect.secret, ago_s=ago_s)
        assert wire.post(kind, form, headers=headers) == 200
    assert verdicts() == ["applied"]
    assert [changed.verdict for changed in told] == ["applied", "duplicate", "duplicate"]


def test_mute_hold_and_coaching_are_never_taken_from_the_wire(wire: Wire) -> None:
    flags = {"Muted": "true", "Hold": "true", "Coaching": "true", "EndConferenceOnExit": "true"}
    assert post(wire, "participant-join", **flags, CallSidToCoach=wire.dialect.call_sid(1)) == 200
    leg = Participant.objects.get()
    assert (leg.muted, leg.hold, leg.coaching, leg.coaching_call_sid) == (None, None, None, None)
    assert (leg.start_conference_on_enter, leg.end_conference_on_exit) == (None, None)
    assert ["Muted", "true"] in Callback.objects.get().form, "stored as received all the same"


@pytest.mark.parametrize("event", ["participant-mute", "participant-hold", "participant-modify"])
def test_an_event_that_it_never_sends_is_unknown(wire: Wire, event: str) -> None:
    assert post(wire, "participant-join", StatusCallbackEvent=event, Muted="true") == 200
    assert verdicts() == ["unknown"]
    assert not Participant.objects.exists()


def test_the_end_of_a_conference_leaves_its_reason_to_be_asked_for(wire: Wire, told: Told) -> None:
    for event in ("participant-join", "conference-end"):
        assert post(wire, event) == 200
    conference = Conference.objects.get()
    assert (conference.status, conference.reason_ended) == ("completed", None)
    assert told[-1].endings == {conference.pk}


def test_a_leave_has_no_reason_and_ends_no_call(wire: Wire) -> None:
    for event in ("participant-join", "participant-leave"):
        assert post(wire, event) == 200
    leg = Participant.objects.get()
    assert (leg.left_reason, leg.call_status) == (None, None)


def test_without_a_direction_an_address_is_nobody_s(wire: Wire) -> None:
    for event in ("call-inbound", "participant-join"):
        assert post(wire, event) == 200
    leg = Participant.objects.get()
    assert (leg.address, leg.direction, leg.call_status) == (None, None, "in-progress")


def test_a_call_s_end_stays_its_end_whatever_it_is_numbered(wire: Wire) -> None:
    assert post(wire, "participant-join", CallSid=wire.dialect.call_sid(1)) == 200
    for event in ("call-in-progress", "call-completed-alone", "call-ringing"):
        assert post(wire, event, CallSid=wire.dialect.call_sid(1)) == 200
    assert Participant.objects.get().call_status == "completed"


def test_what_a_call_costs_is_stored_and_changes_nothing(wire: Wire) -> None:
    assert post(wire, "call-cost") == 200
    stored = Callback.objects.get()
    assert (stored.event, stored.verdict) == ("call-cost-events", "unknown")


@pytest.mark.parametrize("key", ["", "banana", "AAAA", "9YKXoJLTfIE+geQOW1sv4lQOUQM=", "\u00e4"])
def test_without_the_account_s_key_nothing_is_genuine(wire: Wire, key: str) -> None:
    Account.objects.update(public_key=key)
    assert post(wire, "participant-join") == 403
    Account.objects.update(public_key=telnyx_public_key("another-secret"))
    assert post(wire, "participant-join") == 403
    assert nothing_was_kept()
