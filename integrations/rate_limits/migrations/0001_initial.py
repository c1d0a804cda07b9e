import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organizations', '0002_token_family'),
    ]

    operations = [
        migrations.CreateModel(
            name='Allowance',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('target', models.CharField(choices=[('key', 'each API key'), ('user', 'each person'), ('endpoint', 'each caller, on one endpoint'), ('organization', 'the whole organization')], max_length=20, verbose_name='for')),
                ('quota', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000000)], verbose_name='requests')),
                ('window_seconds', models.PositiveIntegerField(choices=[(60, 'a minute'), (3600, 'an hour'), (86400, 'a day')], default=3600, verbose_name='in')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'allowance',
                'verbose_name_plural': 'allowances',
                'ordering': ['target'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'target'), name='allowance_once_per_target', violation_error_message='There is an allowance for this already.'), models.CheckConstraint(condition=models.Q(('quota__range', (1, 1000000))), name='allowance_allows_something', violation_error_message='An allowance is at least one request.')],
            },
        ),
        migrations.CreateModel(
            name='LimitRule',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('target', models.CharField(choices=[('key', 'each API key'), ('user', 'each person'), ('endpoint', 'each caller, on one endpoint'), ('organization', 'the whole organization')], max_length=20, verbose_name='for')),
                ('quota', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000000)], verbose_name='requests')),
                ('window_seconds', models.PositiveIntegerField(choices=[(60, 'a minute'), (3600, 'an hour'), (86400, 'a day')], default=3600, verbose_name='in')),
                ('credential', models.CharField(blank=True, help_text='The id of one API key (the twelve characters after phr_live_) or of one person. Empty: each of them has this limit.', max_length=64, verbose_name='only')),
                ('route', models.CharField(blank=True, help_text='For “on one endpoint” only: its name, such as api:employee-list.', max_length=100, verbose_name='endpoint')),
                ('methods', models.CharField(blank=True, choices=[('', 'all requests'), ('read', 'reading (GET, HEAD, OPTIONS)'), ('write', 'writing (all others)')], default='', max_length=5, verbose_name='that are')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'limit',
                'verbose_name_plural': 'limits',
                'ordering': ['target', 'route', 'credential'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'credential', 'route', 'methods', 'target'), name='limit_rule_once_per_target', violation_error_message='There is a limit for this already.'), models.CheckConstraint(condition=models.Q(('quota__range', (1, 1000000))), name='limit_rule_allows_something', violation_error_message='A limit allows at least one request.'), models.CheckConstraint(condition=models.Q(models.Q(('route__gt', ''), ('target', 'endpoint')), models.Q(models.Q(('target', 'endpoint'), _negated=True), ('methods', ''), ('route', '')), _connector='OR'), name='limit_rule_names_its_endpoint', violation_error_message='Name an endpoint where the limit is for one, and only there.'), models.CheckConstraint(condition=models.Q(models.Q(('target', 'organization'), _negated=True), ('credential', ''), _connector='OR'), name='limit_rule_of_organization_names_no_caller', violation_error_message='A limit of the whole organization is not about one caller.')],
            },
        ),
    ]
