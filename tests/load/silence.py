"""How soon a mute and a removal are on the wire while the server takes more callbacks than it can."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from statistics import median

from tests.load.flood import CONNECTIONS, send
from tests.load.flood import Call as Flooding
from tests.outside.person import Call, Person
from tests.outside.provider import PROVIDERS
from tests.patience import wait_for
from tests.site import Site

OFFERED = 300  # callbacks a second, over all connections


def mutes(site: Site, *, times: int) -> tuple[float, float, float]:
    """Milliseconds from the click to the wire: the median alone, then the median and the worst in a flood."""
    person = Person(site, "lead")
    calls = [Call(person, name, number) for number, name in enumerate(PROVIDERS, 1)]
    alone = list(_clicks(calls, times))
    with _flood(site):
        flooded = list(_clicks(calls, times))
    return median(alone), median(flooded), max(flooded)


def _clicks(calls: list[Call], times: int) -> Iterator[float]:
    for turn, call in zip(range(times), cycle(calls), strict=False):
        index = turn // len(calls) % 2
        began = wait_for(lambda: _clicked(call, index))  # noqa: B023 (called at once)
        yield (_on_the_wire(call, began) - began) * 1000
        wait_for(lambda: call.leg(index)["muted"])  # noqa: B023


def _clicked(call: Call, index: int) -> float | None:
    """When a mute of this leg was asked for; first of all it has to be heard."""
    leg = call.leg(index)
    if leg["muted"]:
        call.person.post(f"participants/{leg['id']}/unmute/")
        return None
    began = time.time()
    status, answer = call.person.post(f"participants/{leg['id']}/mute/")
    if answer.get("code") == "already":
        return None
    assert status in (200, 202, 504), (status, answer)
    return began


def _on_the_wire(call: Call, since: float) -> float:
    """When the first mute since then came to the provider; the answer to the click may have been sooner."""

    def sent() -> list[float]:
        asked = call.sandbox.get(f"/_sandbox/requests?since={since}")
        return [row["at"] for row in asked if row["params"].get("Muted") == "true"]

    return float(min(wait_for(sent)))


@contextmanager
def _flood(site: Site) -> Iterator[None]:
    stop = threading.Event()
    senders = [threading.Thread(target=_send, args=(site, stop)) for _ in range(CONNECTIONS)]
    for sender in senders:
        sender.start()
    try:
        yield
    finally:
        stop.set()
        for sender in senders:
            sender.join()


def _send(site: Site, stop: threading.Event) -> None:
    """A share of what is offered: a sender that is not answered in time sends the next at once."""
    calls = [Flooding(site.url, provider) for provider in PROVIDERS.values()]
    for call in calls:
        send(site.url, call.opening())
    due = time.monotonic()
    for call in cycle(calls):
        if stop.is_set():
            return
        send(site.url, [call.change()])
        due += CONNECTIONS / OFFERED
        time.sleep(max(0.0, due - time.monotonic()))
