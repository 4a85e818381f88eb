"""`make bench`: what Earshot does here, against a baseline of the same run: a slow machine is no slow code.

Writes var/bench.json. SHORT=1 takes under a minute.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path

import django
import orjson

os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings"
django.setup()

from websockets.sync.client import ClientConnection, connect  # noqa: E402

from participants.events import LegEvent, Presence, Source, Stamp  # noqa: E402
from participants.merge import Leg, merge  # noqa: E402
from tests.load import silence  # noqa: E402
from tests.load.flood import Call, Request, per_second, rate, send  # noqa: E402
from tests.outside.provider import PROVIDERS  # noqa: E402
from tests.site import Site, running_site  # noqa: E402

SHORT = os.environ.get("SHORT") == "1"
CALLS = 40
CHANGES = 20 if SHORT else 150  # for each call
LATENCIES = 60 if SHORT else 400
SECONDS = 1.0 if SHORT else 5.0
RESULT = Path(__file__).resolve().parents[2] / "var" / "bench.json"


@dataclass(frozen=True)
class Measure:
    """`ratio` is value / baseline; `goal` is for the value where it is a time, else for the ratio."""

    name: str
    value: float
    baseline: float
    ratio: float
    goal: float
    ok: bool


def throughput(name: str, value: float, baseline: float, *, goal: float) -> Measure:
    ratio = value / baseline
    return Measure(name, round(value, 1), round(baseline, 1), round(ratio, 4), goal, ratio >= goal)


def latency(name: str, value: float, baseline: float, *, goal: float) -> Measure:
    return Measure(name, round(value, 1), round(baseline, 1), round(value / baseline, 2), goal, value <= goal)


def callbacks_applied(site: Site) -> Measure:
    """A callback verified, stored, merged and published, against a view that does nothing.

    Half of the calls are of each provider.
    """
    turns = cycle(PROVIDERS.values())
    calls = [Call(site.url, next(turns)) for _ in range(CALLS)]
    per_second(site.url, [call.opening() for call in calls])
    nothing: Request = ("GET", "/healthz", b"", {})
    baseline = per_second(site.url, [[nothing] * CHANGES] * CALLS)
    value = per_second(site.url, [[call.change() for _ in range(CHANGES)] for call in calls])
    return throughput("callbacks applied per second (baseline: an empty view)", value, baseline, goal=0.1)


def callback_to_socket(site: Site) -> list[Measure]:
    """From the moment a callback is sent to its frame at an open socket, in milliseconds."""
    call, cookie = Call(site.url), site.visitor("lead").http.cookies["sessionid"]
    send(site.url, call.opening())
    seen, answered = [], []
    address = f"{site.url.replace('http', 'ws')}/ws/board/"
    with connect(
        address, origin=site.url, additional_headers={"Cookie": f"sessionid={cookie}"}, max_size=None
    ) as socket:
        for _ in range(LATENCIES):
            change, began = call.change(), time.perf_counter()
            send(site.url, [change])
            answered.append(time.perf_counter() - began)
            while not _shows(socket, call):
                continue
            seen.append(time.perf_counter() - began)
    baseline = statistics.median(answered) * 1000
    p50, p99 = statistics.median(seen) * 1000, statistics.quantiles(seen, n=100)[98] * 1000
    return [
        latency("callback to socket, p50 ms (baseline: its answer)", p50, baseline, goal=300),
        latency("callback to socket, p99 ms (baseline: its answer)", p99, baseline, goal=1000),
    ]


def _shows(socket: ClientConnection, call: Call) -> bool:
    """Whether the next frame shows the call as it was changed."""
    news = json.loads(socket.recv(timeout=10))
    if news["type"] == "heartbeat":
        socket.send(json.dumps({"type": "ack", "seq": news["seq"]}))
    mine = [row for row in news.get("conferences", []) if row["sid"] == call.sid]
    return any(leg["muted"] is call.muted for row in mine for leg in row["participants"])


def merging(_: Site) -> Measure:
    """A fact merged into a leg, against copying the leg's facts once."""
    legs = [Leg(muted=bool(number % 2), hold=False) for number in range(100)]
    turn = iter(range(10**9))

    def one() -> None:
        number = next(turn)
        stamp = Stamp(source=Source.CALLBACK, occurred=float(number))
        event = LegEvent(
            conference_sid="CF", call_sid="CA", stamp=stamp, presence=Presence.IN, muted=bool(number % 3)
        )
        legs[number % 100] = merge(legs[number % 100], event, now=float(number)).leg

    facts = {"presence": "in", "muted": True, "hold": False, "coaching": None, "target": None, "marks": {}}
    baseline = rate(lambda: orjson.loads(orjson.dumps(facts)), seconds=SECONDS)
    value = rate(one, seconds=SECONDS)
    return throughput("facts merged per second (baseline: facts through JSON)", value, baseline, goal=0.01)


def board_read(site: Site) -> Measure:
    """The API's page of all calls, against a view that does nothing: requests a second."""
    cookie = site.visitor("lead").http.cookies["sessionid"]
    page: Request = ("GET", "/api/v1/conferences/?page_size=50", b"", {"Cookie": f"sessionid={cookie}"})
    nothing: Request = ("GET", "/healthz", b"", {})
    times = 10 if SHORT else 50
    baseline = per_second(site.url, [[nothing] * times] * 4)
    value = per_second(site.url, [[page] * times] * 4)
    return throughput("pages of 50 calls per second (baseline: an empty view)", value, baseline, goal=0.01)


def mute_in_a_flood(site: Site) -> list[Measure]:
    """From a click to the provider, in milliseconds, while 300 callbacks a second are offered."""
    alone, median, worst = silence.mutes(site, times=10 if SHORT else 60)
    return [
        latency("mute on the wire in a flood, median ms (baseline: without)", median, alone, goal=150),
        latency("mute on the wire in a flood, worst ms (baseline: without)", worst, alone, goal=500),
    ]


MEASURES: tuple[Callable[[Site], Measure | list[Measure]], ...] = (
    merging,
    callbacks_applied,
    callback_to_socket,
    board_read,
    mute_in_a_flood,
)


def main() -> int:
    measures: list[Measure] = []
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder), worker=False) as site:
        for measure in MEASURES:
            began = time.monotonic()
            found = measure(site)
            measures += found if isinstance(found, list) else [found]
            print(f"{measure.__name__}: {time.monotonic() - began:.1f} s", flush=True)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps({"measures": [asdict(measure) for measure in measures]}, indent=2))
    for measure in measures:
        mark = "ok  " if measure.ok else "SLOW"
        print(
            f"{mark} {measure.name}: {measure.value:g}, baseline {measure.baseline:g}, goal {measure.goal:g}"
        )
    return 0 if all(measure.ok for measure in measures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
