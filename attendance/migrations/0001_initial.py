import attendance.models.schedules
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
import organizations.constraints
import organizations.models.organizations
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('employees', '0003_imports'),
        ('organizations', '0002_token_family'),
        ('organizations', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('on', models.DateField(verbose_name='day')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn')], default='pending', max_length=10, verbose_name='status')),
                ('before', models.JSONField(default=dict, verbose_name='before')),
                ('after', models.JSONField(default=dict, verbose_name='after')),
                ('applied', models.JSONField(blank=True, default=dict, verbose_name='as applied')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('decline_reason', models.CharField(blank=True, max_length=500, verbose_name='reason of the decline')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('employee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='employees.employee', verbose_name='employee')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'correction',
                'verbose_name_plural': 'corrections',
                'ordering': ['-on', '-id'],
                'indexes': [models.Index(fields=['organization', '-on', '-id'], name='correction_latest'), models.Index(condition=models.Q(('status', 'pending')), fields=['organization', 'created_at'], name='correction_pending')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'pending')), fields=('employee', 'on'), name='correction_one_pending_a_day', violation_error_message='A correction of this day is pending.'), models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'approved', 'declined', 'withdrawn'])), name='correction_status_known', violation_error_message='This is no status.'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['approved', 'declined']), _negated=True), ('decided_at__isnull', False), _connector='OR'), name='correction_decided_has_moment', violation_error_message='A decision has a moment.'), organizations.constraints.SameOrganization(field='employee', name='correction_employee_organization')],
            },
        ),
        migrations.CreateModel(
            name='OpenSession',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('clocked_in_at', models.DateTimeField(verbose_name='in since')),
                ('break_started_at', models.DateTimeField(null=True, verbose_name='on a break since')),
                ('ends_before', models.DateTimeField(help_text='From then on its clock-out counts as missing.')),
                ('employee', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='open_sessions', to='employees.employee', verbose_name='employee')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'open session',
                'verbose_name_plural': 'open sessions',
                'indexes': [models.Index(fields=['organization', 'ends_before'], name='session_ends')],
                'constraints': [models.UniqueConstraint(fields=('employee',), name='open_session_one_per_person', violation_error_message='Clocked in already.'), organizations.constraints.SameOrganization(field='employee', name='open_session_organization')],
            },
        ),
        migrations.CreateModel(
            name='Punch',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('punched_at', models.DateTimeField(verbose_name='punched')),
                ('time_zone', models.CharField(max_length=64, validators=[organizations.models.organizations.validate_time_zone], verbose_name='time zone')),
                ('direction', models.CharField(choices=[('in', 'Clock in'), ('out', 'Clock out'), ('break_start', 'Break begins'), ('break_end', 'Break ends')], max_length=12, verbose_name='direction')),
                ('source', models.CharField(choices=[('web', 'Web'), ('api', 'API'), ('correction', 'Correction')], max_length=12, verbose_name='source')),
                ('device', models.CharField(blank=True, max_length=100, verbose_name='device')),
                ('device_sequence', models.BigIntegerField(blank=True, null=True, verbose_name='number on the device')),
                ('voided_at', models.DateTimeField(blank=True, null=True, verbose_name='voided')),
                ('void_reason', models.CharField(blank=True, max_length=500, verbose_name='reason of the void')),
                ('employee', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='punches', to='employees.employee', verbose_name='employee')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('voided_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='voided by')),
            ],
            options={
                'verbose_name': 'punch',
                'verbose_name_plural': 'punches',
                'ordering': ['-punched_at', '-id'],
                'indexes': [models.Index(fields=['organization', '-punched_at', '-id'], name='punch_latest'), models.Index(fields=['employee', 'punched_at'], name='punch_of_person')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('voided_at__isnull', True)), fields=('employee', 'punched_at', 'direction'), name='punch_once', violation_error_message='This punch is recorded already.'), models.UniqueConstraint(condition=models.Q(('device_sequence__isnull', False)), fields=('organization', 'device', 'device_sequence'), name='punch_of_device_once', violation_error_message='The device sent this punch already.'), models.CheckConstraint(condition=models.Q(('direction__in', ['in', 'out', 'break_start', 'break_end'])), name='punch_direction_known', violation_error_message="In, out, or a break's start or end."), models.CheckConstraint(condition=models.Q(('device_sequence__isnull', True), models.Q(('device', ''), _negated=True), _connector='OR'), name='punch_sequence_has_device', violation_error_message='A number on a device needs the device.'), models.CheckConstraint(condition=models.Q(models.Q(('void_reason', ''), ('voided_at__isnull', True)), models.Q(('voided_at__isnull', False), models.Q(('void_reason', ''), _negated=True)), _connector='OR'), name='punch_void_has_reason', violation_error_message='Say why the punch is voided.'), organizations.constraints.SameOrganization(field='employee', name='punch_employee_organization')],
            },
        ),
        migrations.CreateModel(
            name='CorrectedPunch',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('action', models.CharField(choices=[('add', 'Add'), ('void', 'Void')], max_length=4, verbose_name='action')),
                ('punched_at', models.DateTimeField(verbose_name='punched')),
                ('time_zone', models.CharField(max_length=64, validators=[organizations.models.organizations.validate_time_zone], verbose_name='time zone')),
                ('direction', models.CharField(choices=[('in', 'Clock in'), ('out', 'Clock out'), ('break_start', 'Break begins'), ('break_end', 'Break ends')], max_length=12, verbose_name='direction')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('correction', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='punches', to='attendance.correction')),
                ('punch', models.ForeignKey(blank=True, db_constraint=False, help_text='The punch to void, or the one that was added.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='attendance.punch')),
            ],
            options={
                'verbose_name': 'corrected punch',
                'verbose_name_plural': 'corrected punches',
                'ordering': ['punched_at', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('action', 'void'), _negated=True), ('punch__isnull', False), _connector='OR'), name='corrected_punch_voids_one', violation_error_message='Say which punch is to be voided.'), organizations.constraints.SameOrganization(field='correction', name='corrected_punch_correction_organization'), organizations.constraints.SameOrganization(field='punch', name='corrected_punch_punch_organization')],
            },
        ),
        migrations.CreateModel(
            name='Settlement',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('settled_until', models.DateTimeField()),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization',), name='settlement_once')],
            },
        ),
        migrations.CreateModel(
            name='StaleDays',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
                ('employee', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='employees.employee')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('first_on'))), name='stale_days_in_order'), organizations.constraints.SameOrganization(field='employee', name='stale_days_organization')],
            },
        ),
        migrations.CreateModel(
            name='WorkSchedule',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('pattern', models.JSONField(blank=True, default=dict, help_text='The hours of each weekday; one that is left out is free.', validators=[attendance.models.schedules.validate_pattern], verbose_name='hours')),
                ('is_default', models.BooleanField(default=False, help_text='Counts for everybody to whom no other schedule is given.', verbose_name='default')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'work schedule',
                'verbose_name_plural': 'work schedules',
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(models.F('organization'), django.db.models.functions.text.Lower('name'), name='work_schedule_name_once', violation_error_message='There is a schedule of this name.'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('organization',), name='work_schedule_one_default', violation_error_message='Another schedule is the default.')],
            },
        ),
        migrations.CreateModel(
            name='ScheduleAssignment',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('effective_on', models.DateField(help_text='The first day that it counts for.', verbose_name='effective on')),
                ('employee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='schedule_assignments', to='employees.employee', verbose_name='employee')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('schedule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='attendance.workschedule', verbose_name='schedule')),
            ],
            options={
                'verbose_name': 'schedule assignment',
                'verbose_name_plural': 'schedule assignments',
                'ordering': ['-effective_on', 'id'],
                'constraints': [models.UniqueConstraint(fields=('employee', 'effective_on'), name='schedule_assignment_once_a_day', violation_error_message='Another assignment begins on that day.'), organizations.constraints.SameOrganization(field='employee', name='schedule_assignment_employee_organization'), organizations.constraints.SameOrganization(field='schedule', name='schedule_assignment_schedule_organization')],
            },
        ),
        migrations.CreateModel(
            name='AttendanceDay',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('on', models.DateField(verbose_name='day')),
                ('status', models.CharField(choices=[('present', 'Present'), ('partial', 'Partial'), ('leave', 'Leave'), ('holiday', 'Holiday'), ('off', 'Off'), ('missing_punch', 'Missing punch'), ('absent', 'Absent'), ('not_employed', 'Not employed'), ('expected', 'Expected')], max_length=15, verbose_name='status')),
                ('worked_minutes', models.PositiveIntegerField(default=0, verbose_name='worked')),
                ('break_minutes', models.PositiveIntegerField(default=0, verbose_name='break')),
                ('required_minutes', models.PositiveIntegerField(default=0, verbose_name='required')),
                ('difference_minutes', models.IntegerField(default=0, verbose_name='difference')),
                ('late_minutes', models.PositiveIntegerField(default=0, verbose_name='late')),
                ('first_in_at', models.DateTimeField(null=True, verbose_name='first in')),
                ('last_out_at', models.DateTimeField(null=True, verbose_name='last out')),
                ('warnings', models.JSONField(default=list, verbose_name='to look at')),
                ('computed_from', models.PositiveSmallIntegerField(help_text='The version of the rules that it was computed by.')),
                ('employee', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='attendance_days', to='employees.employee', verbose_name='employee')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'attendance day',
                'verbose_name_plural': 'attendance days',
                'ordering': ['-on', '-id'],
                'indexes': [models.Index(fields=['organization', '-on', '-id'], name='day_latest')],
                'constraints': [models.UniqueConstraint(fields=('employee', 'on'), name='attendance_day_once', violation_error_message='This day is computed already.'), models.CheckConstraint(condition=models.Q(('difference_minutes', django.db.models.expressions.CombinedExpression(models.F('worked_minutes'), '-', models.F('required_minutes')))), name='attendance_day_difference', violation_error_message='The difference is worked less required.'), organizations.constraints.SameOrganization(field='employee', name='attendance_day_organization')],
            },
        ),
    ]
