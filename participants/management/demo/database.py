"""The demo's own database: marked, so that the demo never touches another."""

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

MARK = "earshot_demo"


def prepare() -> None:
    """Migrate a database that is empty or the demo's. Raises CommandError for any other."""
    tables = connection.introspection.table_names()
    if tables and MARK not in tables:
        raise CommandError(
            f"The database {connection.settings_dict['NAME']} is not the demo's, which leaves it alone. "
            "Name an empty one, for example: DATABASE_URL=sqlite:////tmp/earshot-demo.sqlite3 make run"
        )
    if MARK not in tables:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {MARK} (note varchar(80))")
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
