"""A provider places so many calls a second: people wait in a line that they see; nobody is refused for it."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from participants import dial_queue
from participants.models import Account, Conference, Dial, Outcome
from participants.serializers_dials import dials_json
from participants.services import dial_running, dialling, monitoring
from participants.services.command import state_of
from tests.participants.floor import Floor, wait_for
from tests.participants.test_dialling import SECOND_LEVEL, becomes, dialled, now

State, End, Said = Dial.State, Dial.End, Outcome.State
# The line is tried with a rate of the account, so that it is the same at every provider.
SLOW = 0.5


@pytest.fixture
def call(floor: Floor) -> Conference:
    return floor.call("paced")


@pytest.fixture
def slow(floor: Floor, call: Conference) -> Account:
    """One call in two of a provider's seconds."""
    for account in (floor.account, call.account):
        account.calls_per_second = SLOW
        account.save(update_fields=["calls_per_second"])
    return call.account


def asked_for(floor: Floor, call: Conference, count: int) -> list[Dial]:
    """At the same instant, each by its own request."""

    def ask() -> None:
        dialling.dial(call, floor.asked(), to=SECOND_LEVEL)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    wait_for(lambda: Dial.objects.count() == count)
    rows = list(Dial.objects.order_by("due_at", "asked_at"))
    for thread in threads:
        thread.join()
    return rows


def sent_at(rows: list[Dial]) -> list[float]:
    found = Dial.objects.filter(pk__in=[row.pk for row in rows]).exclude(sent_at=None)
    return sorted(row.sent_at.timestamp() for row in found if row.sent_at)


def test_everybody_takes_a_place_of_their_own_and_is_dialled_at_its_time(
    floor: Floor, call: Conference, slow: Account
) -> None:
    rows = asked_for(floor, call, 3)
    for row in rows:
        becomes(row, State.CONNECTED, within_s=10)
    # Nobody leaves before their place; a busy machine may be late for one of them.
    began = min(row.asked_at for row in rows).timestamp()
    pause = dial_queue.pause(slow).total_seconds()
    assert all(at - began >= place * pause for place, at in enumerate(sent_at(rows)))
    assert len(floor.dials()) == 3


def test_the_place_in_line_is_seen(floor: Floor, call: Conference, slow: Account) -> None:
    slow.calls_per_second = 0.01
    slow.save()
    first, second = dialled(floor, call), dialled(floor, call)
    shown = dials_json([now(second)], numbers=True)[0]
    assert (shown["state"], shown["can_cancel"]) == ("waiting", True)
    assert shown["queue_s"] > 10
    assert shown["text"].startswith("In line to be dialled, about ")
    assert len(floor.dials()) == 1 and now(first).state != State.WAITING


def test_who_waits_can_be_called_off_and_was_never_dialled(
    floor: Floor, call: Conference, slow: Account
) -> None:
    slow.calls_per_second = 0.01
    slow.save()
    dialled(floor, call)
    second = dialled(floor, call)
    cancelled = dialling.cancel(second, floor.asked())
    assert state_of(cancelled) == "confirmed"
    row = now(second)
    assert (row.state, row.ended_how, state_of(row.intervention)) == (State.ENDED, End.CANCELLED, "failed")
    Dial.objects.filter(pk=second.pk).update(due_at=timezone.now())
    dial_running.run_due()
    assert len(floor.dials()) == 1


def test_a_supervisors_own_phone_waits_for_nobody(floor: Floor, call: Conference, slow: Account) -> None:
    slow.calls_per_second = 0.01
    slow.save()
    dialled(floor, call)
    second = dialled(floor, call)
    before = now(second).due_at
    monitoring.listen(call, floor.asked())
    floor.confirmed("listen")
    after = now(second).due_at
    assert before is not None and after is not None
    assert after - before == dial_queue.pause(slow)
    assert "client:supervisor" in [row["params"]["To"] for row in floor.dials()]


def test_too_many_requests_send_it_back_in_line_and_nothing_fails(floor: Floor, call: Conference) -> None:
    floor.fault(operation="participant.create", effect="429")
    row = dialled(floor, call)
    row = wait_for(lambda: (found := now(row)).code and found)
    if row.state == State.WAITING:
        shown = dials_json([row], numbers=True)[0]
        assert shown["text"].startswith(f"{floor.title} asks us to slow down. Yours is next, in about ")
    row = becomes(row, State.CONNECTED)
    assert len(floor.dials()) == 2, "refused before it was placed, then placed once"
    assert "refused" not in [each.state for each in row.intervention.outcomes.all()]


def test_somebody_who_may_no_longer_dial_is_not_dialled_for(
    floor: Floor, call: Conference, slow: Account
) -> None:
    slow.calls_per_second = 0.01
    slow.save()
    dialled(floor, call)
    second = dialled(floor, call)
    floor.user.groups.clear()
    Dial.objects.filter(pk=second.pk).update(due_at=timezone.now())
    row = becomes(second, State.ENDED)
    assert row.ended_how == End.NOT_SENT
    assert row.intervention.outcomes.order_by("-position")[0].detail == "not_allowed"
    assert len(floor.dials()) == 1


def test_a_waiting_dial_does_not_outlive_its_call(floor: Floor, call: Conference, slow: Account) -> None:
    slow.calls_per_second = 0.01
    slow.save()
    dialled(floor, call)
    second = dialled(floor, call)
    floor.sandbox.post(f"/_sandbox/conferences/{call.sid}/end", {})
    floor.sweep()
    Dial.objects.filter(pk=second.pk).update(due_at=timezone.now())
    row = becomes(second, State.ENDED)
    assert (row.ended_how, row.sent_at) == (End.NOT_SENT, None)


def test_several_runners_send_it_once(floor: Floor, call: Conference, slow: Account) -> None:
    slow.calls_per_second = 0.01
    slow.save()
    dialled(floor, call)
    second = dialled(floor, call)
    Dial.objects.filter(pk=second.pk).update(due_at=timezone.now() - timedelta(seconds=1))

    def run() -> None:
        dial_running.step(second.pk)
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    becomes(second, State.CONNECTED)
    assert len(floor.dials()) == 2


def test_a_place_that_was_taken_before_our_clock_was_set_back_counts_for_nothing(floor: Floor) -> None:
    floor.account.placed_until = timezone.now() + timedelta(days=2)
    floor.account.save()
    began = time.time()
    assert dial_queue.take_place(floor.account, timezone.now()).timestamp() - began < 5
