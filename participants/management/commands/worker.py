"""`manage.py worker`: everything that must go on although nobody asks. Several may run."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from functools import partial
from time import monotonic, sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils import timezone

from participants import ledger, pools, retention, supervising, sweep, wishes
from participants.models import Account
from participants.providers import ProviderError
from participants.services import abandoned, dial_running
from participants.timing import TIMING

log = logging.getLogger(__name__)

# What is done for all accounts together, and how often.
JOBS: tuple[tuple[str, float, Callable[[], object]], ...] = (
    ("stays", TIMING.due_interval, supervising.run_due),
    ("dials", TIMING.dial_due, dial_running.run_due),
    ("rights", TIMING.revocation, wishes.end_unentitled),
    ("abandoned commands", TIMING.abandoned, abandoned.settle),
    ("the chain", TIMING.chain_verified, ledger.check),
)
RENEWALS = 10  # of a lease, in the time it is good for


class Command(BaseCommand):
    help = "Sweeps the accounts, drives supervisors' legs, ends lost rights. Stop it with SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do every job one time, then end")

    def handle(self, *_args: Any, **options: Any) -> None:
        worker = Worker(owner=f"{socket.gethostname()}-{os.getpid()}"[:64])
        if options["once"]:
            return worker.once()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: worker.stop.set())
        worker.run()
        return None


class Worker:
    """A thread for each job and each account, so that nothing slow delays a supervisor's leg."""

    def __init__(self, *, owner: str) -> None:
        self.owner = owner
        self.stop = threading.Event()
        self._swept: dict[int, float] = {}
        self._sweepers: dict[int, threading.Thread] = {}

    def once(self) -> None:
        for account in self._mine():
            self._guarded(f"sweep of {account}", partial(sweep.sweep, account))
        for name, _, job in (*JOBS, ("retention", 0, self._purge)):
            self._guarded(name, job)
        self._release()

    def run(self) -> None:
        """Until `stop` is set; then the work at hand is finished and the leases are given back."""
        threads = [
            threading.Thread(target=self._repeat, args=job, name=job[0])
            for job in (
                *JOBS,
                ("leases", TIMING.worker_lease / RENEWALS, self._keep_leases),
                ("retention", TIMING.purge, self._purge),
            )
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for thread in self._sweepers.values():  # the leases' thread, which starts them, has ended
            thread.join()
        self._release()

    def _repeat(self, name: str, interval: float, job: Callable[[], object]) -> None:
        while not self.stop.is_set():
            self._guarded(name, job)
            self.stop.wait(interval)

    def _guarded(self, name: str, job: Callable[[], object]) -> None:
        """A job that fails is done again at its next time: the worker goes on."""
        close_old_connections()
        try:
            job()
        except ProviderError as failed:
            log.warning("%s: %s", name, failed)
        except Exception:
            log.exception("%s failed", name)
        finally:
            close_old_connections()

    def _mine(self) -> list[Account]:
        return [account for account in Account.objects.all() if sweep.take_lease(account, self.owner)]

    def _keep_leases(self) -> None:
        """Renews them apart from the sweeps, which may take longer than a lease."""
        for account in self._mine():
            sweeper = self._sweepers.get(account.pk)
            if sweeper is None or not sweeper.is_alive():
                name = f"sweep of {account}"
                job = (name, TIMING.due_interval, partial(self._look, account.pk))
                self._sweepers[account.pk] = threading.Thread(target=self._repeat, args=job, name=name)
                self._sweepers[account.pk].start()

    def _look(self, pk: int) -> None:
        """A whole sweep when it is time; between two of them the rosters that are due."""
        account = Account.objects.filter(
            pk=pk, lease_owner=self.owner, lease_until__gt=timezone.now()
        ).first()
        if account is None:
            return
        if monotonic() - self._swept.get(pk, -TIMING.sweep) < TIMING.sweep:
            sweep.read_gaps(account)
            sweep.read_due(account)
            return
        self._swept[pk] = monotonic()
        sweep.sweep(account)

    def _purge(self) -> None:
        """What is too old to be kept. A worker that is to stop leaves the rest to the next one."""
        for _ in retention.purge():
            if self.stop.is_set():
                return

    def _release(self) -> None:
        """When the requests under way have ended: what they start must not meet a process that is ending."""
        deadline = monotonic() + TIMING.request
        while not pools.idle() and monotonic() < deadline:
            sleep(0.05)
        Account.objects.filter(lease_owner=self.owner).update(lease_until=timezone.now())
