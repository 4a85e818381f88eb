"""F1 to F26: what a story meets, with callbacks, answers, reads and the call itself."""

from .fault import HERE, Fault, stories

ROWS = (
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
        stories(8, in_time=True),
        limits="half of all requests are refused; the second is asserted by night",
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
        stories(18, in_time=True),
        limits="the milliseconds are asserted by night, on a machine that does nothing else",
    ),
    Fault(
        19,
        "Somebody else unmutes or un-coaches the supervisor's leg",
        "Shown within 2 s (12 s without the callback) and muted",
        stories(19, in_time=True),
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
)
