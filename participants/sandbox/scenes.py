"""The scenes as data: who works here, which calls stand at t=0, and what happens when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LOOP_S = 300.0
TWILIO, TELNYX = "twilio", "telnyx"
# Who posts a callback when somebody is put on hold; of the others a board learns it by asking.
TELL_OF_HOLDS = frozenset({TWILIO})
COMPANY_NUMBER = "+12025550100"
SECOND_LEVEL = "+447700900199"

# Agent number -> (name, team); the agent's address is client:agent-<number>, the label agent-<number>.
AGENTS: dict[int, tuple[str, str]] = {
    1: ("Ann Okafor", "Billing"),
    2: ("Joost de Vries", "Billing"),
    3: ("Oskar Lindqvist", "Billing"),
    4: ("Priya Raman", "Billing"),
    5: ("Nadia Haddad", "Billing"),
    6: ("Ben Archer", "Billing"),
    7: ("Tomás Herrera", "Billing"),
    8: ("Marek Novák", "Billing"),
    9: ("Mei-Ling Chu", "Returns"),
    10: ("Léa Fontaine", "Returns"),
    11: ("Chiara Bellini", "Returns"),
    12: ("Piotr Zieliński", "Returns"),
    13: ("Ingrid Solberg", "Returns"),
    14: ("Daniel Kowalski", "Returns"),
    15: ("Samuel Adeyemi", "Technical"),
    16: ("Aiko Tanaka", "Technical"),
    17: ("Grace Mwangi", "Technical"),
    18: ("Luca Ferri", "Technical"),
    19: ("Elena Petrova", "Technical"),
    20: ("Rahul Nair", "Technical"),
    21: ("Hugo Brandt", "Billing"),
    22: ("Sofia Almeida", "Billing"),
    23: ("Fatima Zahra", "Returns"),
    24: ("Julien Moreau", "Returns"),
}
# Supervisors' phones -> names, for the other end's page.
SUPERVISORS = {
    "client:lead": "Maria Lindner",
    "client:supervisor": "Sam Whitfield",
    "client:rosa": "Rosa Haas",
    "client:admin": "The administrator",
}


@dataclass(frozen=True, slots=True)
class Position:
    """A call as it stands when the scene begins, in this state for `age` seconds. Story calls return."""

    name: str
    customer: str
    agent: int | None
    state: Literal["talking", "hold", "waiting", "ringing"]
    age: float
    story: bool = False
    provider: str = TWILIO
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """At `at` seconds of the story: `act` is a method of Stage, called with `of` and `values`.

    `of` is the name of a call, or of a provider where the act is about one.
    """

    at: float
    act: str
    of: str
    values: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """`rows` come with every loop, `first_rows` with the first one only.

    `fixed`: calls that the random life leaves alone, until that second of the first loop (None: always).
    `watched`: the call whose agent's phone drops when a supervisor whispers on it, and its agent.
    """

    positions: tuple[Position, ...] = ()
    rows: tuple[Row, ...] = ()
    first_rows: tuple[Row, ...] = ()
    fixed: tuple[tuple[str, float | None], ...] = ()
    watched: tuple[str, int] | None = None
    life: bool = False
    unanswered: frozenset[str] = frozenset()  # phones that ring until they are given up


ANN = Position("billing-1041", "+442079460102", 1, "talking", 372, story=True)
FORGERY = Row(270, "forge", "billing-1041")

BUSY = Scene(
    positions=(
        ANN,
        Position("billing-1042", "+442079460117", 2, "hold", 220, story=True),
        Position("billing-1043", "+12025550143", 3, "talking", 532, story=True, provider=TELNYX),
        Position("billing-1044", "+447700900131", None, "waiting", 35, story=True),
        Position("billing-1045", "+442079460457", 4, "talking", 54, story=True),
        Position("returns-2011", "+12025550121", 9, "talking", 845, story=True, recorded=True),
        Position(
            "technical-3007",
            "+447700900044",
            15,
            "talking",
            144,
            story=True,
            provider=TELNYX,
            recorded=True,
        ),
        Position("billing-1046", "+442079460231", 7, "talking", 118),
        Position("billing-1047", "+447700900218", 8, "talking", 463),
        Position("billing-1048", "+12025550167", None, "waiting", 11, provider=TELNYX),
        Position("returns-2012", "+442079460318", 11, "talking", 203, provider=TELNYX),
        Position("returns-2013", "+447700900352", 12, "hold", 36),
        Position("returns-2014", "+12025550189", 13, "talking", 41),
        Position("returns-2015", "+442079460390", 14, "ringing", 2),
        Position("returns-2017", "+447700900477", 23, "talking", 588, provider=TELNYX),
        Position("technical-3008", "+442079460544", 16, "talking", 96),
        Position("technical-3009", "+12025550112", 17, "talking", 311, provider=TELNYX),
        Position("technical-3010", "+447700900583", 18, "talking", 27),
        Position("technical-3011", "+442079460662", 19, "talking", 174, provider=TELNYX),
        Position("technical-3012", "+447700900729", 20, "ringing", 1),
    ),
    rows=(
        Row(6, "arrive", "returns-2016", ("+447700900816", TWILIO)),
        Row(6, "ring", "returns-2016", (10,)),
        Row(11, "answer", "returns-2016"),
        Row(77, "ring", "billing-1044", (5,)),
        Row(80, "answer", "billing-1044"),
        Row(142, "drop_agent", "billing-1045"),
        Row(161, "ring", "billing-1045", (6,)),
        Row(165, "answer", "billing-1045"),
        Row(178, "arrive", "technical-3013", ("+12025550134", TWILIO)),
        # For twenty seconds the callbacks of one provider come late: this call is heard of when it is old.
        Row(180, "hold_back", TELNYX, (12,)),
        Row(180, "arrive", "billing-1049", ("+12025550178", TELNYX)),
        Row(182, "ring", "billing-1049", (22,)),
        Row(186, "answer", "billing-1049"),
        Row(200, "hold_back", TELNYX, (0,)),
        Row(215, "drop_customer", "billing-1049"),
        Row(205, "mute_agent", "billing-1042"),  # so that its callbacks are known to come
        Row(207, "unmute_agent", "billing-1042"),
        Row(220, "resume_unheard", "billing-1042"),
        Row(240, "mute_agent", "technical-3010"),
        Row(250, "drop_customer", "technical-3013"),
        FORGERY,
        Row(295, "unmute_agent", "technical-3010"),
    ),
    first_rows=(
        Row(3, "answer", "technical-3012"),
        Row(8, "answer", "returns-2015"),
        Row(36, "ring", "billing-1048", (21,)),
        Row(40, "answer", "billing-1048"),
        Row(90, "resume", "returns-2013"),
    ),
    fixed=(
        ("billing-1048", 40),
        ("returns-2013", 90),
        ("returns-2015", 8),
        ("technical-3012", 3),
        ("technical-3010", None),
    ),
    watched=("billing-1043", 3),
    life=True,
    unanswered=frozenset({SECOND_LEVEL}),
)

SCENES = {
    "empty": Scene(),
    "one": Scene(positions=(ANN,), rows=(FORGERY,)),
    "busy": BUSY,
}
