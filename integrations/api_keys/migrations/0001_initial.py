import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import organizations.constraints
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organizations', '0002_token_family'),
        ('organizations', '__first__'),
        # Not needed but early: the library's migrations render every model that is
        # related to its own, and so to organizations, anew each time. Before the other
        # apps have models that takes less than half of the time.
        ('oauth2_provider', '0022_refreshtoken_token_family_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('name', models.CharField(help_text='Which program uses it, and what for.', max_length=100, verbose_name='name')),
                ('environment', models.CharField(choices=[('live', 'Live'), ('test', 'Test')], default='live', max_length=4, verbose_name='environment')),
                ('key_id', models.CharField(editable=False, max_length=12, unique=True, verbose_name='key id')),
                ('secret_hash', models.CharField(editable=False, max_length=60)),
                ('secret_tag', models.CharField(editable=False, max_length=8)),
                ('pepper', models.CharField(editable=False, max_length=8)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=50), size=None, verbose_name='scopes')),
                ('networks', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=43), blank=True, default=list, help_text='Where it may be used from, as 203.0.113.0/24; empty: anywhere.', size=None, verbose_name='networks')),
                ('reach', models.JSONField(blank=True, default=dict, help_text='Which departments or locations it sees; empty: all.', verbose_name='reach')),
                ('hourly_quota', models.PositiveIntegerField(blank=True, help_text='Empty: what the installation allows each key.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000000)], verbose_name='calls an hour')),
                ('starts_at', models.DateTimeField(blank=True, null=True, verbose_name='valid from')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='valid until')),
                ('is_enabled', models.BooleanField(default=True, editable=False, verbose_name='switched on')),
                ('is_canary', models.BooleanField(default=False, help_text='A trap: it opens nothing, and whoever tries it raises an alarm.', verbose_name='canary')),
                ('frozen_at', models.DateTimeField(editable=False, null=True, verbose_name='frozen')),
                ('revoked_at', models.DateTimeField(editable=False, null=True, verbose_name='revoked')),
                ('revocation_reason', models.CharField(blank=True, editable=False, max_length=200, verbose_name='reason')),
                ('replaced_at', models.DateTimeField(editable=False, null=True, verbose_name='replaced')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('owner', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('replaced_by', models.ForeignKey(db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced', to='api_keys.apikey', verbose_name='replaced by')),
                ('revoked_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='revoked by')),
            ],
            options={
                'verbose_name': 'API key',
                'verbose_name_plural': 'API keys',
                'ordering': ['name', 'id'],
                'indexes': [models.Index(fields=['organization', 'name', 'id'], name='api_key_by_name'), models.Index(fields=['owner'], name='api_key_by_owner')],
                'constraints': [models.CheckConstraint(condition=models.Q(('starts_at__isnull', True), ('expires_at__isnull', True), ('expires_at__gt', models.F('starts_at')), _connector='OR'), name='api_key_ends_after_start', violation_error_message='The end comes after the start.'), models.CheckConstraint(condition=models.Q(('environment__in', ['live', 'test'])), name='api_key_environment_known', violation_error_message='Live or test.'), models.CheckConstraint(condition=models.Q(('hourly_quota__isnull', True), ('hourly_quota__gt', 0), _connector='OR'), name='api_key_quota_positive', violation_error_message='At least one call an hour.'), organizations.constraints.SameOrganization(field='replaced_by', name='api_key_replaced_by_organization')],
            },
        ),
        migrations.CreateModel(
            name='KeyPolicy',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('max_lifetime_days', models.PositiveIntegerField(blank=True, help_text='Every key made from now on ends by then; empty: they need not.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name='longest life in days')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'rules for API keys',
                'verbose_name_plural': 'rules for API keys',
                'constraints': [models.UniqueConstraint(fields=('organization',), name='key_policy_once_per_organization')],
            },
        ),
        migrations.CreateModel(
            name='KeyUse',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('last_used_at', models.DateTimeField(verbose_name='last used')),
                ('address', models.CharField(blank=True, max_length=45, verbose_name='address')),
                ('endpoint', models.CharField(blank=True, max_length=200, verbose_name='endpoint')),
                ('told_at', models.DateTimeField(null=True)),
                ('key', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='use', to='api_keys.apikey')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'use of an API key',
                'verbose_name_plural': 'uses of API keys',
            },
        ),
    ]
