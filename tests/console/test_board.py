"""Who is written what: the board's memory and one socket's account of what it was sent."""

import pytest

from console.board import Board
from console.outbox import CHUNK, LIMIT, Outbox
from tests.console.boards import NO_CALL, again, call, ids, person, written


def board_with(*calls: object) -> Board:
    board = Board()
    board.update({each.id: each for each in calls})
    return board


def on(board: Board, who: object) -> Outbox:
    """A socket that has its first frames."""
    outbox = Outbox(who, "session")
    board.welcome(outbox, NO_CALL)
    written(outbox)
    return outbox


def tell(board: Board, outbox: Outbox, *calls: object) -> list:
    board.update({each.id: each for each in calls})
    outbox.pending |= dict.fromkeys(each.id for each in calls)
    board.flush(outbox)
    return written(outbox)


def test_the_first_frames_are_snapshot_line_and_heartbeat() -> None:
    mine, theirs = call(1), call(2)
    outbox = Outbox(person(1), "session")
    board_with(mine, theirs).welcome(outbox, NO_CALL)
    snapshot, me, heartbeat = written(outbox)
    assert (snapshot["type"], snapshot["seq"], ids(snapshot)) == ("snapshot", 1, [str(mine.id)])
    assert (me["type"], me["seq"]) == ("me", 2)
    assert (heartbeat["type"], heartbeat["seq"]) == ("heartbeat", 2)


@pytest.mark.parametrize(
    "who, sees",
    [
        (person(1), {"mine"}),
        (person(2), {"theirs"}),
        (person(), set()),
        (person(everything=True), {"mine", "theirs", "nobodys", "watched"}),
        (person(user_id=99), {"watched"}),
        (person(1, user_id=99), {"mine", "watched"}),
    ],
)
def test_a_screen_shows_ones_teams_and_the_call_that_one_is_on(who: object, sees: set[str]) -> None:
    calls = {"mine": call(1), "theirs": call(2), "nobodys": call(None), "watched": call(3, watchers=[99])}
    outbox = Outbox(who, "session")
    board_with(*calls.values()).welcome(outbox, NO_CALL)
    assert set(ids(written(outbox)[0])) == {str(calls[name].id) for name in sees}


def test_numbers_are_shown_to_those_with_the_right_alone() -> None:
    board = board_with(call(1))
    for numbers, address in ((True, "+442079460102"), (False, "+44 ••• •• 02")):
        outbox = Outbox(person(1, numbers=numbers), "session")
        board.welcome(outbox, NO_CALL)
        assert written(outbox)[0]["conferences"][0]["address"] == address


def test_the_same_version_is_not_written_twice() -> None:
    talking = call(1)
    board = board_with(talking)
    outbox = on(board, person(1))
    assert tell(board, outbox, talking) == []
    assert len(tell(board, outbox, again(talking))) == 1


def test_an_ended_call_comes_once_more_and_is_gone() -> None:
    talking = call(1)
    board = board_with(talking)
    outbox = on(board, person(1))
    ended = again(talking, live=False)
    (frame,) = tell(board, outbox, ended)
    assert (ids(frame), frame["gone"]) == ([str(talking.id)], [str(talking.id)])
    assert tell(board, outbox, again(ended)) == [], "not a third time"


def test_a_call_that_ended_before_one_saw_it_is_not_mentioned() -> None:
    board = board_with()
    assert tell(board, on(board, person(1)), call(1, live=False)) == []


def test_a_call_of_another_team_is_gone_without_its_content() -> None:
    talking = call(1)
    board = board_with(talking)
    mine, theirs = on(board, person(1)), on(board, person(2))
    moved = again(talking, team=2)
    (gone,), (come,) = tell(board, mine, moved), tell(board, theirs, moved)
    assert (ids(gone), gone["gone"]) == ([], [str(talking.id)])
    assert (ids(come), come["gone"]) == ([str(talking.id)], [])


def test_a_call_that_ends_while_it_moves_away_tells_its_old_team_nothing() -> None:
    talking = call(1)
    board = board_with(talking)
    (frame,) = tell(board, on(board, person(1)), again(talking, team=2, live=False))
    assert (ids(frame), frame["gone"]) == ([], [str(talking.id)])


