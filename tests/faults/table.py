"""Every fault that Earshot is held against: what is promised under it, and which test injects it.

`docs/reliability.md` is written from this table and from what a run found (`document.py`).
"""

from . import faults_of_processes, faults_of_stories

FAULTS = (*faults_of_stories.ROWS, *faults_of_processes.ROWS)
