"""Every fault that Earshot is held against: what is promised under it, and which test injects it.

`docs/reliability.md` is written from this table and from what a run found (`document.py`).
"""

from dataclasses import dataclass

HERE = "tests/faults"
LATER = "comes with step 7: Redis, PostgreSQL and several processes"


@dataclass(frozen=True)
class Fault:
    """`promise`: what holds beside I1 to I10. `tests`: how the ids of its tests begin, parameters included.

    `untested`: why there is none. `limits`: what of the fault no test injects, and why.
    """

    number: int
    fault: str
    promise: str
    tests: tuple[str, ...] = ()
    untested: str = ""
    limits: str = ""

    @property
    def name(self) -> str:
        return f"F{self.number}"


def stories(number: int, *more: str) -> tuple[str, ...]:
    """The seeded stories under this fault, in CI and by night; and what else tests it."""
    return (
        f"{HERE}/test_stories.py::test_a_story_under_one_fault[F{number}]",
        f"{HERE}/test_stories.py::test_many_stories_under_one_fault[F{number}]",
        *more,
    )


FAULTS = (
    Fault(
        1,
        "A callback is delivered 2 to 50 times, also at one instant",
        "One row, applied once, every answer 2xx",
        stories(1),
    ),
    Fault(2, "Callbacks overtake one another", "Every order ends in the same rows", stories(2)),
    Fault(
        3,
        "Callbacks are up to ten minutes late",
        "What is older than what is known changes nothing",
        stories(3),
        limits="10 s late; the rules that decide are properties in tests/participants/test_merge.py",
    ),
    Fault(
        4,
        "1, 10, 50 or 100 % of the callbacks are lost",
        "Rows equal the provider's truth by reading alone, and nobody's leg is touched",
        stories(4, f"{HERE}/test_convergence.py::test_rows_equal_the_truth"),
    ),
    Fault(
        5,
        "Forged callbacks: wrong key, no signature, too long, not ASCII",
        "403 or 413, no row, no exception",
        stories(5),
    ),
    Fault(
        6,
        "Callbacks replayed, as they were or with moved borders between parameters",
        "They change nothing",
        stories(6),
    ),
    Fault(
        7,
        "The provider's clock or ours is ten minutes off, ahead or behind",
        "The order of events is unaffected, and what is too far off to be verified is refused",
        stories(7, f"{HERE}/test_processes_clock.py::test_"),
    ),
    Fault(
        8,
        "The provider answers 429 for a while",
        "A mute still reaches the wire within a second",
        stories(8),
        limits="half of all requests are refused; the second is not measured here",
    ),
    Fault(
        9,
        "The provider answers 500, before or after it applied the request",
        "The command ends as unknown or is read back; nobody is dialled twice",
        stories(9),
    ),
    Fault(
        10, "Nobody listens at the provider's address", "The command was not sent and says so", stories(10)
    ),
    Fault(
        11,
        "The provider accepts and is silent, or trickles",
        "Given up after 8 s in all",
        stories(11),
        limits="that it is given up after 8 s is tested where the exchange is, not here",
    ),
    Fault(
        12,
        "Half an answer, HTML with 200, nothing, a 200 that did not do it",
        "Never called confirmed",
        stories(12),
    ),
    Fault(13, "A request is applied and its answer lost", "Read back; nobody is dialled twice", stories(13)),
    Fault(
        14,
        "A request is applied 1 to 60 s after we gave up",
        "The screen warns as long as it may still land",
        stories(14),
        limits="up to 10 s in CI",
    ),
    Fault(
        15,
        "A request is accepted and never applied",
        "Contradicted within 12 s",
        stories(15),
        limits="that it ends is asserted; the sentence is tested in tests/participants/test_faults.py",
    ),
    Fault(
        16,
        "The callback comes before the answer of the request that caused it",
        "Confirmed as usual",
        stories(16),
    ),
    Fault(
        17,
        "A dial times out and the leg joins 45 s later",
        "Adopted muted, or hung up",
        stories(17),
        limits="9 to 15 s in CI, up to 45 s by night",
    ),
    Fault(
        18,
        "The coached agent leaves, is held, or is replaced during a whisper",
        "The mute is on the wire within 300 ms of the callback, and the screen is not calm before",
        stories(18),
        limits="the milliseconds are measured below, and not asserted on a shared machine",
    ),
    Fault(
        19,
        "Somebody else unmutes or un-coaches the supervisor's leg",
        "Shown within 2 s (12 s without the callback) and muted",
        stories(19),
    ),
    Fault(
        20,
        "Hold, resume and a change of agents during a command",
        "The newest wish wins; every command has an end",
        stories(20),
    ),
    Fault(
        21,
        "The conference or the leg ends in the middle of a command",
        "The command ends, nothing is red for ever",
        stories(21),
    ),
    Fault(
        22,
        "The same name for a new conference; the same sid at the other provider",
        "Separate rows",
        stories(22),
    ),
    Fault(23, "Lists are older than what is known", "The fresher fact is kept", stories(23)),
    Fault(24, "Pages change while they are read", "Nobody is removed by one list", stories(24)),
    Fault(
        25,
        "The provider's lists fail, are empty or say 404 or 403",
        "The board keeps its rows and says that they are not verified",
        stories(25),
        limits="the words are tested in tests/outside/test_commands_when_the_provider_fails.py",
    ),
    Fault(
        26,
        "Unknown events, statuses and fields; missing fields; 50 kB in one value",
        "Stored, and nothing changes",
        stories(26),
    ),
    Fault(
        27,
        "A process is killed at each of thirty marked points, or under load",
        "Nothing acknowledged is lost, nobody is dialled twice, commands end within 15 s of the start",
        (
            f"{HERE}/test_processes_killed.py::test_whatever_dies_at_a_marked_point",
            f"{HERE}/test_processes_stopped.py::test_a_server_killed_under_load",
        ),
    ),
    Fault(
        28,
        "SIGTERM with requests under way and many sockets open",
        "What is under way is answered, ended within 10 s, sockets closed with 1012",
        (f"{HERE}/test_processes_stopped.py::test_a_server_that_is_asked_to_stop",),
        limits="15 sockets and 3 commands beside a flood of callbacks, not 500 and 50",
    ),
    Fault(
        29,
        "PostgreSQL restarts, ends its connections, or somebody holds a row",
        "503 and never 500, and I4 within 12 s of its return",
        (f"{HERE}/test_processes_postgres.py::test_",),
        limits="a failover that loses the last second comes with step 7",
    ),
    Fault(
        30,
        "SQLite is locked for 10 s by another writer",
        "It waits 5 s, then says 503",
        (
            f"{HERE}/test_processes_disk.py::test_a_callback_waits_for_another_writer",
            f"{HERE}/test_processes_disk.py::test_a_writer_that_holds",
        ),
    ),
    Fault(
        31,
        "The disk is full",
        "503; mute, remove, listen and leave still reach the wire and are told in the log",
        (
            f"{HERE}/test_processes_disk.py::test_on_a_full_disk",
            f"{HERE}/test_processes_disk.py::test_what_could_not_be_recorded",
        ),
        limits="the disk of SQLite and of the logs; what Earshot does by itself (an agent leaves during a "
        "whisper) waits for room on the disk",
    ),
    Fault(32, "Redis is dead, restarted, frozen or slow", "Screens follow within 2 s", untested=LATER),
    Fault(33, "The channel layer drops every message", "Screens follow within 2 s", untested=LATER),
    Fault(
        34,
        "A reader that is slow, or never reads",
        "Closed within 30 s, 2 MB at most held for it",
        (
            "tests/console/test_socket_slow.py::test_who_never_acknowledges",
            "tests/console/test_socket_slow.py::test_who_only_repeats",
            "tests/console/test_socket_slow.py::test_deaf_readers_are_closed",
        ),
    ),
    Fault(
        35,
        "Half-open sockets",
        "Gone within 30 s",
        (f"{HERE}/test_processes_sockets.py::test_half_open",),
        limits="25 sockets of five people, each of whom may have five",
    ),
    Fault(
        36,
        "Everybody connects again at once",
        "300 sockets are back within 10 s, and callbacks are answered meanwhile",
        (f"{HERE}/test_processes_sockets.py::test_everybody_is_back",),
        limits="one server process; several come with step 7",
    ),
    Fault(
        37,
        "A client's cursor is too old, or of another board",
        "Never mixed rows",
        untested="not applicable: there is no cursor; every connection begins with a snapshot",
    ),
    Fault(
        38,
        "The tab slept, the machine resumed, two tabs, no network",
        "Greyed before the first stale paint",
        (
            "tests/journeys/test_listening.py::test_a_lost_connection_never_says",
            "tests/journeys/test_watching.py::test_a_server_that_is_killed",
            f"{HERE}/test_processes_stopped.py::test_a_server_that_stands_still",
        ),
        limits="the connection is lost or silent, as a sleeping machine loses it; no test lets a tab sleep",
    ),
    Fault(
        39,
        "Two supervisors, or one in two windows, press different modes within 50 ms",
        "Each has their own leg; of one person's the newest wins; one chain",
        (
            f"{HERE}/test_processes_people.py::test_two_people",
            f"{HERE}/test_processes_people.py::test_one_person",
        ),
    ),
    Fault(
        40,
        "Double clicks, retried commands, a key used for another body",
        "One command; 409",
        (
            f"{HERE}/test_processes_people.py::test_a_double_click",
            "tests/console/test_api_commands.py::test_a_repeated_key",
            "tests/console/test_api_commands.py::test_a_key_belongs",
            "tests/participants/test_ledger.py::test_one_key_sent_many_times",
        ),
    ),
    Fault(
        41,
        "A session is revoked, a right lowered, a user disabled during a barge",
        "Muted, then hung up; the socket is closed within 15 s",
        (
            f"{HERE}/test_processes_people.py::test_who_loses_the_right",
            "tests/console/test_socket_rights.py::test_whose_last_session",
        ),
        limits="muted within 7 s: rights are looked at each 5 s",
    ),
    Fault(
        42,
        "A wrong credential; one provider hangs or is down altogether",
        "The other provider is not affected",
        (
            "tests/outside/test_isolation.py::test_a_frozen_provider",
            "tests/participants/test_isolation.py::test_an_account_that_fails",
        ),
    ),
    Fault(
        43,
        "Signing keys are rotated",
        "0 refused",
        (
            "tests/participants/providers/test_telnyx_signature.py::test_while_keys_change",
            "tests/participants/providers/test_twilio_signature.py::test_while_tokens_change",
        ),
    ),
    Fault(
        44,
        "Two versions run at once during an upgrade",
        "Each reads the other's rows",
        ("tests/console/test_health.py::test_a_missing_migration",),
        limits="/readyz keeps a version away from rows that are not migrated; two versions at once come with "
        "step 7",
    ),
    Fault(
        45,
        "The event loop stands for 3 s; a worker is stuck",
        "Nothing is lost, no heartbeat lies; /readyz names it and another has its leases within 15 s",
        (
            f"{HERE}/test_processes_stopped.py::test_a_server_that_stands_still",
            f"{HERE}/test_processes_stopped.py::test_a_stuck_worker",
        ),
        limits="/readyz says so when the lease has ended, after 10 to 15 s, not within 5 s",
    ),
    Fault(
        46,
        "The worker is dead, or there are two",
        "Watched by its age; no double corrections",
        (
            f"{HERE}/test_processes_stopped.py::test_without_any_worker",
            f"{HERE}/test_processes_stopped.py::test_a_worker_that_is_killed",
            f"{HERE}/test_processes_stopped.py::test_two_workers",
            "tests/participants/test_worker.py::test_an_account_is_swept_by_one",
            "tests/participants/test_worker.py::test_a_worker_that_died",
        ),
    ),
    Fault(
        47,
        "10,000 conferences made by somebody with a valid number",
        "The board pages, and news of a call come within 3 s",
        (f"{HERE}/test_processes_many_calls.py::test_the_board_pages",),
    ),
)
