"""`manage.py purge`: removes what is too old to be kept. The worker does the same each day."""

import time
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from participants import retention

WORDS = {
    "redacted": "callbacks without personal data",
    "removed": "callbacks removed",
    "changes": "steps of stories removed",
    "calls": "calls removed",
    "husks": "calls kept for what supervisors did on them, without names and numbers",
}
SPEAKS_EVERY = 2.0  # s


class Command(BaseCommand):
    help = "Redacts callbacks and removes calls that are too old (EARSHOT_KEEP_…_DAYS), while all goes on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what is due, and change nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        due = Counter(asdict(retention.due()))
        if options["dry_run"]:
            self._say("Due, and left as it is:", due)
            return
        done: Counter[str] = Counter()
        spoke = time.monotonic()
        for batch in retention.purge():
            done[batch.what] += batch.rows
            if time.monotonic() - spoke > SPEAKS_EVERY:
                spoke = time.monotonic()
                self.stdout.write(f"{sum(done.values()):,} of {sum(due.values()):,} rows")
                self.stdout.flush()
        self._say("Done:", done)

    def _say(self, head: str, counts: Counter[str]) -> None:
        lines = [f"{counts[what]:>9,} {words}" for what, words in WORDS.items() if counts[what]]
        self.stdout.write("\n".join([head, *(lines or ["nothing is too old"])]))