def test_a_deleted_call_is_gone() -> None:
    talking = call(1)
    board = board_with(talking)
    outbox = on(board, person(1))
    board.update({talking.id: None})
    outbox.pending[talking.id] = None
    board.flush(outbox)
    assert written(outbox)[0]["gone"] == [str(talking.id)]


def test_an_ended_call_is_forgotten_when_it_stands_on_no_screen_any_more() -> None:
    talking = call(1)
    board = board_with(talking)
    outbox = on(board, person(1))
    ended = again(talking, live=False)
    board.update({ended.id: ended})
    board.forget_ended([outbox])
    assert talking.id in board.shown
    tell(board, outbox, ended)
    board.forget_ended([outbox])
    assert talking.id not in board.shown


def test_ones_own_call_is_written_before_the_line_that_names_it_and_does_not_wait() -> None:
    talking, other = call(1), call(1)
    board = board_with(talking, other)
    outbox = on(board, person(1))
    outbox.outstanding = 2 * CHUNK + 1
    board.update({each.id: each for each in (again(talking), again(other))})
    outbox.pending |= {talking.id: None, other.id: None}
    board.flush_own(outbox, str(talking.id))
    board.write_strip(outbox, {"conference": str(talking.id)})
    board.flush(outbox)
    changes, me = written(outbox)
    assert (ids(changes), me["type"]) == ([str(talking.id)], "me")
    assert list(outbox.pending) == [other.id]


def test_a_line_that_says_the_same_is_not_written_again() -> None:
    board = board_with()
    outbox = on(board, person(1))
    board.write_strip(outbox, NO_CALL)
    assert written(outbox) == []


def test_changes_wait_while_too_much_is_unacknowledged_and_come_in_their_newest_version() -> None:
    talking = call(1)
    board = board_with(talking)
    outbox = on(board, person(1))
    outbox.write("me", f'"strip":"{"x" * 2 * CHUNK}"')
    written(outbox)
    second = again(talking)
    assert tell(board, outbox, second) == []
    assert tell(board, outbox, again(second)) == []
    outbox.acknowledge(outbox.seq)
    board.flush(outbox)
    frame = written(outbox)[0]
    assert [each["version"] for each in frame["conferences"]] == [3]


def test_a_large_burst_goes_in_several_frames_that_each_ask_for_an_acknowledgement() -> None:
    calls = [call(1) for _ in range(10_000)]
    board = board_with()
    outbox = on(board, person(1))
    frames = tell(board, outbox, *calls)
    assert [frame["type"] for frame in frames] == ["changes", "heartbeat"] * 2
    while outbox.pending:
        outbox.acknowledge(outbox.seq)
        board.flush(outbox)
        frames += written(outbox)
    assert sum(len(frame["conferences"]) for frame in frames if frame["type"] == "changes") == 10_000


def test_more_than_a_megabyte_outstanding_closes_the_socket_and_drops_what_waits() -> None:
    outbox = Outbox(person(1), "session")
    for _ in range(5):
        outbox.write("me", "x" * (LIMIT // 4))
    assert written(outbox) == [4408]
    outbox.write("me", "x")
    assert written(outbox) == []


def test_the_snapshot_of_a_large_floor_is_nobodys_fault() -> None:
    outbox = Outbox(person(1), "session")
    outbox.write_snapshot(f'"conferences":["{"x" * 2 * LIMIT}"]')
    assert outbox.outstanding == 0
    assert written(outbox)[0]["type"] == "snapshot"


def test_a_number_that_was_never_written_acknowledges_nothing() -> None:
    outbox = Outbox(person(1), "session")
    outbox.write("me", '"strip":{}')
    outbox.acknowledge(2)
    assert outbox.outstanding > 0
    outbox.acknowledge(1)
    assert outbox.outstanding == 0


def test_who_saw_everything_and_now_has_no_team_loses_every_call() -> None:
    talking = call(1)
    board = board_with(talking)
    outbox = on(board, person(user_id=5, everything=True))
    board.rescope(outbox, person(user_id=5))
    board.flush(outbox)
    assert written(outbox)[0]["gone"] == [str(talking.id)]


def test_a_new_right_to_numbers_writes_every_call_again() -> None:
    talking = call(1)
    board = board_with(talking)
    outbox = on(board, person(1, user_id=5))
    board.rescope(outbox, person(1, user_id=5, numbers=True))
    board.flush(outbox)
    assert written(outbox)[0]["conferences"][0]["address"] == "+442079460102"
