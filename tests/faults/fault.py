"""What a row of the table of faults says."""

from dataclasses import dataclass

from .turns import turn_of

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


def stories(number: int, *more: str, in_time: bool = False) -> tuple[str, ...]:
    """The seeded stories under this fault, in CI and by night; and what else tests it.

    `in_time`: seconds are promised, and asserted by night.
    """
    return (
        f"{HERE}/test_stories.py::test_a_story_under_one_fault_after_another[{turn_of(number)}]",
        f"{HERE}/test_stories.py::test_many_stories_under_one_fault[F{number}]",
        *([f"{HERE}/test_stories.py::test_silence_in_time_under_one_fault[F{number}]"] if in_time else []),
        *more,
    )
