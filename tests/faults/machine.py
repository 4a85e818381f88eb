"""A machine with Earshot whose processes can be killed at a marked point, frozen, starved, and started."""

import contextlib
import json
import os
import resource
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.outside.person import Call, Person
from tests.patience import patient
from tests.site import ROOT, Site, running_site

from . import site_rows
from .floor import Floor
from .points import as_json
from .times import SCALE

CHILD = Path(__file__).parent / "child"
SHOWN = {"listen": "S5", "whisper": "S6", "barge": "S7"}  # codes of the strip
FINAL = {"confirmed", "contradicted", "failed", "refused", "unknown"}
PROCESSES = {"server": Site.start_server, "worker": Site.start_worker}


@dataclass
class Machine:
    site: Site
    folder: Path

    # --- killing ------------------------------------------------------------------------------------------
    def arm(self, point: str) -> None:
        """The first process that comes by this point dies there."""
        (self.folder / "struck").unlink(missing_ok=True)
        (self.folder / "making").write_text(point)
        (self.folder / "making").rename(self.folder / "armed")

    @property
    def struck(self) -> bool:
        return (self.folder / "struck").exists()

    def disarm(self) -> None:
        (self.folder / "armed").unlink(missing_ok=True)

    def die(self, *names: str) -> None:
        """These processes are killed at once, wherever they are."""
        for name in names:
            if name in dict(self.site.processes.running):
                self.site.kill(name)

    def start(self) -> None:
        """Whatever does not run is started; nothing is armed any more."""
        self.disarm()
        self.die(*(name for name, process in self.site.processes.running if process.poll() is not None))
        for name, start in PROCESSES.items():
            if name not in dict(self.site.processes.running):
                start(self.site)

    def pid(self, name: str) -> int:
        return dict(self.site.processes.running)[name].pid

    # --- freezing and starving ----------------------------------------------------------------------------
    @contextlib.contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """Not in the midst of a write: then SQLite's lock would be held, and nobody could go on."""
        os.kill(self.pid(name), signal.SIGSTOP)
        until = time.monotonic() + patient(10)
        while not self.can_write() and time.monotonic() < until:
            os.kill(self.pid(name), signal.SIGCONT)
            time.sleep(0.02)
            os.kill(self.pid(name), signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid(name), signal.SIGCONT)

    def can_write(self) -> bool:
        path = self.site.processes.environment["DATABASE_URL"].removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            database.execute("ROLLBACK")
        return True

    @contextlib.contextmanager
    def full_disk(self) -> Iterator[None]:
        """No process can write to a file any more, be it the database, its log or our own."""
        pids = [process.pid for _, process in self.site.processes.running]
        before = [resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids]
        for pid, (_, hard) in zip(pids, before, strict=True):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
        try:
            yield
        finally:
            for pid, limits in zip(pids, before, strict=True):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)

    def set_clock_wrong(self, seconds: float) -> None:
        """From now on, in every process of the product."""
        descriptor = os.open(self.folder / "clock", os.O_WRONLY)
        os.pwrite(descriptor, f"{seconds:+016.3f}".encode(), 0)  # in one write, always as long
        os.close(descriptor)

    # --- what is true -------------------------------------------------------------------------------------
    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return site_rows.rows(self.site, query, *values)

    def open_commands(self) -> list[str]:
        """Interventions of which it is not said what became of them."""
        newest = """SELECT i.verb || ' ' || o.state
            FROM participants_intervention i JOIN participants_outcome o ON o.intervention_id = i.id
            AND o.position = (SELECT max(position) FROM participants_outcome WHERE intervention_id = i.id)"""
        return [row for (row,) in self.rows(newest) if row.split()[1] not in FINAL]


@contextlib.contextmanager
def running_machine(folder: Path, *, scale: float = SCALE, **environment: str) -> Iterator[Machine]:
    faults = folder / "faults"
    faults.mkdir()
    (faults / "points.json").write_text(json.dumps(as_json()))
    (faults / "clock").write_text(f"{0:+016.3f}")
    paths = {"PYTHONPATH": f"{CHILD}{os.pathsep}{ROOT}", "EARSHOT_FAULTS": str(faults)}
    with running_site(folder, time_scale=scale, environment=paths | environment) as site:
        yield Machine(site, faults)


def in_background(act: Callable[[], Any]) -> threading.Thread:
    """What a person does at the moment of the fault: the answer may never come."""

    def quietly() -> None:
        with contextlib.suppress(requests.RequestException, AssertionError, ValueError):
            act()

    thread = threading.Thread(target=quietly)
    thread.start()
    return thread


# --- one call ---------------------------------------------------------------------------------------------
def floor_of(machine: Machine, call: Call) -> Floor:
    """The call for the invariants: a customer, who is the first, and agents."""
    people = dict.fromkeys(call.call_sids, "agent") | {call.call_sids[0]: "customer"}
    sids = {call.sid: call.provider}
    return Floor(machine.site, people=people, sids=sids, began=call.now())


def insist(call: Call, verb: str, *, by: Person | None = None) -> None:
    insist_on(by or call.person, call.id, verb)


def insist_on(person: Person, conference: str, verb: str) -> None:
    """Until it is so; asks again when a busy machine let the wish lapse."""
    until = time.monotonic() + patient(15)
    body = {"confirm": True} if verb == "barge" else {}
    while time.monotonic() < until:
        answer = person.post(f"conferences/{conference}/{verb}/", body)
        asked = time.monotonic()
        while time.monotonic() - asked < 5:
            if person.strip()["code"] == SHOWN[verb]:
                return
            time.sleep(0.05)
    raise AssertionError(f"no {verb} but {person.strip()}; answered: {answer}")
