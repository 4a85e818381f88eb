"""What is too old goes: personal data of callbacks first, later whole calls; what supervisors did stays."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from participants import ledger, retention
from participants.management.commands.worker import Worker
from participants.models import (
    Account,
    Callback,
    Change,
    Conference,
    Intervention,
    Outcome,
    Participant,
    Supervision,
)
from participants.providers import PROVIDERS
from tests.console.server import signed_in
from tests.factories import (
    make_account,
    make_call,
    make_intervention,
    make_supervision,
    make_supervisor,
    make_user,
    sid,
)
from tests.participants.wire import recording, recordings

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
CANARY = ("+442079460102", "Mrs Dent", "sip:dent@example.org", "client:dent", "Arthur")
PERSONAL = ("From", "To", "FriendlyName", "ParticipantLabel")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "REST", 0.0)
    monkeypatch.setattr(retention, "RESTS", 0)


@pytest.fixture
def account(provider: str) -> Account:
    return make_account(provider, provider=provider)


def purge() -> dict[str, int]:
    done: dict[str, int] = {}
    for batch in retention.purge():
        done[batch.what] = done.get(batch.what, 0) + batch.rows
    return {what: rows for what, rows in done.items() if rows}


def callback(account: Account, age_days: float, *, form: Any = (), **fields: Any) -> Callback:
    at = timezone.now() - timedelta(days=age_days)
    values = {"kind": "conference", "event": "participant-join", "verdict": "applied", **fields}
    return Callback.objects.create(
        account=account, key=sid("key"), received_at=at, form=[list(pair) for pair in form], **values
    )


def old_call(age_days: float, *, account: Account, **fields: Any) -> Conference:
    """A call that ended so long ago, with a story and a callback for the call and one for a leg."""
    at = timezone.now() - timedelta(days=age_days)
    conference, *legs = make_call(
        sid("call"), account=account, status="completed", first_seen_at=at, ended_at=at, **fields
    )
    Participant.objects.filter(conference=conference).update(left_at=at, status="complete", label="Arthur")
    Conference.objects.filter(pk=conference.pk).update(friendly_name="Mrs Dent")
    one = callback(account, age_days, conference_sid=conference.sid, redacted_at=at)
    callback(account, age_days, kind="call", call_sid=legs[0].call_sid, redacted_at=at)
    for row in (None, legs[0]):
        Change.objects.create(
            conference=conference, participant=row, callback=one, at=at, source="callback", facts={}
        )
    return conference


# --- callbacks lose their personal data -------------------------------------------------------------------
@pytest.mark.parametrize("event", ["participant-join", "participant-leave", "call-inbound", "conference-end"])
def test_an_old_callback_still_says_what_happened_and_no_longer_to_whom(
    account: Account, provider: str, event: str
) -> None:
    told = recording(provider, event)
    form = {**told["form"], **dict.fromkeys(PERSONAL, "Mrs Dent"), "SipHeader_X-Name": "Arthur"}
    row = callback(account, 31, kind=told["kind"], form=form.items(), event=event)
    assert purge() == {"redacted": 1}
    row.refresh_from_db()
    kept = {name: value for name, value in row.form if value}
    assert row.redacted_at is not None and "SipHeader_X-Name" not in dict(row.form)
    assert not any(word in json.dumps(row.form) for word in CANARY)
    before, after = (
        PROVIDERS[provider](account, "s").parse(told["kind"], list(pairs.items()))
        for pairs in ({**told["form"], "AccountSid": account.sid}, {**kept, "AccountSid": account.sid})
    )
    assert (before.event, before.call_sid, before.sequence, before.occurred) == (
        after.event,
        after.call_sid,
        after.sequence,
        after.occurred,
    )


def test_no_recorded_callback_keeps_a_number_or_a_name(account: Account, provider: str) -> None:
    said = set()
    for event in recordings(provider):
        told = recording(provider, event)
        said |= {told["form"].get(name, "") for name in PERSONAL} - {"", "earshot-1"}
        callback(account, 31, kind=told["kind"], form=told["form"].items())
    assert said
    purge()
    kept = {value for row in Callback.objects.all() for _, value in row.form}
    assert not said & kept and kept


def test_a_value_that_is_not_what_it_should_be_may_be_anybody(account: Account) -> None:
    row = callback(account, 31, form=[("CallSid", "Mrs Dent"), ("SequenceNumber", "Arthur")])
    purge()
    row.refresh_from_db()
    assert row.form == [["CallSid", ""], ["SequenceNumber", ""]]


def test_labels_of_our_own_are_nobody_s_name(account: Account) -> None:
    row = callback(account, 31, form=[("ParticipantLabel", "earshot-1"), ("FriendlyName", "Mrs Dent")])
    purge()
    row.refresh_from_db()
    assert row.form == [["ParticipantLabel", "earshot-1"], ["FriendlyName", ""]]


def test_young_callbacks_and_those_of_live_calls_are_as_received(account: Account) -> None:
    conference, _, customer = make_call(account=account)
    form = [("FriendlyName", "Mrs Dent")]
    rows = [
        callback(account, 29, form=form),
        callback(account, 29, form=form, verdict="waiting", kind="call", call_sid="CA1"),
        callback(account, 400, form=form, conference_sid=conference.sid),
        callback(account, 400, form=form, kind="call", call_sid=customer.call_sid),
    ]
    assert purge() == {}
    for row in rows:
        row.refresh_from_db()
        assert row.form == [["FriendlyName", "Mrs Dent"]] and row.redacted_at is None


def test_one_that_waits_for_a_call_that_was_never_in_a_conference_waits_no_longer_than_the_others(
    account: Account,
) -> None:
    row = callback(
        account, 31, form=[("From", "+442079460102")], verdict="waiting", kind="call", call_sid="CA1"
    )
    purge()
    row.refresh_from_db()
    assert (row.form, row.verdict) == ([["From", ""]], "waiting")


# --- calls go with their story ----------------------------------------------------------------------------
def test_a_call_on_which_nobody_did_anything_goes_with_everything_about_it(account: Account) -> None:
    old_call(366, account=account)
    young = old_call(364, account=account)
    assert purge() == {"changes": 2, "removed": 2, "calls": 1}
    assert list(Conference.objects.all()) == [young]
    assert Participant.objects.count() == 2 and Change.objects.count() == 2 and Callback.objects.count() == 2


def test_what_supervisors_did_stays_with_a_husk_of_its_call(account: Account) -> None:
    user = make_supervisor()
    conference = old_call(366, account=account)
    make_intervention(user, conference, "hold", "accepted", "confirmed")
    make_supervision(user, conference, ended_at=timezone.now() - timedelta(days=366))
    kept = [list(model.objects.values()) for model in (Intervention, Outcome, Supervision)]
    assert purge() == {"changes": 2, "removed": 2, "husks": 1}
    assert [list(model.objects.values()) for model in (Intervention, Outcome, Supervision)] == kept
    assert ledger.verify().broken_at is None and ledger.verify().rows == 4
    conference.refresh_from_db()
    assert conference.purged_at is not None and conference.friendly_name is None
    assert not conference.changes.exists()
    legs = conference.participants.all()
    assert {leg.role for leg in legs} == {"agent", "customer", "supervisor"}
    assert {(leg.address, leg.label) for leg in legs} == {(None, None)}
    assert purge() == {}, "a husk is done with"


def test_one_whose_leg_alone_was_meant_is_kept_too(account: Account) -> None:
    conference = old_call(366, account=account)
    make_intervention(make_supervisor(), None, "mute", participant=conference.participants.first())
    assert purge()["husks"] == 1 and ledger.verify().broken_at is None


@pytest.mark.parametrize("held", ["live", "stay", "next stay"])
def test_live_calls_and_open_stays_are_never_touched(account: Account, held: str) -> None:
    conference, other = old_call(400, account=account), old_call(1, account=account)
    if held == "live":
        Conference.objects.filter(pk=conference.pk).update(status="in-progress")
    else:
        on, then = (conference, None) if held == "stay" else (other, conference)
        make_supervision(make_supervisor(), on, leg=False, then_conference=then)
    Callback.objects.update(redacted_at=None)
    before = [list(model.objects.values()) for model in (Conference, Participant, Change)]
    purge()
    assert [list(model.objects.values()) for model in (Conference, Participant, Change)] == before
    assert set(Callback.objects.values_list("redacted_at", flat=True)) == {None}


def test_a_call_s_callbacks_stay_as_long_as_one_of_its_conferences(account: Account) -> None:
    old, young = old_call(366, account=account), old_call(300, account=account)
    moved = old.participants.get(role="agent")
    Participant.objects.filter(conference=young, role="agent").update(call_sid=moved.call_sid)
    assert purge() == {"changes": 2, "removed": 1, "calls": 1}
    assert Callback.objects.filter(call_sid=moved.call_sid).exists()


def test_what_was_told_of_no_call_goes_as_late_as_calls_do(account: Account) -> None:
    for age in (364, 366):
        callback(account, age, conference_sid=sid("CF"), redacted_at=timezone.now())
    assert purge() == {"removed": 1}


# --- how ------------------------------------------------------------------------------------------------
def test_a_purge_that_was_killed_is_taken_up_where_it_was(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "FORMS", 2)
    monkeypatch.setattr(retention, "ROWS", 1)
    monkeypatch.setattr(retention, "CALLS", 1)
    for _ in range(3):
        old_call(366, account=account)
        callback(account, 31, form=[("FriendlyName", "Mrs Dent")])
    runs = 0
    while any(vars_of(retention.due())):
        next(retention.purge())  # and is killed
        runs += 1
        assert runs < 50
    assert runs > 10 and not Conference.objects.exists() and not Change.objects.exists()
    assert purge() == {}
    old_call(366, account=account)
    assert purge() == {"changes": 2, "removed": 2, "calls": 1}, "a story longer than one transaction"


def vars_of(due: retention.Due) -> list[int]:
    return [due.redacted, due.removed, due.changes, due.calls, due.husks]


@pytest.mark.parametrize("days", [None, 2])
def test_how_long_is_set(account: Account, settings: Any, days: int | None) -> None:
    settings.KEEP_CALLBACKS_DAYS = settings.KEEP_CONFERENCES_DAYS = days
    old_call(3, account=account)
    callback(account, 400, form=[("FriendlyName", "Mrs Dent")], conference_sid="CF1")
    assert bool(purge()) is (days is not None)
    assert Conference.objects.exists() is (days is None)


def command(*arguments: str) -> str:
    said = StringIO()
    call_command("purge", *arguments, stdout=said)
    return said.getvalue()


def test_a_dry_run_counts_what_a_run_then_does(account: Account) -> None:
    make_intervention(make_supervisor(), old_call(366, account=account))
    old_call(366, account=account)
    callback(account, 31, form=[("FriendlyName", "Mrs Dent")])
    before = list(Callback.objects.order_by("pk").values())
    said = command("--dry-run")
    assert list(Callback.objects.order_by("pk").values()) == before
    assert said.splitlines()[0] == "Due, and left as it is:"
    assert command().splitlines()[1:] == said.splitlines()[1:]
    assert "1 calls removed" in said and "1 calls kept" in said and "4 callbacks removed" in said
    assert command() == "Done:\nnothing is too old\n"


@pytest.mark.parametrize("group", ["Auditor", "Administrator"])
def test_the_admin_says_since_when_something_is_redacted(account: Account, group: str) -> None:
    conference = old_call(366, account=account)
    make_intervention(make_supervisor(), conference)
    row = callback(account, 31, form=[("FriendlyName", "Mrs Dent")])
    purge()
    client = signed_in(make_user("ada", group=group, is_staff=True))
    for kind, pk in (("callback", row.pk), ("conference", conference.pk)):
        page = client.get(f"/admin/participants/{kind}/{pk}/change/").content.decode()
        assert f"redacted on {timezone.now():%Y-%m-%d}" in page
        assert "Mrs Dent" not in page
    for kind in ("conference", "intervention", "supervision", "participant", "callback"):
        assert client.get(f"/admin/participants/{kind}/").status_code == 200


def test_the_worker_purges_too(account: Account) -> None:
    callback(account, 31, form=[("FriendlyName", "Mrs Dent")])
    worker = Worker(owner="one")
    worker._purge()
    assert Callback.objects.get().redacted_at is not None
