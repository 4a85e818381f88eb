"""The demo from the first check to the last goodbye."""

import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import requests
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.utils import timezone

from participants.sealing import new_key

from . import accounts, database, opening, people, statics
from .director import PARTS, Director, Visitor
from .processes import HOST, Processes, daphne, port_taken

READY_WITHIN = 180.0  # seconds: on a slow machine that is busy, too; a process that ends is noticed at once
SETTLED = 5.0  # seconds after a sign-in: by then a browser has opened its socket
BANNER = """
Earshot is running: {url}   (demo floor, no real calls)

  Start here   lead        earshot   all teams, every button
  Then try     supervisor  earshot   team Billing only
               agent       earshot   Ann Okafor: who was on my calls, raise a hand
               auditor     earshot   reads everything, touches nothing
               admin       earshot   set-up and audit at /admin/

The other end of the line (what customers and agents hear): {sandbox}
Stop with Ctrl-C.
"""


@dataclass(frozen=True, kw_only=True)
class Programme:
    """What was asked for on the command line, and the sandbox of SANDBOX_URL, if any."""

    port: int
    sandbox_port: int
    scene: str
    speed: float
    given_sandbox: str

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def sandbox(self) -> str:
        return self.given_sandbox or f"http://{HOST}:{self.sandbox_port}"


class Stage:
    def __init__(self, programme: Programme, *, stop: threading.Event, say: Callable[[str], None]) -> None:
        self.programme, self.stop, self.say = programme, stop, say
        self.began = timezone.now()
        self.processes = Processes(environment=_environment(programme), logs=settings.VAR_DIR / "log")

    def run(self) -> None:
        """Until `stop` is set. Raises CommandError with a sentence; whatever was started is stopped."""
        self._refuse_taken_ports()
        if self.programme.given_sandbox:
            accounts.public_keys(self.programme.sandbox)  # before anything is made for one that is not there
        try:
            self._prepare()
            self._start()
            self._direct()
        finally:
            self.processes.stop()

    def _refuse_taken_ports(self) -> None:
        ports = {"PORT": self.programme.port}
        if not self.programme.given_sandbox:
            ports["SANDBOX_PORT"] = self.programme.sandbox_port
        for name, port in ports.items():
            if port_taken(port):
                raise CommandError(
                    f"Port {port} is in use by another program. "
                    f"Start with another: {name}={port + 1} make run"
                )

    def _prepare(self) -> None:
        self.say("Preparing the demo's database and pages …")
        os.environ.update(accounts.SECRETS)  # this process mirrors the opening positions
        database.prepare()
        statics.collect(self.processes)

    def _start(self) -> None:
        """The server before the scene, whose callbacks it takes; the worker after the opening positions."""
        self.say("Starting the sandbox, the server and the worker …")
        if not self.programme.given_sandbox:
            port = str(self.programme.sandbox_port)
            self.processes.start(
                "sandbox", "manage.py", "sandbox", "--port", port, "--callback-url", self.programme.url
            )
            self._until(f"{self.programme.sandbox}/_sandbox/time")
        if self.stop.is_set():
            return
        people.make(api_url=self.programme.sandbox)
        if not self.programme.given_sandbox:
            opening.end_former_calls(self.stop)
        self.processes.start("server", *daphne(self.programme.port))
        self._until(f"{self.programme.url}/healthz")
        if not self.programme.given_sandbox and not self.stop.is_set():
            opening.play(self.programme.sandbox, self.programme.scene)
        self.processes.start("worker", "manage.py", "worker")
        self._until(f"{self.programme.url}/readyz")

    def _until(self, url: str) -> None:
        """Wait for a 200, or for the stop. Raises CommandError when it does not come."""
        deadline = time.monotonic() + READY_WITHIN
        while not self.stop.wait(0.25):
            self.processes.check()
            if _answers(url):
                return
            if time.monotonic() > deadline:
                raise CommandError(
                    f"{url} was not ready within {READY_WITHIN:.0f} s: see {self.processes.logs}"
                )

    def _direct(self) -> None:
        """The story begins when somebody looks: its first minute is made for them."""
        people = {name: Visitor(self.programme.url, name) for name in sorted({part.who for part in PARTS})}
        director = Director(people, speed=self.programme.speed)
        if not self.stop.is_set():
            self._stand()
            director.look()
            self.say(BANNER.format(url=self.programme.url, sandbox=self.programme.sandbox))
        while not self.stop.wait(0.25):
            self.processes.check()
            if director.began is None and self._somebody_looks():
                director.begin()
                if not self.programme.given_sandbox:
                    opening.set_scene(
                        self.programme.sandbox, self.programme.scene, speed=self.programme.speed
                    )
            elif director.began is None:
                self._stand()
            director.look()
        self.say("Stopped.")

    def _stand(self) -> None:
        if not self.programme.given_sandbox:
            opening.excuse_silence()

    def _somebody_looks(self) -> bool:
        """A board is open, or somebody without one has been signed in for a while."""
        settled = timezone.now() - timedelta(seconds=SETTLED)
        others = User.objects.exclude(username="rosa").filter(last_login__range=(self.began, settled))
        return _open_boards(self.programme.url, self.processes.environment) > 0 or others.exists()


def _open_boards(url: str, environment: Mapping[str, str]) -> int:
    bearer = {"Authorization": f"Bearer {environment['EARSHOT_METRICS_TOKEN']}"}
    try:
        lines = requests.get(f"{url}/metrics", headers=bearer, timeout=5).text.splitlines()
    except requests.RequestException:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("earshot_sockets ")), 0)


def _environment(programme: Programme) -> dict[str, str]:
    """The children run as in production, but on this machine and without limits on sign-in."""
    return {
        **os.environ,
        "DEBUG": "0",
        "SECRET_KEY": _kept(settings.VAR_DIR / "demo-secret-key", lambda: secrets.token_urlsafe(48)),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "PUBLIC_URL": programme.url,
        "EARSHOT_ENCRYPTION_KEYS": _kept(settings.VAR_DIR / "demo-encryption-key", new_key),
        "EARSHOT_LOGIN_RATE_LIMITS": "0",
        "EARSHOT_METRICS_TOKEN": secrets.token_urlsafe(16),
        **accounts.SECRETS,
    }


def _kept(path: Path, make: Callable[[], str]) -> str:
    """The same after a restart, so that people stay signed in, and what they pasted can be opened."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(make())
    return path.read_text()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False
