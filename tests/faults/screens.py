"""Browsers that are closed: by which code, and when the whole board came again."""

import json
import time
from typing import Any

from tests.outside.person import Person

from .screen import Screen


class Browser(Screen):
    """`codes` of its closes, 1006 where none was said; `snapshots`, `beats`: when they came (monotonic)."""

    def __init__(self, person: Person) -> None:
        self.codes: list[int] = []
        self.snapshots: list[float] = []
        self.beats: list[float] = []
        self.accounts: dict[str, Any] = {}
        super().__init__(person)

    def _watch(self) -> None:
        with self._connected() as self._socket:
            try:
                for text in self._socket:
                    self._note(json.loads(text))
            finally:
                close = self._socket.protocol.close_rcvd
                self.codes.append(close.code if close else 1006)

    def _note(self, frame: dict[str, Any]) -> None:
        self._take(frame)
        if frame["type"] == "snapshot":
            self.snapshots.append(time.monotonic())
        elif frame["type"] == "heartbeat":
            self.beats.append(time.monotonic())
            self.accounts = frame["accounts"]
