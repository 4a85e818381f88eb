"""Many sockets: everybody comes back at once after a server died (F36), and some never say good-bye (F35)."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.outside.person import Call, Person
from tests.patience import ANSWER_S

from .load import Flood
from .machine import Machine
from .sizes import sizes
from .times import kept

BACK_WITHIN_S = 10.0  # 300 sockets, once the server answers
GONE_WITHIN_S = 30.0
PER_PERSON = 5
HALF_OPEN = 25
MAKE = """
import sys, django
django.setup()
from django.contrib.auth.models import Group, User
from django.test import Client
from participants.models import Supervisor, Team
for number in range(int(sys.argv[1])):
    user, _ = User.objects.get_or_create(username=f"many-{number}")
    user.groups.add(Group.objects.get(name="Supervisor"))
    Supervisor.objects.get_or_create(user=user)[0].teams.set(Team.objects.all())
    client = Client()
    client.force_login(user)
    print("session", client.cookies["sessionid"].value)
"""


@pytest.fixture(params=[10, pytest.param(60, marks=[pytest.mark.nightly, pytest.mark.timeout(240)])])
def sessions(request: pytest.FixtureRequest, machine: Machine) -> list[str]:
    """So many people are signed in."""
    machine.site.processes.run("people", "-c", MAKE, str(request.param))
    lines = (machine.site.processes.logs / "people.log").read_text().splitlines()
    return [line.split()[1] for line in lines if line.startswith("session ")]


class Crowd:
    """Everybody's sockets in one loop. `boards`: when each got the whole board, monotonic seconds."""

    def __init__(self, machine: Machine, sessions: list[str]) -> None:
        self.machine, self.sessions = machine, sessions * PER_PERSON
        self.boards: list[list[float]] = [[] for _ in self.sessions]

    @contextmanager
    def connected(self) -> Iterator[None]:
        """In a thread of its own: processes end with the thread that started them, which is the test's."""
        self._over = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    async def _all(self) -> None:
        tasks = [asyncio.create_task(self._live(number)) for number in range(len(self.sessions))]
        while not self._over.is_set():
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _live(self, number: int) -> None:
        site = self.machine.site.url
        cookie = {"Cookie": f"sessionid={self.sessions[number]}"}
        while True:
            try:
                async with connect(
                    site.replace("http", "ws", 1) + "/ws/board/",
                    origin=site,  # type: ignore[arg-type]
                    additional_headers=cookie,
                    max_size=None,
                    compression=None,
                    proxy=None,
                    open_timeout=ANSWER_S,
                ) as board:
                    async for text in board:
                        frame = json.loads(text)
                        if frame["type"] == "snapshot":
                            self.boards[number].append(time.monotonic())
                        elif frame["type"] == "heartbeat":
                            await board.send(json.dumps({"type": "ack", "seq": frame["seq"]}))
            except (OSError, WebSocketException, TimeoutError):
                await asyncio.sleep(0.2 + 0.8 * (number / len(self.sessions)))  # jitter, as the page's

    def everybody_has(self, boards: int) -> None:
        def have_not() -> int:
            return sum(len(each) < boards for each in self.boards)

        try:
            self.machine.site.wait_for(lambda: not have_not(), within_s=2 * BACK_WITHIN_S)
        except AssertionError:
            raise AssertionError(f"{have_not()} of {len(self.boards)} have no board") from None


def test_everybody_is_back_soon_after_a_server_died(
    machine: Machine, lead: Person, sessions: list[str], record_property: Callable[[str, object], None]
) -> None:
    one, crowd = Call(lead, "twilio", 1), Crowd(machine, sessions)
    with crowd.connected():
        crowd.everybody_has(1)
        machine.die("server")
        machine.start()
        began = time.monotonic()
        with Flood(machine.site.url, seed=36, senders=1) as flood:
            crowd.everybody_has(2)
    took = max(boards[1] - began for boards in crowd.boards)
    record_property("figures", {"sockets": len(crowd.sessions), "back after, s": round(took, 1)})
    assert set(flood.answers) <= {200}
    kept(took, BACK_WITHIN_S, "until everybody was back")
    one.sandbox.post(f"/_sandbox/conferences/{one.sid}/end")


# --- half-open --------------------------------------------------------------------------------------------
@pytest.fixture
def half_open(machine: Machine, lead: Person) -> Iterator[list[socket.socket]]:
    """They shook hands, and neither read nor answer anything: nobody is there any more."""
    with ExitStack() as opened:
        people = [Person(machine.site, name) for name in ("supervisor", "rosa", "lead", "admin", "auditor")]
        yield [opened.enter_context(shaken(machine, people[number % 5])) for number in range(HALF_OPEN)]


def shaken(machine: Machine, person: Person) -> socket.socket:
    host = machine.site.url.removeprefix("http://")
    open_socket = socket.create_connection((host.split(":")[0], int(host.split(":")[1])), timeout=ANSWER_S)
    lines = [
        "GET /ws/board/ HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Origin: {machine.site.url}", f"Cookie: sessionid={person.http.cookies['sessionid']}",
    ]  # fmt: skip
    open_socket.sendall("\r\n".join([*lines, "", ""]).encode())
    assert open_socket.recv(12) == b"HTTP/1.1 101"
    return open_socket


@pytest.mark.nightly
def test_half_open_sockets_are_gone_within_half_a_minute(
    machine: Machine, half_open: list[socket.socket]
) -> None:
    before = sizes(machine.site)["server"].files
    assert before >= HALF_OPEN
    machine.site.wait_for(
        lambda: sizes(machine.site)["server"].files <= before - HALF_OPEN + 5, within_s=GONE_WITHIN_S
    )
