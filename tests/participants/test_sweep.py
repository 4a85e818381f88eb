"""Credentials suffice: what Earshot knows of an account that sends no callback at all."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from participants import looks, reading, sweep
from participants.changed import Changed
from participants.models import Account, Conference, Participant
from participants.providers import NotSent, ProviderError, Refused
from participants.timing import TIMING
from tests.factories import make_supervision, make_supervisor
from tests.participants.floor import Floor, wait_for
from tests.sandbox.process import free_port


def room(floor: Floor, name: str, *legs: dict[str, Any]) -> str:
    """A call at the provider that Earshot has not heard of."""
    legs = legs or (floor.agent_leg(), floor.customer_leg())
    body = {"provider": floor.provider, "friendly_name": name, "callbacks": False, "legs": list(legs)}
    return str(floor.sandbox.post("/_sandbox/conferences", body)["sid"])


def aged(conference: Conference, **ago_s: float) -> None:
    """The conference was last read, listed or told of so many seconds ago."""
    now = timezone.now()
    times = {name: now - timedelta(seconds=ago) for name, ago in ago_s.items()}
    Conference.objects.filter(pk=conference.pk).update(**times)


# --- adopting ---------------------------------------------------------------------------------------------
def test_it_adopts_a_call_that_nobody_told_of_with_everybody_on_it(floor: Floor) -> None:
    sid = room(floor, "silent")
    floor.sweep()
    call = Conference.objects.get(sid=sid)
    assert (call.status, call.state, call.friendly_name, call.team) == (
        "in-progress",
        "talking",
        "silent",
        floor.account.default_team,
    )
    assert {leg.role for leg in call.participants.all()} == {"agent", "customer"}
    assert call.callbacks_seen_at is None
    assert call.verified_at is not None


def test_it_looks_a_call_up_to_know_an_agent_without_a_label(floor: Floor) -> None:
    unlabelled = floor.agent_leg(2)
    unlabelled.pop("label")
    sid = room(floor, "unlabelled", unlabelled, floor.customer_leg())
    floor.sweep()
    agent = wait_for(lambda: Participant.objects.filter(conference__sid=sid, role="agent").first())
    assert agent.agent == floor.agents[1]
    assert agent.certainty == "certain"
    assert floor.reads("Calls", agent.call_sid)


def test_a_call_that_is_known_is_not_looked_up_again(floor: Floor) -> None:
    room(floor, "once")
    floor.sweep()
    looked_up = len(floor.reads("Calls"))
    Conference.objects.update(verified_at=None)
    floor.sweep()
    assert len(floor.reads("Calls")) == looked_up


def test_it_adopts_a_room_that_waits_for_its_beginning(floor: Floor) -> None:
    sid = room(floor, "waiting", floor.customer_leg(start_conference_on_enter=False))
    floor.sweep()
    call = Conference.objects.get(sid=sid)
    assert (call.status, call.started_at, call.state) == ("init", None, "waiting")


def test_it_reads_every_page(floor: Floor) -> None:
    sids = {room(floor, f"call-{number}", floor.customer_leg()) for number in range(1, 7)}
    provider = reading.provider_for(floor.account)
    pages = provider.read_pages(
        provider._path("Conferences"),  # type: ignore[attr-defined]
        query=[("Status", "init"), ("PageSize", "2")],
        items="conferences",
        following="next_page_uri",
    )
    assert [len(page.body["conferences"]) for page in pages] == [2, 2, 2]
    floor.sweep()
    assert set(Conference.objects.values_list("sid", flat=True)) == sids


@pytest.mark.nightly
def test_it_adopts_more_calls_than_one_transaction_holds(floor: Floor) -> None:
    sids = {room(floor, f"call-{number}", floor.customer_leg()) for number in range(sweep.CHUNK + 3)}
    sweep.sweep(floor.account)
    assert set(Conference.objects.values_list("sid", flat=True)) == sids
    assert not Conference.objects.filter(verified_at=None).exists()


# --- closing ----------------------------------------------------------------------------------------------
def test_it_closes_what_has_ended_with_the_provider_s_reason(floor: Floor) -> None:
    call = floor.call("short")
    floor.sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    floor.sweep()
    call.refresh_from_db()
    assert (call.status, call.state, call.reason_ended) == ("completed", "ended", "conference-ended-via-api")
    assert not call.participants.filter(left_at=None).exists()


def test_a_call_that_is_missing_from_one_list_is_asked_for(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = floor.call("shifted")
    provider = reading.provider_for(floor.account)
    monkeypatch.setattr(type(provider), "list_conferences", lambda self, status: [])
    sweep.sweep(floor.account)
    call.refresh_from_db()
    assert call.live
    assert call.missed_at is None


def test_a_conference_that_is_not_found_twice_has_ended(floor: Floor) -> None:
    call = floor.call("lost")
    floor.sandbox.post("/_sandbox/reset")
    sweep.sweep(floor.account)
    call.refresh_from_db()
    assert call.live, "one 404 proves nothing"
    assert call.missed_at is not None
    sweep.sweep(floor.account)
    call.refresh_from_db()
    assert call.live, "nor do two at the same moment"
    time.sleep(TIMING.gone_again)
    sweep.sweep(floor.account)
    call.refresh_from_db()
    assert (call.status, call.reason_ended) == ("completed", None)


def test_one_that_is_found_again_was_not_lost(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    call = floor.call("found-again")
    aged(call, missed_at=60)
    floor.sweep()
    call.refresh_from_db()
    assert call.live
    assert call.missed_at is None


def test_a_leg_that_is_missing_from_one_roster_is_fetched_and_stays(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = floor.call("skipped")
    agent = floor.leg(call, "agent")
    provider = reading.provider_for(floor.account)
    whole = provider.list_participants
    kept = [event for event in whole(call.sid) if event.call_sid != agent.call_sid]
    monkeypatch.setattr(type(provider), "list_participants", lambda self, sid: kept)
    reading.roster(call)
    agent.refresh_from_db()
    assert agent.left_at is None
    assert floor.reads("Conferences", call.sid, "Participants", agent.call_sid)


def test_a_leg_that_has_left_is_closed_by_the_roster(floor: Floor) -> None:
    call = floor.call("one-left")
    agent = floor.leg(call, "agent")
    floor.sandbox.post(f"/_sandbox/legs/{agent.call_sid}/hangup")
    reading.roster(call)
    agent.refresh_from_db()
    assert agent.status == "complete"
    assert agent.left_at is not None


def test_a_hold_that_nobody_told_of_is_read(floor: Floor) -> None:
    call = floor.call("held")
    customer = floor.leg(call, "customer")
    floor.sandbox.post(f"/_sandbox/legs/{customer.call_sid}/set", {"hold": True})
    aged(call, verified_at=TIMING.roster + 1)
    floor.sweep()
    customer.refresh_from_db()
    call.refresh_from_db()
    assert customer.hold is True
    assert customer.source == "read"
    assert call.state == "held"


# --- an account that does not answer ----------------------------------------------------------------------
def test_an_account_that_cannot_be_reached_is_no_empty_floor(floor: Floor) -> None:
    call = floor.call("kept")
    Account.objects.filter(pk=floor.account.pk).update(api_url=f"http://127.0.0.1:{free_port()}")
    floor.account.refresh_from_db()
    with pytest.raises(NotSent):
        sweep.sweep(floor.account)
    floor.account.refresh_from_db()
    call.refresh_from_db()
    assert floor.account.reachable is False
    assert call.live
    assert call.stale_since is None, "not yet: it was read a moment ago"


def test_after_a_while_its_calls_are_not_verified_any_more(floor: Floor) -> None:
    call = floor.call("kept")
    long_ago = TIMING.unverified + 1
    aged(call, verified_at=long_ago, listed_at=long_ago, first_seen_at=long_ago)
    floor.sandbox.post("/_sandbox/faults", {"api_error_rate": 1.0})
    with pytest.raises(ProviderError):
        sweep.sweep(floor.account)
    call.refresh_from_db()
    assert (call.stale_reason, call.state) == ("unverified", "unverified")
    floor.sandbox.post("/_sandbox/faults", {"api_error_rate": None})
    floor.sweep()
    call.refresh_from_db()
    floor.account.refresh_from_db()
    assert (call.stale_since, call.state) == (None, "talking")
    assert floor.account.reachable is True


def test_wrong_credentials_are_no_empty_floor_either(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    call = floor.call("kept")
    monkeypatch.setenv(floor.account.secret, "wrong")
    with pytest.raises(Refused) as refused:
        sweep.sweep(floor.account)
    assert refused.value.status == 401
    floor.account.refresh_from_db()
    call.refresh_from_db()
    assert floor.account.reachable is False
    assert call.live


def test_it_says_since_when_an_account_does_not_answer(floor: Floor) -> None:
    floor.sweep()
    Account.objects.filter(pk=floor.account.pk).update(api_url=f"http://127.0.0.1:{free_port()}")
    floor.account.refresh_from_db()
    since = set()
    for _ in range(2):
        with pytest.raises(NotSent):
            sweep.sweep(floor.account)
        floor.account.refresh_from_db()
        since.add(floor.account.reachable_since)
    assert len(since) == 1


# --- how much is read -------------------------------------------------------------------------------------
def test_a_call_that_was_just_read_is_not_read_again(floor: Floor) -> None:
    call = floor.call("fresh")
    before = len(floor.reads("Conferences", call.sid, "Participants"))
    floor.sweep()
    assert len(floor.reads("Conferences", call.sid, "Participants")) == before


@pytest.mark.parametrize("why", ["stale", "supervised", "old"])
def test_it_reads_again_what_is_in_doubt_supervised_or_old(floor: Floor, why: str) -> None:
    call = floor.call("due")
    aged(call, verified_at=TIMING.roster_supervised + 0.1)
    if why == "stale":
        aged(call, stale_since=1)
    elif why == "supervised":
        make_supervision(floor.user, call, leg=False, next_step_at=None)
    else:
        aged(call, verified_at=TIMING.roster + 0.1)
    assert sweep.read_due(floor.account) == 1
    assert sweep.read_due(floor.account) == 0


def test_the_most_needed_come_first_and_never_more_than_the_share_of_one_time(floor: Floor) -> None:
    calls = [floor.call(f"call-{number}", floor.customer_leg()) for number in range(3)]
    aged(calls[0], verified_at=TIMING.roster + 1)
    aged(calls[1], verified_at=TIMING.roster + 9)
    Conference.objects.filter(pk=calls[2].pk).update(verified_at=None)
    due = [row.pk for row in sweep._due(floor.account)]
    assert due == [calls[2].pk, calls[1].pk, calls[0].pk]
    assert sweep.read_due(floor.account) == 3 <= sweep.ROSTERS_AT_ONCE


def test_a_sweep_ends_however_long_the_rosters_take(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two supervised calls whose reading takes longer than they may wait for the next one."""
    calls = [floor.call(f"call-{number}", floor.customer_leg()) for number in range(2)]
    others = [make_supervisor(f"other-{number}") for number in range(2)]
    for call, user in zip(calls, others, strict=True):
        make_supervision(user, call, leg=False, next_step_at=None)
        aged(call, verified_at=TIMING.roster)
    read: list[Conference] = []

    def slowly(row: Conference) -> Changed:
        read.append(row)
        assert len(read) < 6, "the sweep goes round in circles"
        time.sleep(1.1 * TIMING.roster_supervised)
        looks.verified(row, began=timezone.now())
        return Changed()

    monkeypatch.setattr(reading, "roster", slowly)
    sweep.sweep(floor.account)
    assert len(read) == 2


# --- several workers --------------------------------------------------------------------------------------
def test_one_worker_at_a_time_has_an_account(floor: Floor) -> None:
    assert sweep.take_lease(floor.account, "one")
    assert not sweep.take_lease(floor.account, "two")
    assert sweep.take_lease(floor.account, "one"), "its owner may renew it"


def test_a_worker_that_died_is_replaced(floor: Floor) -> None:
    assert sweep.take_lease(floor.account, "one")
    Account.objects.update(lease_until=timezone.now() - timedelta(seconds=0.01))
    assert sweep.take_lease(floor.account, "two")
    assert not sweep.take_lease(floor.account, "one")
