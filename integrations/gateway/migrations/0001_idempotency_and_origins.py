import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organizations', '0005_token_family_sessions'),
    ]

    operations = [
        migrations.CreateModel(
            name='AllowedOrigin',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('origin', models.CharField(help_text='Exactly as browsers send it: scheme, host and, if it is not the usual one, port, such as https://portal.example.com. No path, no wildcard.', max_length=255, verbose_name='origin')),
                ('note', models.CharField(blank=True, help_text='What runs there.', max_length=200, verbose_name='note')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'allowed origin',
                'verbose_name_plural': 'allowed origins',
                'ordering': ['origin'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'origin'), name='allowed_origin_once', violation_error_message='This origin is allowed already.')],
            },
        ),
        migrations.CreateModel(
            name='KeptAnswer',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('digest', models.CharField(editable=False, max_length=64)),
                ('fingerprint', models.CharField(editable=False, max_length=64)),
                ('rights', models.CharField(editable=False, max_length=64)),
                ('status', models.SmallIntegerField(editable=False, verbose_name='status')),
                ('answer', models.TextField(editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='kept at')),
                ('expires_at', models.DateTimeField(db_index=True, editable=False, verbose_name='kept until')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'kept answer',
                'verbose_name_plural': 'kept answers',
                'constraints': [models.UniqueConstraint(fields=('organization', 'digest'), name='kept_answer_once_per_key')],
            },
        ),
    ]
