"""The mirror: what events make of the rows, who is told, and what nobody is told twice."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from participants import live, mirror
from participants.events import CallEvent, ConferenceEvent, LegEvent, Presence, Source, Stamp, Stream
from participants.models import Account, Agent, Callback, Conference, Participant
from participants.providers import PROVIDERS
from participants.serializers import conference_json, load
from tests.factories import make_account, make_agent, make_supervision, make_supervisor, make_team, sid
from tests.participants.stories import BEGAN, READERS, STEPS, Story, Told

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
Verdict = Callback.Verdict
OUR_OWN = {
    "id",
    "conference_id",
    "version",
    "verified_at",
    "source",
    "as_of",
    "marks",
    "callbacks_seen_at",
} | {
    "numbering",
    "gap_since",
}


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", "sandbox-twilio-token")


@pytest.fixture
def account(token: None) -> Account:
    """Of whichever provider: what the mirror does with events does not depend on who told of them."""
    return account_at("twilio")


def account_at(provider: str) -> Account:
    sid = READERS[provider].account.sid
    return make_account(provider, provider=provider, sid=sid, default_team=make_team("Billing"))


@pytest.fixture
def room() -> str:
    return sid("CF")


class Reader:
    """Somebody who wants the news."""

    def __init__(self) -> None:
        self.heard: list[tuple[UUID, int]] = []

    def conference_changed(self, conference_id: UUID, version: int) -> None:
        self.heard.append((conference_id, version))

    def user_changed(self, user_id: int) -> None:
        pass


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    live.subscribe(reader)
    yield reader
    live.unsubscribe(reader)


def leg(room: str, call_sid: str, number: int | None = 1, *, at: float = BEGAN, **said: Any) -> LegEvent:
    """A callback about a leg; without `number` nothing orders it."""
    stream = None if number is None else Stream.CONFERENCE
    stamp = Stamp(source=Source.CALLBACK, occurred=at, stream=stream, number=number)
    return LegEvent(conference_sid=room, call_sid=call_sid, stamp=stamp, **{"presence": Presence.IN, **said})


def read(room: str, call_sid: str, **said: Any) -> LegEvent:
    """A fetch of a leg that began now."""
    stamp = Stamp(source=Source.READ, began=time.time(), occurred=time.time())
    return LegEvent(conference_sid=room, call_sid=call_sid, stamp=stamp, **{"presence": Presence.IN, **said})


def status(room: str, word: str, **said: Any) -> ConferenceEvent:
    stamp = Stamp(source=Source.CALLBACK, stream=Stream.CONFERENCE, number=99)
    return ConferenceEvent(conference_sid=room, stamp=stamp, status=word, **said)


def call(call_sid: str, **said: Any) -> CallEvent:
    return CallEvent(call_sid=call_sid, stamp=Stamp(source=Source.CALLBACK), **said)


def row(room: str, call_sid: str) -> Participant:
    return Participant.objects.get(conference__sid=room, call_sid=call_sid)


def conference(room: str) -> Conference:
    return Conference.objects.get(sid=room)


# --- rows out of events -----------------------------------------------------------------------------------
def test_a_participant_s_event_makes_its_conference(account: Account, room: str) -> None:
    changed = mirror.apply(account, [leg(room, "CA1", friendly_name="billing-1")])
    assert changed.verdict == Verdict.APPLIED
    assert changed.conferences == {conference(room).pk}
    assert (conference(room).status, conference(room).friendly_name) == ("init", "billing-1")
    assert row(room, "CA1").status == "connected"


def test_what_was_not_said_stays_unknown(account: Account, room: str) -> None:
    mirror.apply(account, [leg(room, "CA1", muted=False)])
    known = row(room, "CA1")
    assert known.muted is False
    assert (known.hold, known.coaching, known.end_conference_on_exit, known.role) == (None, None, None, None)


def test_a_call_s_event_about_nobody_waits(account: Account) -> None:
    changed = mirror.apply(account, [call("CA1", call_status="ringing")])
    assert changed.verdict == Verdict.WAITING
    assert not Conference.objects.exists()


def test_a_waiting_event_is_applied_when_its_leg_is_made(provider: str, room: str) -> None:
    """Read again in its provider's words, which is how it was kept."""
    story, account = Story([], provider), account_at(provider)
    told = next(one for one in story.told if one.kind == "call" and one.parsed.event == "in-progress")
    call_sid = told.parsed.call_sid
    kept = Callback.objects.create(
        account=account,
        kind="call",
        key="k",
        call_sid=call_sid,
        form=[*told.form],
        verdict=Verdict.WAITING,
    )
    mirror.apply(account, [leg(room, call_sid)])
    kept.refresh_from_db()
    assert kept.verdict == Verdict.APPLIED
    assert row(room, call_sid).call_status == "in-progress"
    said = dict(told.form)
    assert row(room, call_sid).address == (said["From"] if "Direction" in said else None)


