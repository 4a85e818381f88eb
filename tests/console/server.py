"""Earshot's server as its own process on the tests' database, and a screen that watches it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import requests
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from websockets.sync.client import ClientConnection, connect

from participants.management.demo.processes import daphne
from tests.patience import ANSWER_S, patient, wait_for
from tests.sandbox.process import free_port

ROOT = Path(__file__).resolve().parents[2]
TIME_SCALE = 0.1
STARTED_WITHIN_S = 20

Acknowledge = Callable[[dict[str, Any]], int | None]


def database_url() -> str:
    """The tests' own database, as another process finds it."""
    settings = connections["default"].settings_dict
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        return f"sqlite:///{settings['NAME']}"
    user, password = settings["USER"], settings["PASSWORD"]
    return f"postgres://{user}:{password}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"


class Server:
    """Daphne on a free port. `url` stays the same when it is killed and started again."""

    def __init__(self, application: str = "console.asgi", **environment: str) -> None:
        self.application, self.port = application, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "PUBLIC_URL": self.url,
            "EARSHOT_TIME_SCALE": str(TIME_SCALE),
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, *daphne(self.port)[:-1], f"{self.application}:application"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment)
        wait_for(self._answers, within_s=STARTED_WITHIN_S, every_s=0.05, meanwhile=self._runs)

    def stop(self, *, kill: bool = False) -> None:
        assert self.process is not None
        self.process.kill() if kill else self.process.terminate()
        self.process.wait(timeout=patient(15))

    def memory(self) -> int:
        """Resident bytes of the process."""
        assert self.process is not None
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def _runs(self) -> None:
        assert self.process is not None and self.process.poll() is None, "the server ended at its start"

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=ANSWER_S).ok
        except requests.RequestException:
            return False


def signed_in(user: User) -> Client:
    """A browser's cookies, without the form."""
    client = Client()
    client.force_login(user)
    return client


def open_socket(
    server: Server, *, session: str | None = None, origin: str | None = "", host: str = "127.0.0.1"
) -> AbstractContextManager[ClientConnection]:
    """A bare connection to the board. `origin` is the server's own unless it is told."""
    return connect(
        f"ws://{host}:{server.port}/ws/board/",
        origin=server.url if origin == "" else origin,
        additional_headers={"Cookie": f"sessionid={session}"} if session else None,
        max_size=None,
        compression=None,
        proxy=None,
        open_timeout=ANSWER_S,
    )


class Screen:
    """What the page does: keeps whole conferences, acknowledges, and insists on numbers without holes.

    It reads in a thread of its own, as a page does beside whatever the test is busy with.
    """

    def __init__(self, server: Server, client: Client, *, acknowledge: Acknowledge | None = None) -> None:
        self.conferences: dict[str, dict[str, Any]] = {}
        self.strip: dict[str, Any] | None = None
        self.accounts: dict[str, Any] | None = None
        self.frames: list[dict[str, Any]] = []
        self.seq = 0
        self.close_code: int | None = None
        self._wrong: Exception | None = None
        self._news = threading.Condition()
        self._acknowledge = acknowledge or (
            lambda frame: frame["seq"] if frame["type"] == "heartbeat" else None
        )
        self._open = ExitStack()
        opening = open_socket(server, session=client.cookies["sessionid"].value)
        self.socket = self._open.enter_context(opening)
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def __enter__(self) -> "Screen":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        self._reading.join(ANSWER_S)

    def until(self, condition: Callable[["Screen"], Any], within_s: float = 5.0) -> Any:
        """The first true value of `condition(screen)`, asked after each frame and at the close."""
        deadline = time.monotonic() + patient(within_s)
        with self._news:
            while not (found := condition(self)):
                if self._wrong:
                    raise self._wrong
                left = deadline - time.monotonic()
                assert left > 0, f"not within {within_s} s: {self}"
                assert self.close_code is None, f"closed: {self}"
                self._news.wait(left)
        return found

    def until_closed(self, within_s: float = 5.0) -> int:
        self.until(lambda screen: screen.close_code is not None, within_s)
        assert self.close_code is not None
        return self.close_code

    def beats(self, count: int = 2) -> None:
        """Waits for so many more heartbeats: what was to come has come by then."""
        seen = len(self.of("heartbeat"))
        self.until(lambda screen: len(screen.of("heartbeat")) >= seen + count)

    def names(self) -> set[str]:
        return {conference["friendly_name"] for conference in self.conferences.values()}

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == kind]

    def __repr__(self) -> str:
        kinds = [(frame["type"], frame["seq"]) for frame in self.frames[-5:]]
        return f"{kinds}, {len(self.conferences)} calls, closed with {self.close_code}"

    def _read(self) -> None:
        wrong = None
        try:
            for text in self.socket:
                self._take(json.loads(text))
        except Exception as raised:
            wrong = raised
        with self._news:
            self._wrong = wrong
            # Without a close frame of the server: 1006, as in a browser.
            self.close_code = (
                self.socket.protocol.close_rcvd.code if self.socket.protocol.close_rcvd else 1006
            )
            self._news.notify_all()

    def _take(self, frame: dict[str, Any]) -> None:
        counted = frame["type"] != "heartbeat"
        with self._news:
            assert frame["seq"] == self.seq + counted, f"a hole before {frame}"
            self.seq = frame["seq"]
            getattr(self, f"_{frame['type']}")(frame)
            self.frames.append(frame)
            self._news.notify_all()
        if (seq := self._acknowledge(frame)) is not None:
            self.socket.send(json.dumps({"type": "ack", "seq": seq}))

    def _snapshot(self, frame: dict[str, Any]) -> None:
        self.conferences = {conference["id"]: conference for conference in frame["conferences"]}

    def _changes(self, frame: dict[str, Any]) -> None:
        for conference in frame["conferences"]:
            held = self.conferences.get(conference["id"])
            assert held is None or held["version"] < conference["version"], "an older version, or the same"
            self.conferences[conference["id"]] = conference
        for gone in frame["gone"]:
            del self.conferences[gone]

    def _me(self, frame: dict[str, Any]) -> None:
        self.strip = frame["strip"]

    def _heartbeat(self, frame: dict[str, Any]) -> None:
        self.accounts = frame["accounts"]
