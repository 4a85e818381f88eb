"""Signed callbacks of many calls at once, and how long a server takes for them."""

import http.client
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlencode, urlsplit

from tests.participants.wire import DIALECTS, FORM

Request = tuple[str, str, bytes, dict[str, str]]  # method, path, body, headers
TWILIO = DIALECTS["twilio"]
CONNECTIONS = 4


class Call:
    """One conference with an agent whose line is muted and unmuted for ever."""

    def __init__(self, url: str, number: int) -> None:
        self.url, self.sequence = f"{url}/callbacks/twilio/conference/", 0
        self.sid, self.agent = f"CF{number:032x}", f"CA{number:032x}"
        self.muted = False

    def opening(self) -> list[Request]:
        return [self._request("conference-start"), self._leg("participant-join")]

    def change(self) -> Request:
        self.muted = not self.muted
        return self._leg("participant-mute" if self.muted else "participant-unmute")

    def _leg(self, event: str) -> Request:
        flags = {"Muted": str(self.muted).lower(), "Hold": "false", "Coaching": "false"}
        return self._request(event, CallSid=self.agent, ParticipantLabel="agent-1", **flags)

    def _request(self, event: str, **fields: str) -> Request:
        self.sequence += 1
        form = {
            "AccountSid": TWILIO.account_sid,
            "ConferenceSid": self.sid,
            "FriendlyName": self.sid,
            "SequenceNumber": str(self.sequence),
            "StatusCallbackEvent": event,
            "Timestamp": format_datetime(datetime.now(UTC)),
            **fields,
        }
        body = urlencode(form).encode()
        headers = TWILIO.sign(self.url, body, TWILIO.secret) | {"Content-Type": FORM}
        return "POST", urlsplit(self.url).path, body, headers


def per_second(url: str, work: Iterable[list[Request]]) -> float:
    """Requests a second over a few connections; each list goes over one, in its order."""
    work = list(work)
    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answered = sum(pool.map(lambda requests: send(url, requests), work))
    return answered / (time.perf_counter() - began)


def send(url: str, requests: Iterable[Request]) -> int:
    """How many were sent; fails at the first that is not answered 200."""
    sent = 0
    for answer in answers(url, requests):
        assert answer == 200, f"answered {answer}"
        sent += 1
    return sent


def answers(url: str, requests: Iterable[Request]) -> Iterator[int]:
    parts = urlsplit(url)
    assert parts.hostname
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    for method, path, body, headers in requests:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        response.read()
        yield response.status
    connection.close()


def rate(work: Callable[[], object], *, seconds: float) -> float:
    """How often a second this can be done."""
    done, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < seconds:
        work()
        done += 1
    return done / took
