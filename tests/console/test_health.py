"""What a supervisor of processes asks: are you up, are you ready, how much is going on."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from console import health
from participants.management.commands import worker
from participants.models import Account, Change
from participants.timing import TIMING, Timing
from tests.factories import make_account, make_call


@pytest.fixture
def account(db: None) -> Account:
    now = timezone.now()
    return make_account(lease_until=now + timedelta(seconds=15), swept_at=now, reachable=True)


def test_the_process_is_up_without_a_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"ok": True}


def test_it_is_ready_with_every_part_there(client: Client, account: Account) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert {name: part["ok"] for name, part in answer.json()["parts"].items()} == {
        "database": True,
        "migrations": True,
        "layer": True,
        "worker": True,
    }


@pytest.mark.parametrize(
    "lease_s, swept, reachable, detail",
    [
        (-1, True, True, "no worker for: twilio"),
        (None, True, True, "no worker for: twilio"),
        (15, False, None, "not read yet: twilio"),
    ],
)
def test_it_is_not_ready_without_a_worker(
    client: Client, account: Account, lease_s: int | None, swept: bool, reachable: bool | None, detail: str
) -> None:
    now = timezone.now()
    account.lease_until = None if lease_s is None else now + timedelta(seconds=lease_s)
    account.swept_at = now if swept else None
    account.reachable = reachable
    account.save()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["worker"]["detail"] == detail


def test_a_worker_that_does_not_renew_is_missed_long_before_its_lease_ends(
    client: Client, account: Account
) -> None:
    for silent_s, status in ((TIMING.worker_silent / 2, 200), (TIMING.worker_silent + 0.01, 503)):
        account.lease_until = timezone.now() + timedelta(seconds=TIMING.worker_lease - silent_s)
        account.save()
        assert client.get("/readyz").status_code == status
    assert Timing().worker_silent < 5 < Timing().worker_lease
    assert worker.RENEWALS * Timing().worker_silent >= 3 * Timing().worker_lease, "two may be late"


def test_a_provider_that_does_not_answer_is_no_fault_of_ours(client: Client, account: Account) -> None:
    account.swept_at, account.reachable = None, False
    account.save()
    assert client.get("/readyz").status_code == 200


def test_a_missing_migration_is_named(client: Client, account: Account) -> None:
    health._leaf_nodes_applied.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'participants' AND name > '0002'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "participants.0002_roles" in answer.json()["parts"]["migrations"]["detail"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}])
@pytest.mark.parametrize("token", ["", "right"])
def test_figures_are_not_public(client: Client, settings, token: str, headers: dict[str, str]) -> None:
    settings.EARSHOT_METRICS_TOKEN = token
    assert client.get("/metrics", headers=headers).status_code == 404


def test_figures_are_in_the_format_of_prometheus(client: Client, settings, account: Account) -> None:
    settings.EARSHOT_METRICS_TOKEN = "right"
    make_call(account=account)
    answer = client.get("/metrics", headers={"Authorization": "Bearer right"})
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'earshot_account_reachable{account="twilio"} 1' in answer.text.splitlines()
    assert "earshot_sockets 0" in answer.text.splitlines()
    assert any(line.startswith('earshot_live_calls{account="twilio"') for line in answer.text.splitlines())


def test_figures_count_what_reads_had_to_correct_today(client: Client, settings, account: Account) -> None:
    settings.EARSHOT_METRICS_TOKEN = "right"
    conference, *_ = make_call(account=account)
    make_account("steady")
    for hours in (0, 1, 30):
        at = timezone.now() - timedelta(hours=hours)
        Change.objects.create(conference=conference, source="read", facts={}, correction=True, at=at)
    Change.objects.create(conference=conference, source="read", facts={})
    lines = client.get("/metrics", headers={"Authorization": "Bearer right"}).text.splitlines()
    assert 'earshot_drift_last_24_hours{account="twilio"} 2' in lines
    assert 'earshot_drift_last_24_hours{account="steady"} 0' in lines


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    assert health._labels({"a": 'x"y\\z\n'}) == '{a="x\\"y\\\\z\\n"}'
