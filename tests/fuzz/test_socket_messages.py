"""Whatever a page sends: the socket ignores it or says why it closes, and everybody else goes on."""

import gc
import random
from collections.abc import Callable
from string import ascii_lowercase

import pytest
from django.contrib.auth.models import User

from participants.models import Conference, Team
from tests.console.server import Screen, Server, signed_in
from tests.factories import make_conference

from .frames import BINARY, CONTINUED, TEXT, WRONG, close_code, frame, raw_socket, send

Watch = Callable[..., Screen]
MB = 1 << 20
INTERNAL_ERROR = 1011


@pytest.fixture
def session(supervisor: User) -> str:
    return str(signed_in(supervisor).cookies["sessionid"].value)


def goes_on(screen: Screen, team: Team) -> None:
    """Somebody else still sees what happens, and soon."""
    call = make_conference("billing-" + "".join(random.choices(ascii_lowercase, k=9)), team=team)
    screen.until(lambda screen: call.friendly_name in screen.names(), 20)
    Conference.objects.filter(pk=call.pk).update(status="completed", version=2)
    screen.until(lambda screen: call.friendly_name not in screen.names(), 20)


def test_each_wrong_frame_is_ignored_or_closes_with_its_code(
    server: Server, session: str, supervisor: User, billing: Team, watch: Watch
) -> None:
    screen, wrong = watch(supervisor), {}
    for name, (sent, codes) in WRONG.items():
        with raw_socket(server, session) as raw:
            send(raw, sent)
            if (code := close_code(raw)) not in codes:
                wrong[name] = code
    assert not wrong
    goes_on(screen, billing)


def random_frame(story: random.Random) -> bytes:
    """Mostly well-formed frames of nonsense, sometimes any bytes."""
    payload = story.choice(
        [
            story.randbytes(story.randint(0, 300)),
            b'{"type": "ack", "seq": %d}' % story.randint(-5, 1 << 70),
            b"[" * story.randint(1, 9000),
            b'{"type": ' * story.randint(1, 900),
            "é€📞".encode() * story.randint(1, 200),
            b"x" * story.choice([16 * 1024, 16 * 1024 + 1, 100_000]),
        ]
    )
    if story.random() < 0.1:
        return payload
    opcode = story.choice([TEXT] * 6 + [BINARY, BINARY, CONTINUED, story.randrange(16)])
    return frame(payload, opcode=opcode, final=story.random() < 0.9, masked=story.random() < 0.98)


def fuzz(server: Server, session: str, *, sockets: int) -> None:
    for seed in range(sockets):
        story = random.Random(seed)
        with raw_socket(server, session) as raw:
            for _ in range(story.randint(1, 20)):
                send(raw, random_frame(story))
            code = close_code(raw)
        # Whatever the bytes meant, and be it a close: nothing of it may be an error of ours.
        assert code != INTERNAL_ERROR, f"seed {seed}"


def test_random_frames_disturb_nobody(
    server: Server, session: str, supervisor: User, billing: Team, watch: Watch
) -> None:
    screen = watch(supervisor)
    fuzz(server, session, sockets=100)
    goes_on(screen, billing)


def test_a_flood_neither_grows_the_server_nor_stops_it_for_others(
    server: Server, session: str, supervisor: User, billing: Team, watch: Watch
) -> None:
    flood(server, session, messages=2_000)
    before = server.memory()
    flood(server, session, messages=10_000)
    gc.collect()
    goes_on(watch(supervisor), billing)
    assert server.memory() - before < 16 * MB


def flood(server: Server, session: str, *, messages: int) -> None:
    """As fast as the server takes them; it is still there afterwards."""
    with raw_socket(server, session) as raw:
        some = (
            frame(b'{"type": "ack", "seq": 99999999}')
            + frame(b"[" * 1000)
            + frame(b"\x00" * 100, opcode=BINARY)
        )
        for _ in range(messages // 3):
            raw.sendall(some)
        assert close_code(raw) is None


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_random_frames_all_night(
    server: Server, session: str, supervisor: User, billing: Team, watch: Watch
) -> None:
    screen = watch(supervisor)
    fuzz(server, session, sockets=100)
    before = server.memory()
    fuzz(server, session, sockets=1_500)
    flood(server, session, messages=100_000)
    goes_on(screen, billing)
    assert server.memory() - before < 32 * MB
