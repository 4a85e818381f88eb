"""Breaks that nothing but a running Earshot shows: the invariants of tests/faults have to see them."""

from tests.faults.turns import turn_of

from .mutant import Mutant

STORY = "faults/test_stories.py::test_a_story_under_one_fault_after_another"

FAULTS = [
    Mutant(
        "participants/modes.py",
        'create.outcome == "refused" and bool(create.coaching) and create.code in codes',
        'create.outcome != "accepted"',
        f"{STORY}[{turn_of(13)}]",
        "I5: a dial without an answer would ring a second phone",
    ),
    Mutant(
        "participants/callbacks.py",
        "callback.key = _key(account, kind, parsed.key or _digest(raw))",
        'callback.key = _key(account, kind, f"{id(raw)} {timezone.now()}")',
        f"{STORY}[{turn_of(1)}]",
        "I7: what is told twice would be stored and believed twice",
    ),
    Mutant(
        "participants/callbacks.py",
        "    raw = _verified(provider := provider_for(account), account, request)\n",
        "    raw = _verified(provider := provider_for(account), account, request)\n"
        '    Changed.__dict__["__annotations__"][str(id(raw))] = open("/dev/null")\n',
        "faults/test_processes_grown.py::test_a_flood_leaves_the_processes_as_they_were[3]",
        "I10: a file would stay open for each callback",
    ),
]
