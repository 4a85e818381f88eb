"""A purge of 50,000 rows holds up nobody who reads or writes beside it."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from participants import retention
from participants.models import Account, Callback, Change, Conference, Participant
from tests.factories import make_account

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
FORM = [["ConferenceSid", "CF1"], ["FriendlyName", "Mrs Dent"], ["CallSid", "CA1"], ["SequenceNumber", "1"]]
WAIT_S = 0.1  # more than this people begin to see
TIMES = 4  # as long as without the purge, where that is more: a busy machine is no purge's fault


def fill(account: Account, *, callbacks: int, calls: int, per_call: int) -> None:
    """So many callbacks that lose their names, and calls that go with a story."""
    old, older = (timezone.now() - timedelta(days=days) for days in (40, 400))
    for start in range(0, callbacks, 5000):
        Callback.objects.bulk_create(
            _callback(account, f"r{start + n}", old) for n in range(min(5000, callbacks - start))
        )
    rows = Conference.objects.bulk_create(
        Conference(account=account, sid=f"CF{n}", status="completed", first_seen_at=older, ended_at=older)
        for n in range(calls)
    )
    Participant.objects.bulk_create(
        Participant(conference=row, call_sid=f"CA{row.sid}", as_of=older, source="read") for row in rows
    )
    for row in rows:
        Callback.objects.bulk_create(
            _callback(account, f"{row.sid}-{n}", older, conference_sid=row.sid) for n in range(per_call)
        )
        Change.objects.bulk_create(
            Change(conference=row, at=older, source="read", facts={}) for _ in range(per_call)
        )


def _callback(account: Account, key: str, at: object, **fields: object) -> Callback:
    return Callback(
        account=account, kind="conference", key=key, received_at=at, form=FORM, verdict="applied", **fields
    )


def turns(account: Account, *, until: Callable[[], bool]) -> list[float]:
    """How long each turn took of one who stores a callback with a change of a call, and reads the board."""
    took, live = [], Conference.objects.create(account=account, sid=f"live {time.monotonic()}")
    while not until():
        began = time.monotonic()
        with transaction.atomic():
            _callback(account, f"live {began}", timezone.now()).save()
            Conference.objects.select_for_update().get(pk=live.pk)
            Conference.objects.filter(pk=live.pk).update(version=len(took))
        list(Conference.objects.exclude(status="completed"))
        took.append(time.monotonic() - began)
        time.sleep(0.005)
    return took


def run_beside(account: Account) -> tuple[list[float], dict[str, int]]:
    done: dict[str, int] = {}

    def purge() -> None:
        try:
            for batch in retention.purge():
                done[batch.what] = done.get(batch.what, 0) + batch.rows
        finally:
            connections.close_all()

    worker = threading.Thread(target=purge)
    worker.start()
    took = turns(account, until=lambda: not worker.is_alive())
    worker.join()
    return took, done


def beside_readers(account: Account) -> list[float]:
    """The same beside somebody who reads as much and writes nothing: what the machine alone costs."""
    end = time.monotonic() + 4

    def read() -> None:
        try:
            while time.monotonic() < end:
                began = time.monotonic()
                list(Callback.objects.filter(redacted_at=None).order_by("received_at")[:200])
                time.sleep(max(retention.REST, retention.RESTS * (time.monotonic() - began)))
        finally:
            connections.close_all()

    reader = threading.Thread(target=read)
    reader.start()
    took = turns(account, until=lambda: time.monotonic() > end)
    reader.join()
    return took


def purged(*, callbacks: int, calls: int, per_call: int) -> dict[str, int]:
    story = calls * per_call
    return {"redacted": callbacks, "removed": story, "changes": story, "calls": calls, "husks": 0}


def test_others_have_their_turns_during_a_purge() -> None:
    account, size = make_account(), {"callbacks": 1000, "calls": 20, "per_call": 10}
    fill(account, **size)
    beside, done = run_beside(account)
    assert done == purged(**size)
    assert len(beside) > 5, "between its batches"


@pytest.mark.nightly
def test_nobody_waits_for_a_purge() -> None:
    account, size = make_account(), {"callbacks": 30_000, "calls": 500, "per_call": 20}
    fill(account, **size)
    alone = beside_readers(account)
    beside, done = run_beside(account)
    for name, took in (("beside one who reads", alone), ("beside a purge", beside)):
        worst = sorted(took)[-3:]
        print(f"{connection.vendor}, {name}: median {median(took):.4f} s, worst {worst} of {len(took)}")
    assert done == purged(**size)
    few = sorted(beside)[: -max(1, len(beside) // 100)]  # one in a hundred may meet something else
    assert few[-1] < max(WAIT_S, TIMES * max(alone))
    assert max(beside) < max(5 * WAIT_S, TIMES * max(alone))
