"""Who does not read is not waited for, and costs little until then. Who does read is not taken for one."""

import base64
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from django.contrib.auth.models import User
from django.db.models import F

from participants.models import Conference, Team
from tests.console.server import TIME_SCALE, Screen, Server, signed_in
from tests.factories import make_account, make_conference, make_supervisor, sid
from tests.patience import ANSWER_S

Watch = Callable[..., Screen]
ACKNOWLEDGE = 25 * TIME_SCALE


@contextmanager
def deaf(server: Server, session: str) -> Iterator[socket.socket]:
    """A connection that completes the handshake and then never reads a byte."""
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        key = base64.b64encode(b"0123456789abcdef").decode()
        lines = (
            *("GET /ws/board/ HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Origin: {server.url}"),
            *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
            *(f"Sec-WebSocket-Key: {key}", f"Cookie: sessionid={session}"),
        )
        raw.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        yield raw


def is_gone(raw: socket.socket) -> bool:
    """Whether the server has let go: what it left in the pipes is read, then nothing more comes."""
    raw.settimeout(ANSWER_S)
    try:
        while raw.recv(1 << 16):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def grow(team: Team) -> None:
    """Every call of the team changes at once."""
    Conference.objects.filter(team=team).update(version=F("version") + 1)


def large_floor(team: Team, *, calls: int) -> None:
    account = make_account()
    Conference.objects.bulk_create(
        Conference(account=account, team=team, sid=sid("CF"), friendly_name=f"{number} {'x' * 240}")
        for number in range(calls)
    )


def test_who_never_acknowledges_is_closed_as_too_slow(supervisor: User, watch: Watch) -> None:
    began = time.monotonic()
    screen = watch(supervisor, acknowledge=lambda _: None)
    assert screen.until_closed() == 4408
    assert time.monotonic() - began > ACKNOWLEDGE


def test_who_only_repeats_an_old_acknowledgement_is_closed_too(
    supervisor: User, billing: Team, watch: Watch
) -> None:
    make_conference(team=billing)
    screen = watch(supervisor, acknowledge=lambda _: 2)
    for _ in range(20):
        grow(billing)
    assert screen.until_closed() == 4408


def test_a_quiet_board_that_acknowledges_stays_open(supervisor: User, watch: Watch) -> None:
    screen = watch(supervisor)
    time.sleep(1.2 * ACKNOWLEDGE)
    screen.beats(1)


def test_a_burst_larger_than_the_limit_reaches_those_who_read(
    supervisor: User, billing: Team, watch: Watch
) -> None:
    large_floor(billing, calls=1400)
    screen = watch(supervisor)
    grow(billing)
    screen.until(lambda screen: all(each["version"] == 2 for each in screen.conferences.values()), 10)
    assert sum(len(json.dumps(frame)) for frame in screen.of("changes")) > 1024 * 1024


def test_deaf_readers_are_closed_and_hold_little_memory(server: Server, billing: Team, watch: Watch) -> None:
    large_floor(billing, calls=300)
    users = [make_supervisor(f"deaf-{number}", teams=(billing,)) for number in range(4)]
    sessions = [signed_in(user).cookies["sessionid"].value for user in users for _ in range(5)]
    with watch(make_supervisor("awake", teams=(billing,))) as awake, ExitStack() as opened:
        grow(billing)
        awake.beats(4)
        before = server.memory()
        readers = [opened.enter_context(deaf(server, session)) for session in sessions]
        began, most = time.monotonic(), before
        while time.monotonic() - began < 1.2 * ACKNOWLEDGE:
            grow(billing)
            awake.beats(1)
            most = max(most, server.memory())
        assert all(is_gone(reader) for reader in readers)
    assert most - before < 2 * 1024 * 1024 * len(readers)
