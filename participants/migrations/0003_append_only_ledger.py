"""The database refuses to change or remove interventions and outcomes."""

from django.db import migrations

from participants import ledger_triggers


def install(_apps, schema_editor):
    ledger_triggers.install(schema_editor.connection)


def lift(_apps, schema_editor):
    ledger_triggers.lift(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("participants", "0002_roles")]
    operations = [migrations.RunPython(install, lift)]
