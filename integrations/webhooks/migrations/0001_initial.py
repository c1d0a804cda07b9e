import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('organizations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Endpoint',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('url', models.CharField(max_length=2000, verbose_name='address')),
                ('events', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), help_text='Names such as employee.updated, employee.* or *.', size=None, verbose_name='events')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('is_enabled', models.BooleanField(default=True, help_text='Switched off, it gets no new events, and what waits for it stays.', verbose_name='switched on')),
                ('encrypted_secret', models.TextField(editable=False)),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'webhook endpoint',
                'verbose_name_plural': 'webhook endpoints',
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('type', models.CharField(max_length=100, verbose_name='type')),
                ('occurred_at', models.DateTimeField(verbose_name='moment')),
                ('sequence', models.BigIntegerField(verbose_name='sequence')),
                ('subject_type', models.CharField(max_length=100, verbose_name='subject type')),
                ('subject_id', models.UUIDField(verbose_name='subject')),
                ('actor_type', models.CharField(max_length=20, verbose_name='actor type')),
                ('actor_id', models.CharField(max_length=100, null=True, verbose_name='actor')),
                ('body', models.TextField(verbose_name='body')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'events',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['organization', '-id'], name='event_log'), models.Index(fields=['organization', 'type', '-id'], name='event_by_type')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('sequence__gt', 0)), fields=('subject_id', 'sequence', 'type'), name='event_once_per_change')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('subject_id', models.UUIDField(verbose_name='subject')),
                ('sequence', models.BigIntegerField(verbose_name='sequence')),
                ('status', models.CharField(choices=[('pending', 'waiting'), ('retrying', 'trying again'), ('delivered', 'delivered'), ('failed', 'failed')], default='pending', max_length=10, verbose_name='status')),
                ('attempts', models.SmallIntegerField(default=0, verbose_name='attempts')),
                ('due_at', models.DateTimeField(null=True, verbose_name='next try')),
                ('claimed_until', models.DateTimeField(editable=False, null=True)),
                ('claim', models.BigIntegerField(editable=False, null=True)),
                ('status_code', models.SmallIntegerField(null=True, verbose_name='answer')),
                ('duration_ms', models.IntegerField(null=True, verbose_name='duration (ms)')),
                ('error', models.TextField(blank=True, default='', verbose_name='error')),
                ('attempted_at', models.DateTimeField(null=True, verbose_name='last try')),
                ('delivered_at', models.DateTimeField(null=True, verbose_name='delivered')),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('endpoint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='webhooks.endpoint')),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='webhooks.event')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['endpoint', 'due_at', 'id'], name='delivery_due'), models.Index(condition=models.Q(('status', 'pending')), fields=['endpoint', 'subject_id', 'sequence', 'event'], name='delivery_order'), models.Index(fields=['organization', '-id'], name='delivery_log'), models.Index(fields=['endpoint', '-id'], name='delivery_by_endpoint')],
                'constraints': [models.UniqueConstraint(fields=('event', 'endpoint'), name='delivery_once_per_endpoint'), models.CheckConstraint(condition=models.Q(models.Q(('due_at__isnull', False), ('status__in', ['pending', 'retrying'])), models.Q(('due_at__isnull', True), ('status__in', ['delivered', 'failed'])), _connector='OR'), name='delivery_due_while_open')],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.SmallIntegerField(verbose_name='number')),
                ('attempted_at', models.DateTimeField(verbose_name='moment')),
                ('status_code', models.SmallIntegerField(null=True, verbose_name='answer')),
                ('duration_ms', models.IntegerField(verbose_name='duration (ms)')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('excerpt', models.TextField(blank=True, verbose_name="answer's text")),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('delivery', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='tries', to='webhooks.delivery')),
            ],
            options={
                'verbose_name': 'attempt',
                'verbose_name_plural': 'attempts',
                'ordering': ['-number'],
            },
        ),
    ]
