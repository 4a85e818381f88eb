"""F27 to F47: processes, databases, sockets, people and versions."""

from .fault import HERE, LATER, Fault

ROWS = (
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
        "503; mute, remove, listen and leave still reach the wire and are told in the log; whispers end",
        (
            f"{HERE}/test_processes_disk.py::test_on_a_full_disk",
            f"{HERE}/test_processes_disk.py::test_a_whisper_ends_when_nothing",
            f"{HERE}/test_processes_disk.py::test_what_could_not_be_recorded",
        ),
        limits="the disk of SQLite and of the logs",
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
        "Nothing is lost, no heartbeat lies; /readyz names it within 5 s, another has its leases within 15 s",
        (
            f"{HERE}/test_processes_stopped.py::test_a_server_that_stands_still",
            f"{HERE}/test_processes_stopped.py::test_a_stuck_worker",
            f"{HERE}/test_processes_stopped.py::test_without_any_worker",
            "tests/console/test_health.py::test_a_worker_that_does_not_renew",
        ),
        limits="on SQLite a process that is stopped in the midst of a write holds up every other writer: not "
        "injected. That another has the leases failed in two of four runs on a machine far too busy, "
        "why is not known; it runs by night alone",
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
