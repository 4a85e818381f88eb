"""What the groups may open at /admin/ of step 4: administrators keep the address book and the sounds."""

from django.db import migrations

CONFIGURATION = ("destination", "asset")
RECORDS = ("dial", "recording")


def create(apps, schema_editor):
    from django.apps import apps as installed
    from django.contrib.auth.management import create_permissions

    # Permissions are made after all migrations; the groups need them now.
    config = installed.get_app_config("participants")
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    group, permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    views = [f"view_{model}" for model in (*RECORDS, *CONFIGURATION)]
    changes = [f"{verb}_{model}" for verb in ("add", "change", "delete") for model in CONFIGURATION]
    ours = permission.objects.filter(content_type__app_label="participants")
    group.objects.get(name="Auditor").permissions.add(*ours.filter(codename__in=views))
    group.objects.get(name="Administrator").permissions.add(*ours.filter(codename__in=[*views, *changes]))


class Migration(migrations.Migration):
    dependencies = [("participants", "0014_connecting")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
