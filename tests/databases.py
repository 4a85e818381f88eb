"""What the tests' database needs beside Django's own set-up. Used by tests/conftest.py."""

from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models.signals import post_migrate

from participants import ledger_triggers

ROLES = ("0002_roles", "0004_admin_rights", "0015_rights_of_step_4")


def let_flushes_pass() -> None:
    """Tests with `transaction=True` empty every table at their end, which the ledger's triggers refuse.

    The triggers are lifted for that one statement: during the tests they stand, as in production. Then the
    groups come back that migrations made, because a flush takes those too.
    """
    # Of the class: the loop that Playwright leaves in the thread gives the tests after it another connection.
    operations = type(connections["default"].ops)
    flush = operations.execute_sql_flush

    def flush_the_ledger_too(self: Any, statements: list[str]) -> None:
        with ledger_triggers.lifted(self.connection):
            flush(self, statements)

    operations.execute_sql_flush = flush_the_ledger_too
    post_migrate.connect(_make_groups, sender=apps.get_app_config("participants"))


def _make_groups(**_: Any) -> None:
    with connections["default"].schema_editor() as editor:
        for name in ROLES:
            import_module(f"participants.migrations.{name}").create(apps, editor)
