"""The chain over interventions and outcomes: what it refuses, and what it finds. On SQLite and PostgreSQL."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from participants import ledger, ledger_triggers
from participants.models import Intervention, LedgerHead, Outcome
from participants.timing import TIMING
from tests.factories import make_call, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
TABLES = (Intervention, Outcome)
COLUMNS = [
    (table, field.attname)
    for table in TABLES
    for field in table._meta.concrete_fields
    if (table, field.attname) != (Intervention, "id")
]


@pytest.fixture
def rosa() -> User:
    return make_user("rosa", full_name="Rosa Haas")


def write_a_chain(user: User, *, length: int = 4) -> list[Intervention]:
    conference, agent, _ = make_call()
    written = []
    for number in range(length):
        opened, _ = ledger.open_intervention(
            user=user,
            verb="whisper",
            conference=conference,
            participant=agent,
            parameters={"wish": number, "share": 0.5, "whole": 1.0, "large": 1e16},
            reason="Coaching – größer",
            key=f"key-{number}",
            fingerprint="f" * 64,
        )
        ledger.append_outcome(
            opened, "accepted", detail="d", code="200", message="m", evidence={"read": [1, None]}
        )
        written.append(opened)
    return written


def rewrite(table: Any, pk: Any, **values: Any) -> None:
    """What somebody with the database's password could do."""
    with ledger_triggers.lifted(connection):
        table.objects.filter(pk=pk).update(**values)


def another(table: Any, column: str) -> Any:
    """A value for the column that differs from the one that `write_a_chain` wrote."""
    if column == "conference_id":
        return make_call("another")[0].pk
    if column == "participant_id":
        return make_call("another")[1].pk
    if column == "user_id":
        return make_user("somebody").pk
    if column == "intervention_id":
        return Intervention.objects.order_by("position").last().pk
    kind = table._meta.get_field(column).get_internal_type()
    return {
        "UUIDField": uuid.uuid4(),
        "DateTimeField": timezone.now() - timedelta(microseconds=1),
        "JSONField": {"wish": 99},
        "PositiveBigIntegerField": 99,
        "BigAutoField": 99,
    }.get(kind, "other")


def test_a_chain_as_written_is_unbroken(rosa: User) -> None:
    write_a_chain(rosa)
    found = ledger.verify()
    assert (found.rows, found.broken_at, str(found)) == (12, None, "12 rows, unbroken")
    assert found.digest == LedgerHead.objects.get().digest


def test_an_empty_chain_is_unbroken() -> None:
    assert str(ledger.verify()) == "0 rows, unbroken"


def test_both_tables_share_one_chain(rosa: User) -> None:
    write_a_chain(rosa)
    rows = sorted((row for table in TABLES for row in table.objects.all()), key=lambda row: row.position)
    assert [row.position for row in rows] == list(range(1, 13))
    assert all(after.previous == before.digest for before, after in pairwise(rows))
    assert [type(row) for row in rows[:3]] == [Intervention, Outcome, Outcome]


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda part: getattr(part, "__name__", part))
def test_it_finds_each_changed_column(rosa: User, table: Any, column: str) -> None:
    write_a_chain(rosa)
    victim = table.objects.order_by("position")[1]
    rewrite(table, victim.pk, **{column: another(table, column)})
    found = ledger.verify()
    assert found.broken_at == victim.position
    if column not in {"position", "id"}:
        assert found.row == victim


def test_it_finds_a_changed_id_of_an_intervention(rosa: User) -> None:
    written, other = write_a_chain(rosa)[1].pk, uuid.uuid4()
    rewrite(Intervention, written, id=other)
    assert ledger.verify().broken_at == 4
    rewrite(Intervention, other, id=written)  # its outcomes point at it


def test_it_says_where_and_whose_the_broken_row_is(rosa: User) -> None:
    victim = write_a_chain(rosa)[2]
    rewrite(Intervention, victim.pk, reason="nothing")
    at = f"{victim.requested_at:%Y-%m-%d %H:%M}"
    assert str(ledger.verify()) == f"Broken at row 7 ({at}, Rosa Haas, whisper): the row was changed"


def test_it_finds_a_deleted_row(rosa: User) -> None:
    write_a_chain(rosa)
    with ledger_triggers.lifted(connection):
        Outcome.objects.filter(position=6).delete()
    found = ledger.verify()
    assert (found.broken_at, found.row, found.why) == (6, None, "the row is missing")


def test_it_finds_a_deleted_last_row(rosa: User) -> None:
    write_a_chain(rosa)
    with ledger_triggers.lifted(connection):
        Outcome.objects.filter(position=12).delete()
    assert (ledger.verify().broken_at, ledger.verify().why) == (12, "the row is missing")


def test_it_finds_swapped_rows(rosa: User) -> None:
    write_a_chain(rosa)
    with ledger_triggers.lifted(connection):
        for old, new in ((5, 1000), (6, 5), (1000, 6)):
            Outcome.objects.filter(position=old).update(position=new)
    found = ledger.verify()
    assert (found.broken_at, found.why) == (5, "the row was changed")


def test_it_finds_a_row_that_was_sealed_again_by_itself(rosa: User) -> None:
    victim = write_a_chain(rosa)[1]
    victim.reason = "nothing"
    rewrite(Intervention, victim.pk, reason="nothing", digest=ledger.digest_of(victim))
    found = ledger.verify()
    assert (found.broken_at, found.why) == (victim.position + 1, "the row does not follow the one before it")


def test_it_finds_a_row_put_in_without_the_head(rosa: User) -> None:
    opened = write_a_chain(rosa)[0]
    forged = Outcome(
        intervention=opened, state="confirmed", position=13, previous=LedgerHead.objects.get().digest
    )
    forged.digest = ledger.digest_of(forged)
    forged.save()
    assert ledger.verify().broken_at == 13