def test_a_call_that_moved_to_another_conference_is_told_of_there(account: Account, room: str) -> None:
    second = sid("CF")
    mirror.apply(account, [leg(room, "CA1"), leg(room, "CA1", 2, presence=Presence.LEFT)])
    mirror.apply(account, [leg(second, "CA1")], at=timezone.now() + timedelta(seconds=1))
    mirror.apply(account, [call("CA1", call_status="completed")])
    assert row(room, "CA1").call_status is None
    assert row(second, "CA1").call_status == "completed"
    assert row(room, "CA1").left_at is not None


def test_two_accounts_may_have_a_conference_of_the_same_sid(account: Account, room: str) -> None:
    other = make_account("other", sid=sid("AC"))
    mirror.apply(account, [leg(room, "CA1")])
    mirror.apply(other, [leg(room, "CA2")])
    mirror.apply(other, [call("CA1", call_status="completed")])
    assert Conference.objects.filter(sid=room).count() == 2
    assert Participant.objects.get(call_sid="CA1").status == "connected"


# --- times ------------------------------------------------------------------------------------------------
def test_times_are_ours_and_the_first_that_said_so(account: Account, room: str) -> None:
    first = timezone.now() - timedelta(minutes=3)
    mirror.apply(account, [leg(room, "CA1", hold=True)], at=first)
    mirror.apply(account, [leg(room, "CA1", 2, hold=True, muted=True)])
    assert (row(room, "CA1").joined_at, row(room, "CA1").hold_since) == (first, first)
    mirror.apply(account, [leg(room, "CA1", 3, hold=False)])
    assert row(room, "CA1").hold_since is None


def test_coming_back_keeps_the_first_joining_and_forgets_the_leaving(account: Account, room: str) -> None:
    first = timezone.now() - timedelta(minutes=3)
    mirror.apply(account, [leg(room, "CA1")], at=first)
    mirror.apply(account, [leg(room, "CA1", 2, presence=Presence.LEFT, left_reason="participant_hung_up")])
    left = row(room, "CA1")
    assert (left.status, left.left_reason) == ("complete", "participant_hung_up")
    assert left.left_at is not None
    mirror.apply(account, [leg(room, "CA1", 3)])
    back = row(room, "CA1")
    assert (back.joined_at, back.left_at, back.left_reason, back.status) == (first, None, None, "connected")


def test_who_is_said_to_have_left_before_they_joined_did_join(account: Account, room: str) -> None:
    mirror.apply(account, [leg(room, "CA1", 2, presence=Presence.LEFT)])
    assert row(room, "CA1").joined_at is None
    mirror.apply(account, [leg(room, "CA1", 1)])
    there = row(room, "CA1")
    assert there.joined_at == there.left_at, "nobody joins after they have left"
    assert there.status == "complete"


def test_the_end_of_a_conference_ends_its_legs(account: Account, room: str) -> None:
    mirror.apply(account, [leg(room, "CA1"), leg(room, "CA2", 2)])
    mirror.apply(account, [status(room, "completed", reason_ended="last-participant-left")])
    over = conference(room)
    assert (over.status, over.state, over.reason_ended) == ("completed", "ended", "last-participant-left")
    assert over.ended_at is not None
    assert {leg.status for leg in over.participants.all()} == {"complete"}
    assert not over.participants.filter(left_at=None).exists()
    mirror.apply(account, [status(room, "in-progress"), leg(room, "CA3", 3)])
    assert conference(room).status == "completed"
    assert row(room, "CA3").left_at is not None


