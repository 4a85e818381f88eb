"""The board's socket from outside: a real server, a real connection, rows written by another process."""

import json
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from websockets.exceptions import ConnectionClosed, InvalidStatus

from participants.models import Conference, Participant, Team
from tests.console.server import TIME_SCALE, Screen, Server, open_socket, signed_in
from tests.factories import (
    make_account,
    make_agent,
    make_call,
    make_conference,
    make_participant,
    make_supervision,
    make_supervisor,
    make_team,
    make_user,
)
from tests.patience import ANSWER_S, at_most, wait_for

Watch = Callable[..., Screen]


def change(conference: Conference, **fields: object) -> None:
    """What the mirror does: new content, a new version."""
    conference.version += 1
    Conference.objects.filter(pk=conference.pk).update(version=conference.version, **fields)


def end(conference: Conference) -> None:
    change(conference, status="completed", state="ended")


def close_code(server: Server, session: str | None) -> int:
    with open_socket(server, session=session) as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=ANSWER_S)
    return closed.value.rcvd.code


def test_the_first_frame_is_the_whole_board_and_the_second_ones_own_line(
    supervisor: User, billing: Team, watch: Watch
) -> None:
    make_call("billing-1", team=billing)
    screen = watch(supervisor)
    snapshot, me = screen.frames[:2]
    assert (snapshot["type"], snapshot["seq"]) == ("snapshot", 1)
    assert set(snapshot) == {"type", "epoch", "seq", "at", "timing", "conferences"}
    assert set(snapshot["timing"]) == {"heartbeat_s", "not_live_s", "stale_s", "hold_key_s", "command_s"}
    assert screen.names() == {"billing-1"}
    assert (me["type"], me["seq"], me["strip"]["worst"]) == ("me", 2, "nobody")


def test_a_call_comes_changes_and_goes_while_one_watches(
    supervisor: User, billing: Team, watch: Watch
) -> None:
    screen = watch(supervisor)
    call, _, _ = make_call("billing-2", team=billing)
    screen.until(lambda screen: "billing-2" in screen.names())
    change(call, state="on_hold")
    screen.until(lambda screen: screen.conferences[str(call.pk)]["version"] == 2)
    assert screen.conferences[str(call.pk)]["state"] == "on_hold"
    end(call)
    screen.until(lambda screen: not screen.conferences)
    last = screen.of("changes")[-1]
    assert [each["status"] for each in last["conferences"]] == ["completed"]
    assert last["gone"] == [str(call.pk)]


def test_an_ended_call_is_not_in_a_later_snapshot(supervisor: User, billing: Team, watch: Watch) -> None:
    end(make_call("billing-3", team=billing)[0])
    assert watch(supervisor).names() == set()


def test_one_teams_bytes_never_reach_another(supervisor: User, billing: Team, watch: Watch) -> None:
    returns = make_team("Returns")
    other = make_supervisor("rosa", teams=(returns,))
    canaries = ("canary-name", "Canary Agent", "+442079460999", "client:canary")
    agent = make_agent("Canary Agent", team=returns, addresses=("client:canary",))
    secret, _, customer = make_call("canary-name", team=returns, agent=agent)
    Participant.objects.filter(pk=customer.pk).update(address="+442079460999")
    mine, theirs = watch(supervisor), watch(other)
    for _ in range(3):
        change(secret)
        theirs.until(lambda screen: screen.conferences[str(secret.pk)]["version"] == secret.version)
    end(secret)
    theirs.until(lambda screen: not screen.conferences)
    mine.beats()
    seen = json.dumps(mine.frames)
    assert not [canary for canary in (*canaries, str(secret.pk)) if canary in seen]
    assert "canary-name" in json.dumps(theirs.frames)


def test_a_number_is_whole_only_for_those_with_the_right(billing: Team, watch: Watch) -> None:
    make_participant(make_conference(team=billing), address="+442079460777")
    masked = watch(make_supervisor("masked", teams=(billing,)))
    whole = watch(make_supervisor("whole", teams=(billing,), group="Lead"))
    assert "+442079460777" in json.dumps(whole.frames)
    assert "79460777" not in json.dumps(masked.frames)


