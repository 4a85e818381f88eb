"""`manage.py reseal`: every pasted secret sealed again with the first of EARSHOT_ENCRYPTION_KEYS."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from participants.models import Account
from participants.sealing import Unsealable, resealed


class Command(BaseCommand):
    help = "Seals what was pasted at /connect/ again, with the first key; then the old keys may be removed."
    requires_system_checks = []  # an account that cannot be opened is told here

    def handle(self, *_args: Any, **_options: Any) -> None:
        done, closed = 0, []
        for pk in Account.objects.exclude(secret_sealed="").values_list("pk", flat=True):
            with transaction.atomic():  # somebody may paste a new one at this moment
                account = Account.objects.select_for_update().get(pk=pk)
                try:
                    account.secret_sealed = resealed(account.secret_sealed)
                except Unsealable as why:
                    closed.append(f'The secret of account "{account.key}" cannot be opened: {why}.')
                    continue
                account.save(update_fields=["secret_sealed"])
                done += 1
        secrets = "1 secret is" if done == 1 else f"{done} secrets are"
        self.stdout.write(f"{secrets} sealed with the first key.")
        if closed:
            sys.exit("\n".join([*closed, "Keep the old keys, or paste these again at /connect/."]))