def test_it_finds_a_head_that_points_back(rosa: User) -> None:
    write_a_chain(rosa)
    LedgerHead.objects.update(position=9, digest=Outcome.objects.get(position=9).digest)
    assert ledger.verify().broken_at == 12
    LedgerHead.objects.update(position=12, digest="0" * 64)
    assert ledger.verify().broken_at == 12


def test_it_walks_a_chain_longer_than_a_batch(rosa: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "BATCH", 3)
    write_a_chain(rosa, length=10)
    assert ledger.verify().rows == 30
    rewrite(Outcome, Outcome.objects.get(position=29).pk, detail="other")
    assert ledger.verify().broken_at == 29


@pytest.mark.parametrize("table", TABLES)
def test_the_database_refuses_to_change_or_remove_a_row(rosa: User, table: Any) -> None:
    write_a_chain(rosa)
    for attempt in (
        lambda: table.objects.update(digest=""),
        lambda: table.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            attempt()
    assert ledger.verify().broken_at is None


def test_postgresql_refuses_to_empty_the_tables_at_once() -> None:
    if connection.vendor != "postgresql":
        return  # SQLite has no TRUNCATE
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE participants_outcome CASCADE")


def test_a_repeated_key_gives_the_first_intervention_and_writes_nothing(rosa: User) -> None:
    first, created = ledger.open_intervention(user=rosa, verb="hold", key="again", fingerprint="a")
    second, repeated = ledger.open_intervention(user=rosa, verb="mute", key="again", fingerprint="b")
    assert (created, repeated) == (True, False)
    assert (second.pk, second.verb, second.fingerprint) == (first.pk, "hold", "a")
    assert (Intervention.objects.count(), Outcome.objects.count()) == (1, 1)


def test_a_key_is_each_users_own(rosa: User) -> None:
    sam = make_user("sam")
    for user in (rosa, sam):
        assert ledger.open_intervention(user=user, verb="hold", key="same")[1]


def test_a_key_can_be_used_again_when_it_has_expired(rosa: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.open_intervention(user=rosa, verb="hold", key="old")
    later = timezone.now() + timedelta(seconds=TIMING.idempotency + 1)
    monkeypatch.setattr(ledger.timezone, "now", lambda: later)
    assert ledger.open_intervention(user=rosa, verb="hold", key="old")[1]


def test_the_providers_long_words_are_cut_and_lose_no_outcome(rosa: User) -> None:
    opened, _ = ledger.open_intervention(user=rosa, verb="hold")
    outcome = ledger.append_outcome(opened, "failed", code="9" * 50, message="long\0 \ud800" + "x" * 500)
    outcome.refresh_from_db()
    assert outcome.message.startswith("long ?xxx")
    assert (len(outcome.message), outcome.message[-1], len(outcome.code)) == (255, "…", 20)
    assert ledger.verify().broken_at is None


def test_it_refuses_a_state_that_it_does_not_know(rosa: User) -> None:
    opened, _ = ledger.open_intervention(user=rosa, verb="hold")
    with pytest.raises(ValueError, match="done"):
        ledger.append_outcome(opened, "done")


def test_what_is_rolled_back_is_not_in_the_chain(rosa: User) -> None:
    write_a_chain(rosa, length=1)
    with pytest.raises(RuntimeError), transaction.atomic():
        ledger.open_intervention(user=rosa, verb="hold")
        raise RuntimeError
    ledger.open_intervention(user=rosa, verb="mute")
    assert (ledger.verify().rows, ledger.verify().broken_at) == (5, None)


def at_once(work: Any, times: int) -> list[Any]:
    """Runs `work(number)` in that many threads that start together, each with its own connection."""
    start = Barrier(times)

    def run(number: int) -> Any:
        start.wait()
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(run, range(times)))


@pytest.mark.django_db(transaction=True)
def test_threads_that_append_at_once_keep_one_chain() -> None:
    rosa = make_user("rosa")

    def work(number: int) -> None:
        for _ in range(5):
            opened, _ = ledger.open_intervention(user=rosa, verb=f"verb-{number}")
            ledger.append_outcome(opened, "confirmed")

    at_once(work, 6)
    assert (ledger.verify().rows, ledger.verify().broken_at) == (90, None)


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_many_times_at_once_makes_one_row() -> None:
    rosa = make_user("rosa")
    answers = at_once(lambda _: ledger.open_intervention(user=rosa, verb="hold", key="one"), 6)
    assert sorted(created for _, created in answers) == [False] * 5 + [True]
    assert len({intervention.pk for intervention, _ in answers}) == 1
    assert Intervention.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_chain_that_grows_while_it_is_walked_is_unbroken() -> None:
    rosa = make_user("rosa")

    def work(number: int) -> Any:
        if number == 0:
            return [ledger.verify().broken_at for _ in range(20)]
        return [ledger.open_intervention(user=rosa, verb="hold") for _ in range(15)]

    assert at_once(work, 3)[0] == [None] * 20


def test_the_command_says_that_the_chain_is_unbroken(rosa: User, capsys: pytest.CaptureFixture[str]) -> None:
    write_a_chain(rosa)
    call_command("verify_ledger")
    assert capsys.readouterr().out == f"12 rows, unbroken. Last digest: {LedgerHead.objects.get().digest}\n"


def test_the_command_fails_on_a_broken_chain(rosa: User) -> None:
    victim = write_a_chain(rosa)[0]
    rewrite(Intervention, victim.pk, verb="listen")
    with pytest.raises(CommandError, match=r"Broken at row 1 \(.*Rosa Haas, listen\): the row was changed\."):
        call_command("verify_ledger")
