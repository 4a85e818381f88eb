"""`manage.py verify_ledger`: is the record of what supervisors did as it was written?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from participants import ledger


class Command(BaseCommand):
    help = "Walks the whole chain of interventions and outcomes; fails when it is broken."

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = ledger.check()
        if found.broken_at is not None:
            raise CommandError(f"{found}.")
        self.stdout.write(f"{found}. Last digest: {found.digest or 'none yet'}")
