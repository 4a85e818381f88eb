"""What the story's people do in Earshot itself: Rosa Haas, over the public API."""

import logging
import time
from dataclasses import dataclass, field
from typing import Any

import requests

from participants.sandbox.scenes import LOOP_S

from .people import PASSWORD

log = logging.getLogger(__name__)
TIMEOUT = 10.0
CALL = "billing-1045"
KEEPS_TRYING = 30.0
PAUSE = 1.0
PARTS = (("listen", 0.0), ("whisper", 130.0))  # seconds of the story


class Visitor:
    """A demo user at the public API, signed in as a browser would be."""

    def __init__(self, url: str, username: str) -> None:
        self.url, self.username = url, username
        self.http = requests.Session()

    def sign_in(self) -> None:
        self.http.get(f"{self.url}/login/", timeout=TIMEOUT).raise_for_status()
        form = {
            "login": self.username,
            "password": PASSWORD,
            "csrfmiddlewaretoken": self.http.cookies["csrftoken"],
        }
        answer = self.http.post(f"{self.url}/login/", data=form, timeout=TIMEOUT, allow_redirects=False)
        answer.raise_for_status()

    def call_named(self, name: str) -> dict[str, Any] | None:
        answer = self.http.get(f"{self.url}/api/v1/conferences/", params={"q": name}, timeout=TIMEOUT)
        answer.raise_for_status()
        return next((row for row in answer.json()["results"] if row["friendly_name"] == name), None)

    def command(self, conference: str, verb: str) -> bool:
        """True unless it was refused."""
        answer = self.http.post(
            f"{self.url}/api/v1/conferences/{conference}/{verb}/",
            json={},
            headers={"X-CSRFToken": self.http.cookies["csrftoken"], "Referer": self.url},
            timeout=TIMEOUT,
        )
        if answer.status_code >= 400:
            log.debug("%s: %s was answered %s", self.username, verb, answer.text)
        return answer.status_code < 400


@dataclass
class Director:
    """Rosa listens to Priya from the start and whispers at 2:10; a new telling of the story is a new call."""

    rosa: Visitor
    speed: float = 1.0
    began: float | None = None
    call: str | None = None
    done: set[str] = field(default_factory=set)
    looked: float = 0.0

    def begin(self) -> None:
        """The story is set going now."""
        self.began = time.monotonic()

    def look(self) -> None:
        """Do what is due. A server that does not answer now is asked again later."""
        if time.monotonic() - self.looked < PAUSE:
            return
        self.looked = time.monotonic()
        try:
            self._look()
        except requests.RequestException as wrong:
            log.debug("the director could not act: %s", wrong)

    def _look(self) -> None:
        if "sessionid" not in self.rosa.http.cookies:
            self.rosa.sign_in()
        found = self.rosa.call_named(CALL)
        if found is None:
            return
        if found["id"] != self.call:
            self.call, self.done = found["id"], set()
        for verb, at in PARTS:
            due = verb not in self.done and at <= self._story() < at + KEEPS_TRYING
            if due and self.rosa.command(found["id"], verb):
                self.done.add(verb)

    def _story(self) -> float:
        """Seconds of the story, which is told again and again."""
        return 0.0 if self.began is None else (time.monotonic() - self.began) * self.speed % LOOP_S
