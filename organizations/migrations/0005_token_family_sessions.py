import uuid

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organizations', '0004_end_logins_of_one_secret'),
    ]

    operations = [
        # With a default, so that going back has something to fill it with.
        migrations.AlterField(model_name='tokenfamily', name='refresh_id', field=models.UUIDField(default=uuid.uuid4)),
        migrations.RemoveField(model_name='tokenfamily', name='refresh_id'),
        migrations.AddField(model_name='tokenfamily', name='refresh_digest', field=models.CharField(max_length=64, default=''), preserve_default=False),
        migrations.AddField(model_name='tokenfamily', name='previous_digest', field=models.CharField(blank=True, max_length=64, default=''), preserve_default=False),
        migrations.AddField(model_name='tokenfamily', name='rotated_at', field=models.DateTimeField(default=django.utils.timezone.now)),
        migrations.AddField(model_name='tokenfamily', name='address', field=models.GenericIPAddressField(blank=True, null=True)),
        migrations.AddField(model_name='tokenfamily', name='agent', field=models.CharField(blank=True, max_length=200, default=''), preserve_default=False),
        migrations.AddField(model_name='tokenfamily', name='last_used_at', field=models.DateTimeField(default=django.utils.timezone.now)),
    ]