def test_a_call_that_moves_to_another_team_leaves_without_a_word(
    supervisor: User, billing: Team, watch: Watch
) -> None:
    call, _, _ = make_call("billing-4", team=billing)
    screen = watch(supervisor)
    change(call, team=make_team("Returns"))
    screen.until(lambda screen: not screen.conferences)
    assert screen.of("changes")[-1]["conferences"] == []
    change(call, team=billing)
    screen.until(lambda screen: "billing-4" in screen.names())


def test_one_keeps_sight_of_the_call_that_one_is_on(supervisor: User, watch: Watch) -> None:
    call = make_conference("returns-1", team=make_team("Returns"))
    stay = make_supervision(supervisor, call)
    screen = watch(supervisor)
    screen.until(lambda screen: screen.names() == {"returns-1"})
    stay.ended_at = stay.since
    stay.save()
    change(call)
    screen.until(lambda screen: not screen.conferences)


def test_the_strip_follows_ones_own_line_and_never_runs_ahead_of_its_call(
    supervisor: User, billing: Team, watch: Watch
) -> None:
    call, agent, _ = make_call("billing-5", team=billing)
    screen = watch(supervisor)
    assert screen.strip["conference"] is None
    make_supervision(supervisor, call, "whisper", target=agent)
    change(call)
    screen.until(lambda screen: screen.strip["conference"] == str(call.pk))
    people = {each["id"] for each in screen.conferences[str(call.pk)]["participants"]}
    assert screen.strip["participant"] in people


def test_the_strip_grows_doubtful_by_time_alone(supervisor: User, billing: Team, watch: Watch) -> None:
    """Nothing changes in the database: only the observation grows older than may be called safe."""
    call, agent, _ = make_call("billing-6", team=billing)
    seen = {"found": True, "status": "connected", "muted": False, "coaching": True}
    stay = make_supervision(supervisor, call, "whisper", target=agent)

    def sees() -> tuple[float, Screen]:
        """A machine that is busy may need longer for a screen than an observation is good for."""
        now = time.time()
        stay.seen = {**seen, "began": now, "target": agent.call_sid}
        stay.save()
        return now, watch(supervisor)

    now, screen = wait_for(lambda: found if (found := sees())[1].strip["worst"] == "agent" else None)
    screen.until(lambda screen: screen.strip["worst"] == "unknown")
    assert time.time() - now > 20 * TIME_SCALE


def test_numbers_have_no_hole_under_a_thousand_changes(supervisor: User, billing: Team, watch: Watch) -> None:
    account = make_account()
    calls = [make_conference(f"billing-{number}", team=billing, account=account) for number in range(20)]
    screen = watch(supervisor)
    with ThreadPoolExecutor(max_workers=4) as pool:
        writing = pool.map(lambda call: [change(call) for _ in range(50)], calls)
        screen.until(lambda screen: all(each["version"] == 51 for each in screen.conferences.values()), 10)
        list(writing)
    assert len(screen.conferences) == 20


def test_changes_that_follow_closely_go_together(supervisor: User, billing: Team, watch: Watch) -> None:
    calls = [make_conference(f"billing-{number}", team=billing) for number in range(200)]
    screen = watch(supervisor)
    Conference.objects.filter(pk__in=[call.pk for call in calls]).update(version=2)
    screen.until(lambda screen: all(each["version"] == 2 for each in screen.conferences.values()))
    assert len(screen.of("changes")) <= 5


def test_a_heartbeat_repeats_the_last_number_and_tells_of_each_account(
    supervisor: User, watch: Watch
) -> None:
    make_account(reachable=False)
    screen = watch(supervisor)
    screen.beats()
    beat = screen.of("heartbeat")[-1]
    assert set(beat) == {"type", "seq", "at", "accounts"}
    assert set(beat["accounts"]["twilio"]) == {"state", "since", "callbacks", "lag_s", "text"}
    assert beat["accounts"]["twilio"]["state"] == "unreachable"


def test_a_socket_without_a_session_is_told_that_it_is_not_signed_in(server: Server) -> None:
    assert close_code(server, None) == 4401
    assert close_code(server, "no-such-session-key-at-all-000000") == 4401


@pytest.mark.parametrize("group", [None, "Agent"])
def test_somebody_without_teams_and_verbs_is_not_allowed(server: Server, group: str | None) -> None:
    client = signed_in(make_user("nobody", group=group))
    assert close_code(server, client.cookies["sessionid"].value) == 4403


