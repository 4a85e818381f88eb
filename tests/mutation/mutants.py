"""Deliberate breaks of what decides who hears a supervisor: the test named with each has to catch it."""

from .of_facts import AUDIBILITY, MERGE
from .of_faults import FAULTS
from .of_lines import MODES, OPENINGS, OPENINGS_OF_STAY, STAY
from .of_rights import ACCESS, ROWS

MUTANTS = [*MERGE, *STAY, *OPENINGS_OF_STAY, *MODES, *OPENINGS, *AUDIBILITY, *ACCESS, *ROWS, *FAULTS]
