"""End the logins whose tokens were signed with SECRET_KEY: those hold no more."""

from django.db import migrations


def end_logins(apps, schema_editor):
    apps.get_model("organizations", "TokenFamily").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ("organizations", "0003_signing_key"),
    ]

    operations = [migrations.RunPython(end_logins, migrations.RunPython.noop)]
