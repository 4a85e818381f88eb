"""What the groups may open at /admin/: auditors read everything, administrators configure."""

from django.db import migrations

RECORDS = ("conference", "participant", "callback", "supervision", "intervention", "outcome", "legrequest")
CONFIGURATION = ("account", "team", "agent", "agentaddress", "supervisor")


def create(apps, schema_editor):
    from django.apps import apps as installed
    from django.contrib.auth.management import create_permissions

    # Permissions are made after all migrations; the groups need them now.
    for label in ("participants", "auth"):
        create_permissions(
            installed.get_app_config(label), apps=apps, verbosity=0, using=schema_editor.connection.alias
        )
    group, permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    views = [f"view_{model}" for model in (*RECORDS, *CONFIGURATION)]
    changes = [f"{verb}_{model}" for verb in ("add", "change", "delete") for model in CONFIGURATION]
    ours = permission.objects.filter(content_type__app_label="participants")
    users = permission.objects.filter(content_type__app_label="auth")
    auditor = group.objects.get(name="Auditor").permissions
    auditor.add(*ours.filter(codename__in=views), *users.filter(codename__in=["view_user", "view_group"]))
    administrator = group.objects.get(name="Administrator").permissions
    administrator.add(*ours.filter(codename__in=[*views, *changes]))
    administrator.add(
        *users.filter(codename__in=["view_group", "view_user", "add_user", "change_user", "delete_user"])
    )


class Migration(migrations.Migration):
    dependencies = [("participants", "0003_append_only_ledger")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
