"""The groups of the product, with their verbs. `see_all` and the numbers are rights like any other."""

from django.db import migrations

SUPERVISOR = [
    "listen",
    "whisper",
    "barge",
    "mute",
    "hold",
    "remove",
    "end",
    "identify",
    "announce",
    "cue",
    "dial",
    "record",
]
GROUPS = {
    "Supervisor": SUPERVISOR,
    "Lead": [*SUPERVISOR, "take_over", "see_numbers"],
    "Auditor": ["see_all"],
    "Administrator": ["see_all"],
    "Agent": [],
}


def create(apps, schema_editor):
    from django.apps import apps as installed
    from django.contrib.auth.management import create_permissions

    # Permissions are made after all migrations; the groups need them now.
    config = installed.get_app_config("participants")
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, verbs in GROUPS.items():
        group, _ = group_model.objects.get_or_create(name=name)
        group.permissions.add(
            *permission_model.objects.filter(content_type__app_label="participants", codename__in=verbs)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("participants", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
