"""What must go on although nobody asks: the accounts are swept, by one worker at a time."""

import logging
import threading
import time
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.utils import timezone

from participants import sweep
from participants.management.commands import worker as worker_module
from participants.management.commands.worker import Worker
from participants.models import Account, Conference, LedgerHead
from participants.timing import Timing
from tests.factories import make_account, make_sandbox_account
from tests.patience import ANSWER_S, wait_for
from tests.sandbox.process import Sandbox

TIMING = Timing().scaled(0.04)  # leases of 0.6 s
LEGS = [
    {"from": "+442079460102", "to": "+12025550100", "direction": "inbound", "role": "customer"},
    {
        "label": "agent-1",
        "from": "+12025550100",
        "to": "client:agent-1",
        "direction": "outbound",
        "role": "agent",
    },
]


@pytest.fixture
def account(
    provider: str, transactional_db: None, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Account:
    monkeypatch.setattr(sweep, "TIMING", TIMING)
    monkeypatch.setattr(worker_module, "TIMING", TIMING)
    return make_sandbox_account(provider, sandbox, monkeypatch)


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A worker that runs in a thread once `start` is called on it."""
    worker = Worker(owner="first")
    thread = threading.Thread(target=worker.run)
    worker.start = thread.start  # type: ignore[attr-defined]
    yield worker
    worker.stop.set()
    if thread.ident:
        thread.join(timeout=ANSWER_S)


def call_at(account: Account, sandbox: Sandbox, name: str) -> str:
    legs = {"provider": account.provider, "friendly_name": name, "callbacks": False, "legs": LEGS}
    return sandbox.post("/_sandbox/conferences", legs)["sid"]


def test_once_is_one_look_at_every_account(account: Account, sandbox: Sandbox) -> None:
    sid = call_at(account, sandbox, "one look")
    call_command("worker", "--once")
    assert Conference.objects.get(sid=sid).participants.count() == 2
    account.refresh_from_db()
    assert account.reachable and account.swept_at


def test_a_call_without_callbacks_is_found_and_its_end_too(
    account: Account, sandbox: Sandbox, worker: Worker
) -> None:
    worker.start()
    sid = call_at(account, sandbox, "found")
    sandbox.wait_for(lambda: Conference.objects.filter(sid=sid, status="in-progress").exists())
    sandbox.post(f"/_sandbox/conferences/{sid}/end")
    sandbox.wait_for(lambda: Conference.objects.filter(sid=sid, status="completed").exists())


def test_an_account_is_swept_by_one_worker_at_a_time(account: Account) -> None:
    first, second = Worker(owner="first"), Worker(owner="second")
    assert first._mine() == [account]
    assert second._mine() == []


def test_a_worker_that_died_is_replaced_within_its_lease(account: Account) -> None:
    assert Worker(owner="dead")._mine() == [account]
    successor = Worker(owner="successor")
    wait_for(successor._mine, within_s=TIMING.worker_lease)


def test_a_worker_that_stops_gives_its_accounts_back(
    account: Account, sandbox: Sandbox, worker: Worker
) -> None:
    worker.start()
    sandbox.wait_for(lambda: Account.objects.filter(lease_owner="first", swept_at__isnull=False).exists())
    worker.stop.set()
    sandbox.wait_for(lambda: Account.objects.get(pk=account.pk).lease_until <= timezone.now())
    assert Worker(owner="second")._mine() == [account]


def test_a_lease_is_kept_while_a_sweep_takes_long(
    account: Account, sandbox: Sandbox, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeping = threading.Event()
    monkeypatch.setattr(sweep, "sweep", lambda _: sweeping.set() or worker.stop.wait(2 * ANSWER_S))
    worker.start()
    assert sweeping.wait(ANSWER_S)
    time.sleep(TIMING.worker_lease * 1.5)
    assert Worker(owner="second")._mine() == []


def test_one_account_that_does_not_answer_delays_no_other(
    account: Account, sandbox: Sandbox, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    silent = make_account("silent", api_url="http://127.0.0.1:9")
    sid = call_at(account, sandbox, "undelayed")
    worker.start()
    sandbox.wait_for(lambda: Conference.objects.filter(sid=sid).exists())
    sandbox.wait_for(lambda: Account.objects.filter(pk=silent.pk, reachable=False).exists())
    sandbox.wait_for(lambda: "sweep of silent" in caplog.text)


def test_the_chain_is_checked_without_anybody_looking(account: Account) -> None:
    call_command("worker", "--once")
    assert LedgerHead.objects.get().checked_at is not None
