"""Earshot's server as its own process on the tests' database, and a screen that watches it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from websockets.sync.client import ClientConnection, connect

from tests.sandbox.process import free_port

ROOT = Path(__file__).resolve().parents[2]
TIME_SCALE = 0.05
STARTED_WITHIN_S = 20


def database_url() -> str:
    """The tests' own database, as another process finds it."""
    settings = connections["default"].settings_dict
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        return f"sqlite:///{settings['NAME']}"
    user, password = settings["USER"], settings["PASSWORD"]
    return f"postgres://{user}:{password}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"


class Server:
    """Daphne on a free port. `url` stays the same when it is killed and started again."""

    def __init__(self, **environment: str) -> None:
        self.port = free_port()
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
        daphne = [sys.executable, "-m", "daphne", "--verbosity", "0", "--port", str(self.port)]
        limits = ["--ping-interval", "5", "--ping-timeout", "5"]
        self.process = subprocess.Popen(
            [*daphne, *limits, "console.asgi:application"], cwd=ROOT, env=self.environment
        )
        deadline = time.monotonic() + STARTED_WITHIN_S
        while not self._answers():
            assert self.process.poll() is None, "the server ended at its start"
            assert time.monotonic() < deadline, "the server did not start in time"
            time.sleep(0.05)

    def stop(self, *, kill: bool = False) -> None:
        assert self.process is not None
        self.process.kill() if kill else self.process.terminate()
        self.process.wait(timeout=15)

    def memory(self) -> int:
        """Resident bytes of the process."""
        assert self.process is not None
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=1).ok
        except requests.ConnectionError:
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
    )


@dataclass
class Screen:
    """What the page does: keeps whole conferences, acknowledges, and insists on numbers without holes."""

    server: Server
    client: Client
    conferences: dict[str, dict[str, Any]] = field(default_factory=dict)
    strip: dict[str, Any] | None = None
    accounts: dict[str, Any] | None = None
    frames: list[dict[str, Any]] = field(default_factory=list)
    acknowledges: bool = True

    def __post_init__(self) -> None:
        self.seq = 0
        self._open = ExitStack()
        opening = open_socket(self.server, session=self.client.cookies["sessionid"].value)
        self.socket = self._open.enter_context(opening)

    def __enter__(self) -> "Screen":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def receive(self, within_s: float = 3.0) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(self.socket.recv(timeout=within_s))
        heartbeat = frame["type"] == "heartbeat"
        assert frame["seq"] == self.seq + (not heartbeat), f"a hole before {frame}"
        self.seq = frame["seq"]
        self.frames.append(frame)
        getattr(self, f"_{frame['type']}")(frame)
        return frame

    def until(self, condition: Callable[["Screen"], Any], within_s: float = 3.0) -> Any:
        """The first true value of `condition(screen)`, asked after each frame."""
        deadline = time.monotonic() + within_s
        while not (found := condition(self)):
            left = deadline - time.monotonic()
            assert left > 0, f"not within {within_s} s: {self.names()}, {self.frames[-5:]}"
            self.receive(left)
        return found

    def beats(self, count: int = 2) -> None:
        """Waits for so many more heartbeats: what was to come has come by then."""
        for _ in range(count):
            seen = len(self.of("heartbeat"))
            self.until(lambda screen, seen=seen: len(screen.of("heartbeat")) > seen)

    def names(self) -> set[str]:
        return {conference["friendly_name"] for conference in self.conferences.values()}

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == kind]

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
        if self.acknowledges:
            self.socket.send(json.dumps({"type": "ack", "seq": frame["seq"]}))
