"""What the story's people do in Earshot itself, over the public API."""

import logging
import time
from dataclasses import dataclass, field
from typing import Any

import requests

from participants.sandbox.scenes import LOOP_S, SECOND_LEVEL

from .people import PASSWORD

log = logging.getLogger(__name__)
TIMEOUT = 10.0
KEEPS_TRYING = 30.0
PAUSE = 1.0


@dataclass(frozen=True)
class Part:
    """At `at` seconds of the story somebody does something on a call: a route below it, and what is sent."""

    who: str
    at: float
    call: str
    verb: str
    body: tuple[tuple[str, Any], ...] = ()


PARTS = (
    # Rosa listens to Priya from the start, and whispers when the customer gets loud.
    Part("rosa", 0.0, "billing-1045", "listen"),
    Part("rosa", 130.0, "billing-1045", "whisper"),
    # Samuel is new and needs the second level, where nobody picks up.
    Part("lead", 95.0, "technical-3007", "participants", (("to", SECOND_LEVEL), ("timeout", 15))),
)


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

    def command(
        self, conference: str, verb: str, body: dict[str, Any] | None = None, *, key: str = ""
    ) -> bool:
        """True unless it was refused."""
        keyed = {"Idempotency-Key": key} if key else {}
        answer = self.http.post(
            f"{self.url}/api/v1/conferences/{conference}/{verb}/",
            json=body or {},
            headers={"X-CSRFToken": self.http.cookies["csrftoken"], "Referer": self.url} | keyed,
            timeout=TIMEOUT,
        )
        if answer.status_code >= 400:
            log.debug("%s: %s was answered %s", self.username, verb, answer.text)
        return answer.status_code < 400


@dataclass
class Director:
    """Each part is done once in a telling of the story; a new telling has new calls."""

    people: dict[str, Visitor]
    speed: float = 1.0
    began: float | None = None
    done: set[tuple[str, Part]] = field(default_factory=set)
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
            for part in PARTS:
                if part.at <= self._story() < part.at + KEEPS_TRYING:
                    self._play(part)
        except requests.RequestException as wrong:
            log.debug("the director could not act: %s", wrong)

    def _play(self, part: Part) -> None:
        visitor = self.people[part.who]
        if "sessionid" not in visitor.http.cookies:
            visitor.sign_in()
        found = visitor.call_named(part.call)
        if found is None or (found["id"], part) in self.done:
            return
        # One that was dialled although the answer was lost is not dialled again.
        key = f"demo-{found['id']}-{part.at:g}"
        if visitor.command(found["id"], part.verb, dict(part.body), key=key):
            self.done.add((found["id"], part))

    def _story(self) -> float:
        """Seconds of the story, which is told again and again."""
        return 0.0 if self.began is None else (time.monotonic() - self.began) * self.speed % LOOP_S
