"""Providers that post without a pause, and remember what was answered."""

import random
import threading
from collections.abc import Iterator

import requests

from tests.outside.provider import PROVIDERS, Provider, Story, post

from .site_rows import canonical

SENDERS = 6


class Flood:
    """Senders of both providers, each with stories of its own. `acknowledged`: what was answered 2xx."""

    def __init__(self, url: str, *, seed: int, senders: int = SENDERS) -> None:
        self.url, self.acknowledged, self.answers = url, set[str](), list[int]()
        self._stop, self._lock = threading.Event(), threading.Lock()
        chance = random.Random(seed)
        named = sorted(PROVIDERS)
        self._threads = [
            threading.Thread(target=self._send, args=(PROVIDERS[named[number % 2]], chance.random()))
            for number in range(senders)
        ]

    def __enter__(self) -> "Flood":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(20)

    def _send(self, provider: Provider, seed: float) -> None:
        chance = random.Random(seed)
        for kind, form in stories(provider, chance):
            if self._stop.is_set():
                return
            try:
                status = post(provider, f"{self.url}/callbacks/{provider.key}/{kind}/", form)
            except requests.RequestException:
                self._stop.wait(0.02)  # nobody is there: it was not acknowledged
                continue
            with self._lock:
                self.answers.append(status)
                if status // 100 == 2:
                    self.acknowledged.add(canonical(form))


def stories(provider: Provider, chance: random.Random) -> Iterator[tuple[str, dict[str, str]]]:
    while True:
        told, customer, agent = Story(provider), provider.call_sid(), provider.call_sid()
        told.tell("participant-join", customer)
        told.tell_call(customer, 1, "in-progress")
        told.tell("participant-join", agent, f"agent-{chance.randint(1, 8)}")
        told.tell("conference-start")
        told.tell("participant-mute", agent, "", Muted="true")
        told.tell("participant-leave", agent)
        told.tell("conference-end")
        yield from told.told