@pytest.mark.parametrize("group", ["Auditor", "Administrator"])
def test_somebody_who_sees_all_sees_also_calls_without_a_team(watch: Watch, group: str) -> None:
    make_conference("of-no-team")
    assert watch(make_user("all", group=group)).names() == {"of-no-team"}


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://127.0.0.1:{port}",
        "http://localhost:{port}",
        "http://example.com:{port}",
        "http://user@127.0.0.1:{port}",
        "http://127.0.0.1:{port}/",
    ],
)
def test_a_page_of_another_origin_is_refused(server: Server, supervisor: User, origin: str | None) -> None:
    session = signed_in(supervisor).cookies["sessionid"].value
    with pytest.raises(InvalidStatus) as refused:
        open_socket(server, session=session, origin=origin and origin.replace("{port}", str(server.port)))
    assert refused.value.response.status_code == 403


def test_a_page_under_another_name_of_this_machine_is_its_own_origin(
    server: Server, supervisor: User
) -> None:
    session = signed_in(supervisor).cookies["sessionid"].value
    own = f"http://localhost:{server.port}"
    with open_socket(server, session=session, origin=own, host="localhost") as socket:
        assert json.loads(socket.recv(timeout=ANSWER_S))["type"] == "snapshot"


def test_another_path_is_no_socket(server: Server, supervisor: User) -> None:
    server_url = f"ws://127.0.0.1:{server.port}/ws/other/"
    from websockets.sync.client import connect

    with pytest.raises(InvalidStatus) as refused:
        connect(server_url, origin=server.url, proxy=None)
    assert refused.value.response.status_code == 403


def test_a_message_over_16_kb_closes_the_socket(supervisor: User, watch: Watch) -> None:
    screen = watch(supervisor)
    screen.socket.send("x" * 16 * 1024)
    screen.beats()
    screen.socket.send(chr(0x20AC) * 5462)  # 16 kB and 2 bytes
    assert screen.until_closed() == 1009


def test_whatever_else_is_sent_is_ignored(supervisor: User, billing: Team, watch: Watch) -> None:
    screen = watch(supervisor)
    story = random.Random(7)
    shapes = [
        lambda: story.randbytes(story.randint(0, 300)),
        lambda: "".join(chr(story.randint(1, 0xD7FF)) for _ in range(story.randint(0, 300))),
        lambda: "[" * story.randint(1, 8000),
        lambda: json.dumps({"type": "ack", "seq": story.choice([-1, 10**30, None, "1", True, 1.5, []])}),
        lambda: json.dumps({"type": story.choice(["snapshot", "", None, [], {}]), "seq": 1}),
        lambda: json.dumps(story.choice([[], 1, None, "ack", {"seq": 1}])),
    ]
    for _ in range(2000):
        screen.socket.send(story.choice(shapes)())
    make_call("billing-7", team=billing)
    screen.until(lambda screen: "billing-7" in screen.names(), 5)


def test_a_killed_server_starts_again_with_a_new_epoch_and_the_whole_board(
    transactional_db: None,
) -> None:
    billing = make_team("Billing")
    client = signed_in(make_supervisor(teams=(billing,)))
    call, _, _ = make_call("billing-8", team=billing)
    server = Server()
    server.start()
    try:
        with Screen(server, client) as screen:
            before = screen.until(lambda screen: screen.of("snapshot"))[0]
            server.stop(kill=True)
            assert screen.until_closed() == 1006
        change(call, friendly_name="billing-9")
        server.start()
        with Screen(server, client) as screen:
            after = screen.until(lambda screen: screen.of("snapshot"))[0]
            assert after["epoch"] != before["epoch"]
            assert screen.names() == {"billing-9"}
    finally:
        server.stop()


def test_the_board_is_quick(supervisor: User, billing: Team, watch: Watch) -> None:
    """Well under the second from callback to screen; the comparison at this scale runs each 25 ms."""
    call, _, _ = make_call("billing-10", team=billing)
    screen = watch(supervisor)
    delays = []
    for _ in range(10):
        screen.beats(1)
        changed = time.monotonic()
        change(call)
        screen.until(lambda screen: screen.conferences[str(call.pk)]["version"] == call.version)
        delays.append(time.monotonic() - changed)
    assert sorted(delays)[5] < at_most(0.3)
