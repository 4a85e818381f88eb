"""Time differences that the database computes, alike on SQLite and PostgreSQL. Migrations name it."""

from typing import Any

from django.db.models import FloatField, Func
from django.db.models.sql.compiler import SQLCompiler


class SecondsBetween(Func):
    """From the second time to the first, in seconds; null where either is.

    Plain SQL, so that a generated column may hold it: Django's own difference calls Python for each row of
    SQLite.
    """

    template = "EXTRACT(EPOCH FROM (%(expressions)s))"
    arg_joiner = " - "
    arity = 2
    output_field = FloatField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template="((julianday(%(expressions)s)) * 86400.0)",
            arg_joiner=") - julianday(",
            **context,
        )
