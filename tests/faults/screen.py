"""A browser's socket without the browser: every frame with the time at which it came."""

import contextlib
import json
import threading
import time
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidMessage
from websockets.sync.client import ClientConnection, connect

from tests.outside.person import Person

Json = dict[str, Any]


class Screen:
    """Keeps what the page would show. Acknowledges heartbeats; connects again when it is closed."""

    def __init__(self, person: Person) -> None:
        self.person, self.frames = person, list[tuple[float, Json]]()
        self.conferences: dict[str, Json] = {}
        self._closing = threading.Event()
        self._socket: ClientConnection | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(Exception):
            if self._socket is not None:
                self._socket.close()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(OSError, ConnectionClosed, TimeoutError, InvalidMessage):
                self._watch()
            self._closing.wait(0.2)

    def _watch(self) -> None:
        with self._connected() as self._socket:
            for text in self._socket:
                self._take(json.loads(text))

    def _connected(self) -> ClientConnection:
        site, cookies = self.person.site.url, self.person.http.cookies
        return connect(
            f"{site.replace('http', 'ws', 1)}/ws/board/",
            origin=site,  # type: ignore[arg-type]
            additional_headers={"Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items())},
            max_size=None,
        )

    def _take(self, frame: Json) -> None:
        self.frames.append((time.time(), frame))
        if frame["type"] == "snapshot":
            self.conferences = {row["id"]: row for row in frame["conferences"]}
        elif frame["type"] == "changes":
            self.conferences.update({row["id"]: row for row in frame["conferences"]})
            for id_ in frame["gone"]:
                self.conferences.pop(id_, None)
        elif frame["type"] == "heartbeat" and self._socket is not None:
            self._socket.send(json.dumps({"type": "ack", "seq": frame["seq"]}))

    def said(self, start: float, until: float) -> list[tuple[float, float, Json]]:
        """The person's own line in this time: from when, to when, what it said."""
        lines = [(at, frame["strip"]) for at, frame in list(self.frames) if frame["type"] == "me"]
        ends = [at for at, _ in lines[1:]] + [until]
        cut = [(max(at, start), min(end, until), said) for (at, said), end in zip(lines, ends, strict=False)]
        return [(began, ended, said) for began, ended, said in cut if began < ended]

    def shown(self, sid: str) -> dict[str, tuple[Any, ...]] | None:
        """Who is on this call, each with its flags; None: the call is not on the board."""
        row = next((row for row in list(self.conferences.values()) if row["sid"] == sid), None)
        if row is None or row["status"] == "completed":
            return None
        return {
            leg["call_sid"]: (bool(leg["muted"]), bool(leg["hold"]), bool(leg["coaching"]))
            for leg in row["participants"]
            if leg["status"] == "connected"
        }

    def everything(self) -> str:
        return json.dumps([frame for _, frame in list(self.frames)])

    def forget(self) -> None:
        """Only the newest line is kept: the story begins now."""
        lines = [one for one in self.frames if one[1]["type"] == "me"]
        self.frames = lines[-1:]
