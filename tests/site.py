"""A whole Earshot in its own processes, as in production: sandbox, worker and server on a file database.

For journeys and for tests from outside. Its people are the demo's.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from participants.management.demo import accounts, people, statics
from participants.management.demo.director import Visitor
from participants.management.demo.processes import Processes, daphne
from tests.patience import ANSWER_S, patient, wait_for
from tests.sandbox.process import Sandbox, free_port, running_sandbox

ROOT = Path(__file__).resolve().parents[1]
STARTED_WITHIN_S = 30.0
TIME_SCALE = 0.2
MAKE_DATA = """
import sys, django
django.setup()
from participants.management.demo import database, people
database.prepare()
people.make(api_url=sys.argv[1])
"""


@dataclass
class Site:
    url: str
    sandbox: Sandbox
    processes: Processes

    def login(self, page: Any, username: str) -> None:
        """Sign in by the form; `page` is Playwright's."""
        page.goto(f"{self.url}/login/")
        page.fill("input[name=login]", username)
        page.fill("input[name=password]", people.PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(f"{self.url}/", timeout=patient(15) * 1000)

    def visitor(self, username: str) -> Visitor:
        """The same over plain HTTP: `.http` is a signed-in session."""
        visitor = Visitor(self.url, username)
        visitor.sign_in()
        return visitor

    def start_server(self) -> None:
        self.processes.start("server", *daphne(int(self.url.rpartition(":")[2])))
        self.wait_for(lambda: self._answers("/healthz"), within_s=STARTED_WITHIN_S)

    def start_worker(self) -> None:
        self.processes.start("worker", "manage.py", "worker")
        self.wait_for(lambda: self._answers("/readyz"), within_s=STARTED_WITHIN_S)

    def kill(self, name: str) -> None:
        """SIGKILL, as when the machine's memory runs out."""
        self.processes.kill(name)

    def wait_for(self, condition: Callable[[], Any], *, within_s: float = 5.0) -> Any:
        """As tests.patience, and no process may have ended meanwhile."""
        return wait_for(condition, within_s=within_s, every_s=0.05, meanwhile=self.processes.check)

    def _answers(self, path: str) -> bool:
        try:
            return requests.get(self.url + path, timeout=ANSWER_S).ok
        except requests.RequestException:
            return False


@contextlib.contextmanager
def running_site(
    folder: Path,
    *,
    time_scale: float = TIME_SCALE,
    worker: bool = True,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Site]:
    """`folder` takes the database and the logs. Everything is stopped at the end.

    `environment`: what the product's processes are told otherwise.
    """
    url = f"http://127.0.0.1:{free_port()}"
    told = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "PYTHONPATH": str(ROOT),
        "DEBUG": "0",
        "SECRET_KEY": "0123456789" * 6,
        "ALLOWED_HOSTS": "127.0.0.1",
        "PUBLIC_URL": url,
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "EARSHOT_LOGIN_RATE_LIMITS": "0",
        "EARSHOT_MEDIA_ROOT": str(folder / "media"),
        "EARSHOT_TIME_SCALE": str(time_scale),
        **accounts.SECRETS,
        **(environment or {}),
    }
    processes = Processes(environment=told, logs=folder)
    with running_sandbox(callback_url=url, time_scale=time_scale) as sandbox:
        site = Site(url=url, sandbox=sandbox, processes=processes)
        try:
            processes.run("data", "-c", MAKE_DATA, sandbox.url)
            statics.collect(processes)
            site.start_server()
            if worker:
                site.start_worker()
            yield site
        finally:
            processes.stop()
