"""The database's own refusal to change or remove what is in the ledger, on SQLite and PostgreSQL.

A migration that alters one of these tables loses SQLite's triggers with the old table: `install` again after.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TABLES = ("participants_intervention", "participants_outcome")
FUNCTION = "participants_ledger_refuses"


def install(connection: Any) -> None:
    """From here on UPDATE, DELETE and TRUNCATE of the ledger's rows end in an IntegrityError."""
    make = _for_postgresql if connection.vendor == "postgresql" else _for_sqlite
    _run(connection, [statement for table in TABLES for statement in make(table)])


def lift(connection: Any) -> None:
    """Takes the triggers away: to migrate these tables, and for tests that tamper or flush."""
    on = " ON {table}" if connection.vendor == "postgresql" else ""
    _run(
        connection,
        [
            f"DROP TRIGGER IF EXISTS {table}_{verb}{on.format(table=table)}"
            for table in TABLES
            for verb in ("update", "delete", "truncate")
        ],
    )


@contextmanager
def lifted(connection: Any) -> Iterator[None]:
    """Without the triggers inside the block, with them after it."""
    lift(connection)
    try:
        yield
    finally:
        install(connection)


def _for_sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_{verb} BEFORE {verb.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'The ledger is append-only: {verb} of {table} is refused.'); END"
        for verb in ("update", "delete")
    ]


def _for_postgresql(table: str) -> list[str]:
    refusal = f"""
        CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'The ledger is append-only: % of % is refused.', lower(TG_OP), TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END $$"""
    triggers = [
        f"CREATE OR REPLACE TRIGGER {table}_{verb} BEFORE {verb.upper()} ON {table} "
        f"FOR EACH {'STATEMENT' if verb == 'truncate' else 'ROW'} EXECUTE FUNCTION {FUNCTION}()"
        for verb in ("update", "delete", "truncate")
    ]
    return [refusal, *triggers]


def _run(connection: Any, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
