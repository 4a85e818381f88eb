"""The stored callbacks explain the rows: a replay finds no difference, and finds each one that was made."""

import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings

from participants import mirror, retention
from participants.differences import Report, compare
from participants.events import ConferenceEvent, LegEvent, Presence, Source, Stamp
from participants.models import Account, Callback, Change, Conference, Participant
from participants.providers import PROVIDERS, provider_for
from tests.participants.callbacks.posting import fresh, make_wire
from tests.participants.stories import STEPS, Story, Told
from tests.participants.test_mirror import account_at
from tests.participants.wire import PUBLIC_URL, Wire, recordings

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", "sandbox-twilio-token")


@pytest.fixture
def wire(provider: str, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Wire:
    settings.PUBLIC_URL = PUBLIC_URL
    monkeypatch.setattr("participants.supervising.touched", lambda *_: None)  # nothing is asked
    return make_wire(provider, client, monkeypatch)


@pytest.fixture
def call(wire: Wire) -> Conference:
    """One that was told from its beginning, and goes on."""
    _, joined = fresh(wire, "participant-join", SequenceNumber="1")
    for event, change in (
        ("participant-join", {"SequenceNumber": "1"}),
        ("conference-start", {"SequenceNumber": "2"}),
        ("call-in-progress", {"CallSid": joined["CallSid"]}),
    ):
        assert wire.post(*fresh(wire, event, **change)) == 200
    return Conference.objects.get()


def replay(**options: Any) -> tuple[int, str]:
    """Exit code and words."""
    said = StringIO()
    try:
        call_command("replay", stdout=said, **options)
    except SystemExit as ended:
        return int(ended.code or 0), said.getvalue()
    return 0, said.getvalue()


def read(call: Conference, **said: Any) -> None:
    leg = call.participants.get()
    stamp = Stamp(source=Source.READ, began=time.time(), occurred=time.time() + 5)
    about: dict[str, Any] = {"conference_sid": call.sid, "call_sid": leg.call_sid, "stamp": stamp}
    mirror.apply(call.account, [LegEvent(**about, **{"presence": Presence.IN, **said})])


def store(account: Account, told: Told) -> None:
    """As `callbacks` does, without the wire."""
    parsed = told.parsed
    row, made = Callback.objects.get_or_create(
        key=told.key,
        defaults={
            "account": account,
            "kind": told.kind,
            "event": parsed.event,
            "sequence": parsed.sequence,
            "conference_sid": parsed.conference_sid,
            "call_sid": parsed.call_sid,
            "form": [list(pair) for pair in told.form],
        },
    )
    if made:
        row.verdict = mirror.apply(account, parsed.events, callback=row).verdict
        row.save()


# --- nothing differs --------------------------------------------------------------------------------------
def test_recorded_callbacks_explain_what_became_of_them(wire: Wire) -> None:
    for event in recordings(wire.name):
        kind, form = fresh(wire, event)
        assert wire.post(kind, form) == 200
        assert wire.post(kind, form) == 200
    code, said = replay()
    assert code == 0, said
    assert " 0 differences; 0 more" in said and not said.startswith("0 calls")


@pytest.mark.parametrize("name", sorted(PROVIDERS))
@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_every_story_is_explained_in_the_order_received_and_in_any_other(name: str, steps: Any) -> None:
    for model in (Change, Callback, Participant, Conference):
        model.objects.all().delete()
    account, story = account_at(name), Story(steps, name)
    for told in story.told:
        store(account, told)
    for seed in (None, 1, 2):
        found = compare(Conference.objects.get(sid=story.sid), seed=seed)
        assert found.differences == [] and found.explained == []
        assert found.callbacks == Callback.objects.exclude(verdict="waiting").count()


def test_what_is_redacted_still_explains_the_facts(call: Conference) -> None:
    mirror.apply(call.account, [ConferenceEvent(conference_sid=call.sid, stamp=_now(), status="completed")])
    Callback.objects.update(received_at=timezone.now() - timedelta(days=31))
    Callback.objects.update(occurred_at=timezone.now() - timedelta(days=31))
    for _ in retention.purge():
        pass
    code, said = replay()
    assert code == 0, said
    assert "3 of 3 callbacks are redacted since 20" in said


def _now() -> Stamp:
    return Stamp(source=Source.READ, began=time.time(), occurred=time.time())


def test_a_purged_call_is_said_and_not_guessed(call: Conference) -> None:
    Conference.objects.update(purged_at=timezone.now())
    Callback.objects.all().delete()
    code, said = replay()
    assert code == 0 and "was purged on 20" in said


# --- what differs -----------------------------------------------------------------------------------------
def test_what_a_read_found_is_told_as_the_reason(call: Conference) -> None:
    read(call, muted=True, hold=True, coaching=False)
    code, said = replay()
    assert code == 0, said
    corrected = PROVIDERS[call.account.provider].reports.mute_and_hold
    assert f"muted is yes, the callbacks make it {'no' if corrected else 'not known'}; a read at" in said
    assert (" corrected it." if corrected else " told it.") in said


def test_a_leg_that_only_a_read_knows_is_explained_by_it(call: Conference) -> None:
    stamp = Stamp(source=Source.READ, began=time.time(), occurred=time.time())
    leg = LegEvent(conference_sid=call.sid, call_sid="another", stamp=stamp, presence=Presence.IN, muted=True)
    mirror.apply(call.account, [leg])
    code, said = replay()
    assert code == 0, said
    assert "leg another: no callback tells of it; a read at" in said


def test_a_call_that_a_read_found_over_is_explained_by_it(call: Conference) -> None:
    over = ConferenceEvent(
        conference_sid=call.sid, stamp=_now(), status="completed", reason_ended="last-participant-left"
    )
    mirror.apply(call.account, [over])
    code, said = replay()
    assert code == 0, said
    assert "status is completed, the callbacks make it in-progress; a read at" in said
    assert "status is complete, the callbacks make it connected; a read at" in said


@pytest.mark.parametrize(
    "row, change, words",
    [
        (Participant, {"status": "complete"}, "status is complete, the callbacks make it connected"),
        (Participant, {"hold": True}, "hold is yes, the callbacks make it"),
        (Participant, {"label": None}, "callbacks tell its label, and the row has none"),
        (
            Participant,
            {"marks": {}},
            "the newest callback about its presence has number 1, the row knows none",
        ),
        (Conference, {"status": "init"}, "status is init, the callbacks make it in-progress"),
    ],
)
def test_what_nothing_explains_is_a_difference(call: Conference, row: Any, change: Any, words: str) -> None:
    row.objects.update(**change)
    code, said = replay()
    assert code == 1 and words in said


def test_a_callback_whose_effect_was_lost_is_found(call: Conference, wire: Wire) -> None:
    """Stored, and the row does not know it, although a read has said the same meanwhile."""
    kind, form = fresh(wire, "participant-leave", SequenceNumber="7")
    parsed = provider_for(call.account).parse(kind, list(form.items()))
    Callback.objects.create(
        account=call.account,
        kind=kind,
        key="lost",
        conference_sid=call.sid,
        call_sid=parsed.call_sid,
        form=list(form.items()),
        verdict="applied",
    )
    code, said = replay()
    assert code == 1 and "status is connected, the callbacks make it complete" in said
    read(call, presence=Presence.LEFT)
    code, said = replay()
    assert code == 1 and "has number 7, the row knows 1" in said


def test_a_read_does_not_explain_what_a_newer_callback_took_back(call: Conference, wire: Wire) -> None:
    read(call, presence=Presence.LEFT)
    at = timezone.now() + timedelta(minutes=1)
    kind, form = fresh(wire, "participant-join", SequenceNumber="8", age=timedelta(minutes=-1))
    Callback.objects.create(
        account=call.account,
        kind=kind,
        key="lost",
        conference_sid=call.sid,
        form=list(form.items()),
        verdict="applied",
        received_at=at,
    )
    code, said = replay()
    assert code == 1 and "status is complete, the callbacks make it connected, and nothing" in said


def test_a_lost_row_is_found(call: Conference) -> None:
    Participant.objects.all().delete()
    code, said = replay()
    assert code == 1 and "callbacks tell of it, and it has no row" in said
    Conference.objects.all().delete()
    code, said = replay()
    assert code == 1 and f"{call.sid}: callbacks that were applied tell of it" in said


def test_a_callback_that_cannot_be_read_any_more_is_found(call: Conference) -> None:
    joined = Callback.objects.get(event="participant-join")
    joined.form = [pair for pair in joined.form if pair[0] != "CallSid"]
    joined.save()
    code, said = replay()
    assert code == 1 and "was applied and cannot be read today: CallSid is missing" in said


def test_what_changed_nothing_when_it_came_changes_nothing_now(wire: Wire, call: Conference) -> None:
    kind, form = fresh(wire, "participant-leave", SequenceNumber="9", age=timedelta(hours=25))
    assert wire.post(kind, form) == 200
    kind, form = fresh(wire, "participant-leave", SequenceNumber="x")
    assert wire.post(kind, form) == 200
    assert set(Callback.objects.values_list("verdict", flat=True)) == {"applied", "superseded", "rejected"}
    code, said = replay()
    assert code == 0, said


# --- the command ------------------------------------------------------------------------------------------
def test_it_looks_at_what_it_was_asked_for(call: Conference) -> None:
    Conference.objects.update(status="init")
    for options in ({"conference": call.sid}, {"conference": str(call.pk)}, {"account": call.account.key}):
        assert replay(**options)[0] == 1
    assert replay(account="another")[0] == 0
    assert replay(since="2999-01-01")[0] == 0 and replay(since="2020-01-01T10:00")[0] == 1
    for options in ({"conference": "nobody"}, {"since": "yesterday"}):
        with pytest.raises(CommandError):
            replay(**options)


def test_it_writes_nothing(call: Conference) -> None:
    before = [list(model.objects.values()) for model in (Conference, Participant, Callback, Change)]
    assert isinstance(compare(call), Report)
    assert [list(model.objects.values()) for model in (Conference, Participant, Callback, Change)] == before
