"""Which faults one story of CI meets, in which order; those of one pair of brackets at once.

By night each of them has stories of its own, and pairs are drawn.
"""

TURNS: tuple[tuple[tuple[int, ...], ...], ...] = (
    ((1,), (3,), (2,), (5, 6, 26), (22,)),
    ((8,), (10,), (13,), (9,), (12,), (16,), (21,)),
    ((23,), (25,), (24,), (11,), (19,), (20,)),
    ((7,), (15,), (18,), (14,), (4,), (17,)),
)


def title(turns: tuple[tuple[int, ...], ...]) -> str:
    return " ".join("+".join(f"F{number}" for number in at_once) for at_once in turns)


def turn_of(number: int) -> str:
    """The title of the story in which this fault comes."""
    return next(title(turns) for turns in TURNS if any(number in at_once for at_once in turns))