# --- versions and news ------------------------------------------------------------------------------------
def test_the_version_rises_by_one_and_is_published_once(
    account: Account, room: str, reader: Reader, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        mirror.apply(account, [leg(room, "CA1", muted=False), leg(room, "CA2", 2)])
    first = conference(room)
    with django_capture_on_commit_callbacks(execute=True):
        mirror.apply(account, [leg(room, "CA1", 3, muted=True)])
    assert conference(room).version == first.version + 1
    assert reader.heard == [(first.pk, first.version), (first.pk, first.version + 1)]


def test_an_event_twice_changes_nothing_and_tells_nobody(
    account: Account, room: str, reader: Reader, django_capture_on_commit_callbacks: Any
) -> None:
    events = [leg(room, "CA1", muted=False), status(room, "in-progress")]
    mirror.apply(account, events)
    before = conference(room).version
    with django_capture_on_commit_callbacks(execute=True):
        changed = mirror.apply(account, events)
        looked = mirror.apply(account, [read(room, "CA1", muted=False)])
    assert conference(room).version == before
    assert not changed.conferences
    assert not looked.conferences
    assert reader.heard == []


@pytest.mark.parametrize(
    "event",
    [
        call("CA1", call_status="in-progress"),
        call("CA1", call_status="ringing"),
        leg("", "CA1", 5),
        read("", "CA1"),
    ],
)
def test_the_version_rises_only_with_what_people_see(account: Account, room: str, event: Any) -> None:
    mirror.apply(account, [leg(room, "CA1", muted=False)])
    mirror.apply(account, [call("CA1", direction="outbound", to="client:x")])
    before = shown(room)
    if isinstance(event, LegEvent):
        event = LegEvent(conference_sid=room, call_sid="CA1", stamp=event.stamp, presence=event.presence)
    mirror.apply(account, [event])
    after = shown(room)
    assert (after.pop("version") > before.pop("version")) == (after != before)


def shown(room: str) -> dict[str, Any]:
    """What people see of the call; how old a fact is moves without a new version."""
    json = conference_json(load([conference(room).pk])[0], numbers=True)
    json.pop("verified_at")
    for person in json["participants"]:
        person.pop("as_of")
        person.pop("source")
    return json


# --- doubt ------------------------------------------------------------------------------------------------
def test_a_doubt_makes_the_call_stale_and_asks_for_the_leg(account: Account, room: str) -> None:
    now = time.time()
    mirror.apply(account, [read(room, "CA1", muted=False)])
    before = conference(room).state, conference(room).state_since
    changed = mirror.apply(account, [leg(room, "CA1", 1, at=now, muted=True)])
    stale = conference(room)
    assert changed.legs == {(stale.pk, "CA1")}
    assert (stale.stale_reason, stale.state, stale.state_since) == ("doubt", *before)
    assert row(room, "CA1").muted is False
    mirror.apply(account, [read(room, "CA1", muted=True)])
    assert conference(room).stale_since is None


def test_a_doubt_that_nothing_settles_makes_the_call_unverified(account: Account, room: str) -> None:
    mirror.apply(account, [read(room, "CA1", muted=False)])
    mirror.apply(account, [leg(room, "CA1", 1, at=time.time(), muted=True)])
    mirror.mark_stale([conference(room).pk], "unverified")
    assert (conference(room).stale_reason, conference(room).state) == ("unverified", "unverified")


def test_a_read_of_another_leg_settles_no_doubt(account: Account, room: str) -> None:
    now = time.time()
    mirror.apply(account, [read(room, "CA1", muted=False), read(room, "CA2", muted=False)])
    mirror.apply(account, [leg(room, "CA1", 1, at=now, muted=True)])
    mirror.apply(account, [read(room, "CA2", muted=False)])
    assert conference(room).stale_reason == "doubt"


def test_who_has_left_leaves_no_doubt_behind(account: Account, room: str) -> None:
    now = time.time()
    mirror.apply(account, [read(room, "CA1", muted=False), read(room, "CA2")])
    mirror.apply(account, [leg(room, "CA1", 1, at=now, muted=True)])
    mirror.apply(account, [read(room, "CA1", presence=Presence.LEFT)])
    assert conference(room).stale_since is None


def test_any_read_ends_the_silence_about_a_call(account: Account, room: str) -> None:
    mirror.apply(account, [leg(room, "CA1")])
    mirror.mark_stale([conference(room).pk], "unverified")
    assert conference(room).stale_reason == "unverified"
    mirror.apply(account, [read(room, "CA1")])
    assert conference(room).stale_since is None


def test_a_call_that_is_over_is_not_stale(account: Account, room: str) -> None:
    mirror.apply(account, [leg(room, "CA1")])
    mirror.mark_stale([conference(room).pk], "unverified")
    mirror.apply(account, [status(room, "completed")])
    assert (conference(room).stale_since, conference(room).state) == (None, "ended")


def test_who_coaches_no_more_has_no_target(account: Account, room: str) -> None:
    mirror.apply(account, [read(room, "CA1", coaching=True, target="CA2")])
    assert row(room, "CA1").coaching_call_sid == "CA2"
    mirror.apply(account, [leg(room, "CA1", 1, at=time.time() + 5, coaching=False)])
    assert row(room, "CA1").coaching_call_sid is None


# --- who is who -------------------------------------------------------------------------------------------
def test_a_label_makes_an_agent_certainly(account: Account, room: str) -> None:
    ann = make_agent("Ann", label="ann")
    mirror.apply(account, [leg(room, "CA1", label="ann")])
    known = row(room, "CA1")
    assert (known.agent, known.role, known.certainty) == (ann, "agent", "certain")


@pytest.mark.parametrize(
    ("address", "direction", "certainty"),
    [
        ("client:ann", "inbound", "certain"),
        ("client:ann", "outbound", "certain"),
        ("+442079460111", "outbound", "certain"),
        ("+442079460111", "inbound", "probable"),
    ],
)
def test_an_inbound_number_makes_an_agent_only_probably(
    account: Account, room: str, address: str, direction: str, certainty: str
) -> None:
    make_agent("Ann", addresses=("client:ann", "+442079460111"))
    which = {"from_": address, "to": "+12025550100"} if direction == "inbound" else {"to": address}
    mirror.apply(account, [leg(room, "CA1")])
    mirror.apply(account, [call("CA1", direction=direction, **which)])
    assert (row(room, "CA1").role, row(room, "CA1").certainty) == ("agent", certainty)


def test_who_is_nobody_known_is_a_customer(account: Account, room: str) -> None:
    changed = mirror.apply(account, [leg(room, "CA1")])
    assert changed.calls == {(conference(room).pk, "CA1")}, "until the call is looked up nobody knows"
    assert row(room, "CA1").role is None
    changed = mirror.apply(account, [call("CA1", direction="inbound", from_="+442079460199", to="+1202555")])
    assert row(room, "CA1").role == "customer"
    assert not changed.calls


def test_our_own_leg_is_known_by_its_label_or_its_call(account: Account, room: str) -> None:
    mirror.apply(account, [leg(room, "CA9")])
    stay = make_supervision(make_supervisor(), conference(room), leg=False, call_sid="CA2")
    mirror.apply(account, [leg(room, "CA1", label=stay.label), leg(room, "CA2", 2)])
    assert {row(room, call_sid).role for call_sid in ("CA1", "CA2")} == {"supervisor"}


def test_what_a_person_said_stays(account: Account, room: str) -> None:
    ann = make_agent("Ann")
    mirror.apply(account, [leg(room, "CA1")])
    mirror.apply(account, [call("CA1", direction="inbound", from_="+442079460199")])
    mirror.set_role(row(room, "CA1"), role="agent", agent=ann)
    mirror.apply(account, [leg(room, "CA1", 2, muted=True)])
    known = row(room, "CA1")
    assert (known.role, known.agent, known.certainty) == ("agent", ann, "person")


# --- whose call it is -------------------------------------------------------------------------------------
def test_a_call_belongs_to_the_team_of_the_agent_who_joined_last_and_is_in(
    account: Account, room: str
) -> None:
    billing, returns, technical = make_team(), make_team("Returns"), make_team("Technical")
    for name, team in (("bo", billing), ("rex", returns), ("tea", technical)):
        make_agent(name, team=team, label=name)
    start = timezone.now()

    def then(after_s: int, *events: Any) -> Any:
        mirror.apply(account, events, at=start + timedelta(seconds=after_s))
        return conference(room).team

    assert then(0, leg(room, "CA0")) == account.default_team
    assert then(1, leg(room, "CA1", 2, label="rex")) == returns
    assert then(2, leg(room, "CA2", 3, label="tea")) == technical
    assert then(3, leg(room, "CA3", None, label="bo", presence=None, call_status="ringing")) == technical
    assert then(4, leg(room, "CA2", 4, presence=Presence.LEFT)) == returns
    assert then(5, leg(room, "CA1", 5, presence=Presence.LEFT)) == billing, "only Bo is left, ringing"
    assert then(6, leg(room, "CA3", None, presence=Presence.LEFT, call_status="no-answer")) is not None


def test_a_call_that_all_agents_left_stays_with_the_last_of_them(account: Account, room: str) -> None:
    for name in ("Returns", "Technical"):
        make_agent(name, team=make_team(name), label=name)
    start = timezone.now()
    mirror.apply(account, [leg(room, "CA1", 1, label="Returns")], at=start)
    mirror.apply(account, [leg(room, "CA2", 2, label="Technical")], at=start + timedelta(seconds=1))
    mirror.apply(account, [leg(room, "CA2", 3, presence=Presence.LEFT)])
    mirror.apply(account, [leg(room, "CA1", 4, presence=Presence.LEFT)])
    assert str(conference(room).team) == "Technical"


def test_a_call_without_any_team_has_none(room: str) -> None:
    account = make_account("bare", sid=sid("AC"))
    mirror.apply(account, [leg(room, "CA1")])
    assert conference(room).team is None


# --- only supervisors -------------------------------------------------------------------------------------
def test_it_notes_since_when_only_supervisors_are_left(account: Account, room: str) -> None:
    mirror.apply(account, [leg(room, "CA1")])
    stay = make_supervision(make_supervisor(), conference(room), leg=False)
    mirror.apply(account, [leg(room, "CA2", 2, label=stay.label)])
    assert conference(room).alone_since is None
    mirror.apply(account, [leg(room, "CA1", 3, presence=Presence.LEFT)])
    since = conference(room).alone_since
    assert since is not None
    mirror.apply(account, [leg(room, "CA2", 4, muted=True)])
    assert conference(room).alone_since == since
    mirror.apply(account, [leg(room, "CA1", 5)])
    assert conference(room).alone_since is None


# --- any order, in the database ---------------------------------------------------------------------------
@st.composite
def shuffled_stories(draw: st.DrawFn, provider: str) -> tuple[list[Told], list[Told]]:
    told = Story(draw(STEPS), provider).told
    again = draw(st.lists(st.sampled_from(told), max_size=4))
    return told, draw(st.permutations(told + again))


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_order_and_any_repetition_ends_in_the_same_rows(provider: str, data: st.DataObject) -> None:
    account = account_at(provider)
    make_agent_once("leg-1", "Returns")
    make_agent_once("leg-3", "Technical")
    told, shuffled = data.draw(shuffled_stories(provider))
    assert rows_after(account, shuffled) == rows_after(account, told)


def make_agent_once(label: str, team: str) -> None:
    if not Agent.objects.filter(label=label).exists():
        make_agent(label, team=make_team(team), label=label)


def rows_after(account: Account, told: list[Told]) -> list[dict[str, Any]]:
    """All columns that have to be the same; the rows themselves are thrown away again."""
    now = timezone.now()
    with transaction.atomic():
        for one in told:
            take(account, one, now)
        found = [*Conference.objects.all(), *Participant.objects.order_by("call_sid")]
        rows = [columns_of(one) for one in found]
        transaction.set_rollback(True)
    return rows


def take(account: Account, one: Told, now: datetime) -> None:
    """As `callbacks` does: a known one stops at its key, and what nobody is known for waits."""
    parsed = one.parsed
    key = f"{one.kind}:{one.key}"
    if Callback.objects.filter(key=key).exists():
        return
    kept = Callback.objects.create(
        account=account, kind=one.kind, key=key, call_sid=parsed.call_sid, form=list(one.form)
    )
    kept.verdict = mirror.apply(account, parsed.events, at=now).verdict
    kept.save()


def columns_of(found: Any) -> dict[str, Any]:
    """Our own time of a fact is no part of it, only whether it has one."""
    names = [field.attname for field in found._meta.concrete_fields if field.attname not in OUR_OWN]
    values = {name: getattr(found, name) for name in names if not name.startswith("stale")}
    return {name: bool(value) if isinstance(value, datetime) else value for name, value in values.items()}


# --- at the same instant ----------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_threads_about_one_call_lose_nothing(account: Account, room: str) -> None:
    together = Barrier(2)

    def work(call_sid: str) -> None:
        try:
            together.wait()
            for number in range(1, 9):
                mirror.apply(account, [leg(room, call_sid, number * 2, muted=number % 2 == 0)])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, ("CA1", "CA2")))
    assert Conference.objects.filter(sid=room).count() == 1
    assert {row(room, call_sid).muted for call_sid in ("CA1", "CA2")} == {True}
    # One version for the row, one for each event: every one of them changed what people see.
    assert conference(room).version == 1 + 16
