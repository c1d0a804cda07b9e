import django.utils.timezone
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organizations', '0002_token_family'),
    ]

    operations = [
        migrations.CreateModel(
            name='SigningKey',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('key_id', models.CharField(max_length=43, unique=True)),
                ('state', models.CharField(choices=[('next', 'published, does not sign yet'), ('current', 'signs'), ('retired', 'verifies what it has signed')], default='next', max_length=10)),
                ('private_key', models.TextField(blank=True)),
                ('public_key', models.JSONField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('signs_since', models.DateTimeField(blank=True, null=True)),
                ('published_until', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'signing key',
                'verbose_name_plural': 'signing keys',
                'ordering': ['created_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['next', 'current'])), fields=('state',), name='signing_key_one_next_and_one_current'), models.CheckConstraint(condition=models.Q(models.Q(('private_key', ''), ('published_until__isnull', False), ('state', 'retired')), models.Q(('published_until__isnull', True), models.Q(('state', 'retired'), _negated=True), models.Q(('private_key', ''), _negated=True)), _connector='OR'), name='signing_key_retired_cannot_sign')],
            },
        ),
    ]
