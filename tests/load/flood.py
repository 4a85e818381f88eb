"""Signed callbacks of many calls at once, and how long a server takes for them."""

import http.client
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

from tests.outside.provider import FORM, TWILIO, Provider, Story

Request = tuple[str, str, bytes, dict[str, str]]  # method, path, body, headers
CONNECTIONS = 4


class Call:
    """One conference whose agent is muted and unmuted for ever; where nobody tells that, goes and comes."""

    def __init__(self, url: str, provider: Provider = TWILIO) -> None:
        self.url, self.provider = f"{url}/callbacks/{provider.key}/conference/", provider
        self.story, self.agent = Story(provider), provider.call_sid()
        self.sid = self.story.sid
        self.muted = self.left = False

    def opening(self) -> list[Request]:
        return [self._request("conference-start"), self._leg("participant-join")]

    def change(self) -> Request:
        if self.provider.told:
            self.left = not self.left
            return self._leg("participant-leave" if self.left else "participant-join")
        self.muted = not self.muted
        return self._leg("participant-mute" if self.muted else "participant-unmute")

    def _leg(self, event: str) -> Request:
        return self._request(event, self.agent, "agent-1", Muted=str(self.muted).lower())

    def _request(self, event: str, *leg: str, **said: str) -> Request:
        self.story.tell(event, *leg, **said)
        _, form = self.story.told.pop()
        body = urlencode(form).encode()
        headers = self.provider.sign(self.url, body) | {"Content-Type": FORM}
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
