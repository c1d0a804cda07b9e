import django.contrib.postgres.fields
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import organizations.constraints
import uuid_utils.compat
from decimal import Decimal
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
            name='HolidayCalendar',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('country', models.CharField(blank=True, help_text='Whose public holidays are imported. ISO 3166-1, such as DE.', max_length=2, validators=[django.core.validators.RegexValidator('^[A-Z]{2}\\Z', 'Two capital letters, as DE.')], verbose_name='country')),
                ('subdivision', models.CharField(blank=True, help_text='The part after the dash of the ISO 3166-2 code: BE for DE-BE.', max_length=6, validators=[django.core.validators.RegexValidator('^[A-Z0-9]{1,3}\\Z', 'One to three letters, as BE.')], verbose_name='subdivision')),
                ('revision', models.PositiveIntegerField(default=0, editable=False)),
                ('changed_days', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), default=list, editable=False, size=None)),
                ('location', models.ForeignKey(blank=True, db_constraint=False, help_text='Left empty, it counts wherever no other calendar does.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holiday_calendars', to='employees.location', verbose_name='location')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'holiday calendar',
                'verbose_name_plural': 'holiday calendars',
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'location'), name='holiday_calendar_once_per_location', nulls_distinct=False, violation_error_message='This location has a calendar already; without a location, there is one default calendar.'), organizations.constraints.SameOrganization(field='location', name='holiday_calendar_organization')],
            },
        ),
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('on', models.DateField(verbose_name='day')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('portion', models.CharField(choices=[('full', 'Whole day'), ('morning', 'Morning'), ('afternoon', 'Afternoon')], default='full', max_length=10, verbose_name='part of the day')),
                ('source', models.CharField(choices=[('package', 'Public holiday'), ('own', 'Own day')], default='own', editable=False, max_length=10, verbose_name='source')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('calendar', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='holidays', to='leave.holidaycalendar')),
            ],
            options={
                'verbose_name': 'holiday',
                'verbose_name_plural': 'holidays',
                'ordering': ['on', 'id'],
                'constraints': [models.UniqueConstraint(fields=('calendar', 'on'), name='holiday_once_a_day', violation_error_message='This calendar has a holiday on that day.'), models.CheckConstraint(condition=models.Q(('portion__in', ['full', 'morning', 'afternoon'])), name='holiday_portion_known', violation_error_message='The whole day, its morning or afternoon.'), organizations.constraints.SameOrganization(field='calendar', name='holiday_organization')],
            },
        ),
        migrations.CreateModel(
            name='LeaveType',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('unit', models.CharField(choices=[('days', 'Days'), ('hours', 'Hours')], default='days', max_length=10, verbose_name='counted in')),
                ('is_paid', models.BooleanField(default=True, verbose_name='paid')),
                ('is_limited', models.BooleanField(default=True, help_text='If not, such as for sickness, any number may be taken.', verbose_name='spends a balance')),
                ('counts_calendar_days', models.BooleanField(default=False, help_text='Weekends and holidays cost as much as working days.', verbose_name='counts calendar days')),
                ('certificate_after_days', models.PositiveSmallIntegerField(blank=True, help_text='A longer absence needs a certificate. Empty: never.', null=True, verbose_name='certificate after days')),
                ('yearly_grant', models.DecimalField(blank=True, decimal_places=2, help_text='What everybody gets who is granted nothing else.', max_digits=7, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='granted each year')),
                ('colour', models.CharField(choices=[('teal', 'Teal'), ('green', 'Green'), ('amber', 'Amber'), ('red', 'Red'), ('violet', 'Violet'), ('grey', 'Grey')], default='teal', max_length=10, verbose_name='colour')),
                ('is_active', models.BooleanField(default=True, help_text='Can be asked for.', verbose_name='active')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'leave type',
                'verbose_name_plural': 'leave types',
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(models.F('organization'), django.db.models.functions.text.Lower('name'), name='leave_type_name_once', violation_error_message='There is a leave type of this name.'), models.CheckConstraint(condition=models.Q(('unit__in', ['days', 'hours'])), name='leave_type_unit_known', violation_error_message='Days or hours.'), models.CheckConstraint(condition=models.Q(('yearly_grant__isnull', True), ('yearly_grant__gte', 0), _connector='OR'), name='leave_type_grant_positive', violation_error_message='A grant is not below zero.')],
            },
        ),
        migrations.CreateModel(
            name='LeaveAccount',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('balances', models.JSONField(default=dict, editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='balances')),
                ('entry_count', models.PositiveIntegerField(default=0, editable=False, verbose_name='entries')),
                ('employee', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='leave_accounts', to='employees.employee', verbose_name='employee')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('leave_type', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='leave.leavetype', verbose_name='leave type')),
            ],
            options={
                'verbose_name': 'leave balance',
                'verbose_name_plural': 'leave balances',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('employee', 'leave_type'), name='leave_account_once', violation_error_message='This person has this account.'), organizations.constraints.SameOrganization(field='employee', name='leave_account_employee_organization'), organizations.constraints.SameOrganization(field='leave_type', name='leave_account_type_organization')],
            },
        ),
        migrations.CreateModel(
            name='LeaveRequest',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('first_on', models.DateField(verbose_name='first day')),
                ('last_on', models.DateField(verbose_name='last day')),
                ('first_portion', models.CharField(choices=[('full', 'Whole day'), ('morning', 'Morning'), ('afternoon', 'Afternoon')], default='full', max_length=10, verbose_name='first day is')),
                ('last_portion', models.CharField(choices=[('full', 'Whole day'), ('morning', 'Morning'), ('afternoon', 'Afternoon')], default='full', max_length=10, verbose_name='last day is')),
                ('charge', models.DecimalField(decimal_places=3, help_text='What it costs, in the unit of its type.', max_digits=9, verbose_name='charge')),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('approved', 'Approved'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn'), ('cancelled', 'Cancelled')], default='pending', max_length=10, verbose_name='status')),
                ('note', models.CharField(blank=True, max_length=1000, verbose_name='note')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('decline_reason', models.CharField(blank=True, max_length=500, verbose_name='reason of the decline')),
                ('cancelled_from', models.DateField(blank=True, help_text='The first day that was given back.', null=True, verbose_name='cancelled from')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('employee', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='leave_requests', to='employees.employee', verbose_name='employee')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('leave_type', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='leave.leavetype', verbose_name='leave type')),
            ],
            options={
                'verbose_name': 'leave request',
                'verbose_name_plural': 'leave requests',
                'ordering': ['-first_on', '-id'],
                'indexes': [models.Index(fields=['organization', '-first_on', '-id'], name='leave_request_by_day'), models.Index(fields=['employee', '-first_on', '-id'], name='leave_request_of_person'), models.Index(condition=models.Q(('status', 'pending')), fields=['organization', 'created_at'], name='leave_request_pending')],
                'constraints': [models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('first_on'))), name='leave_request_ends_after_start', violation_error_message='The last day is not before the first.'), models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'approved', 'declined', 'withdrawn', 'cancelled'])), name='leave_request_status_known', violation_error_message='This is no status.'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['approved', 'declined', 'cancelled']), _negated=True), ('decided_at__isnull', False), _connector='OR'), name='leave_request_decided_has_moment', violation_error_message='A decision has a moment.'), models.CheckConstraint(condition=models.Q(('first_portion__in', ['full', 'morning', 'afternoon']), ('last_portion__in', ['full', 'morning', 'afternoon'])), name='leave_request_portions_known', violation_error_message='The whole day, its morning or afternoon.'), organizations.constraints.SameOrganization(field='employee', name='leave_request_employee_organization'), organizations.constraints.SameOrganization(field='leave_type', name='leave_request_type_organization')],
            },
        ),
        migrations.CreateModel(
            name='LeaveLedgerEntry',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('kind', models.CharField(choices=[('grant', 'Granted'), ('reservation', 'Reserved'), ('release', 'Released'), ('taken', 'Taken'), ('reversal', 'Given back'), ('adjustment', 'Adjusted')], max_length=12, verbose_name='kind')),
                ('amount', models.DecimalField(decimal_places=3, max_digits=9, verbose_name='amount')),
                ('year', models.PositiveSmallIntegerField(help_text='The year whose entitlement it is about.', verbose_name='year')),
                ('effective_on', models.DateField(help_text='From when on it counts.', verbose_name='effective on')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('idempotency_key', models.CharField(max_length=200)),
                ('posted_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='posted')),
                ('account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='leave.leaveaccount')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('posted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='posted by')),
                ('request', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ledger_entries', to='leave.leaverequest')),
            ],
            options={
                'verbose_name': 'ledger entry',
                'verbose_name_plural': 'leave ledger',
                'ordering': ['account_id', 'number'],
                'indexes': [models.Index(fields=['account', 'year'], include=('kind', 'amount', 'effective_on'), name='leave_entry_sum'), models.Index(fields=['organization', '-posted_at', '-id'], name='leave_entry_latest')],
                'constraints': [models.UniqueConstraint(fields=('account', 'number'), name='leave_entry_number_once'), models.UniqueConstraint(fields=('organization', 'idempotency_key'), name='leave_entry_posted_once', violation_error_message='This was posted already.'), models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('kind__in', ['grant', 'release', 'reversal'])), models.Q(('amount__lt', 0), ('kind__in', ['reservation', 'taken'])), models.Q(('kind', 'adjustment'), models.Q(('amount', Decimal('0')), _negated=True)), _connector='OR'), name='leave_entry_sign', violation_error_message='The sign does not fit the kind.'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'adjustment'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='leave_entry_adjustment_reason', violation_error_message='An adjustment says why.'), organizations.constraints.SameOrganization(field='account', name='leave_entry_account_organization'), organizations.constraints.SameOrganization(field='request', name='leave_entry_request_organization')],
            },
        ),
        migrations.CreateModel(
            name='LeaveDay',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('on', models.DateField(verbose_name='day')),
                ('portion', models.CharField(choices=[('full', 'Whole day'), ('morning', 'Morning'), ('afternoon', 'Afternoon')], max_length=10, verbose_name='part')),
                ('charge', models.DecimalField(decimal_places=3, max_digits=9, verbose_name='charge')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('reason', models.CharField(choices=[('working_day', 'Working day'), ('calendar_day', 'Calendar day'), ('morning_off', 'Morning off'), ('afternoon_off', 'Afternoon off'), ('holiday', 'Holiday'), ('weekend', 'Weekend'), ('day_off', 'No working day')], max_length=20, verbose_name='why')),
                ('holiday', models.CharField(blank=True, max_length=200, verbose_name='holiday')),
                ('is_live', models.BooleanField(default=True, verbose_name='counts')),
                ('employee', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='leave_days', to='employees.employee')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('request', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='days', to='leave.leaverequest')),
            ],
            options={
                'verbose_name': 'day of leave',
                'verbose_name_plural': 'days of leave',
                'ordering': ['on', 'id'],
                'indexes': [models.Index(condition=models.Q(('is_live', True)), fields=['organization', 'on'], name='leave_day_live'), models.Index(fields=['request', 'on'], name='leave_day_of_request')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_live', True), ('portion__in', ['full', 'morning'])), fields=('employee', 'on'), name='leave_day_morning_once', violation_error_message='That morning is taken already.'), models.UniqueConstraint(condition=models.Q(('is_live', True), ('portion__in', ['full', 'afternoon'])), fields=('employee', 'on'), name='leave_day_afternoon_once', violation_error_message='That afternoon is taken already.'), models.CheckConstraint(condition=models.Q(('charge__gte', 0)), name='leave_day_charge_positive', violation_error_message='A day costs nothing or something.'), organizations.constraints.SameOrganization(field='request', name='leave_day_request_organization'), organizations.constraints.SameOrganization(field='employee', name='leave_day_employee_organization')],
            },
        ),
        migrations.CreateModel(
            name='WorkWeek',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('effective_on', models.DateField(help_text='The first day that it counts for.', verbose_name='effective on')),
                ('monday', models.DecimalField(decimal_places=2, default=Decimal('8'), max_digits=4, verbose_name='Monday')),
                ('tuesday', models.DecimalField(decimal_places=2, default=Decimal('8'), max_digits=4, verbose_name='Tuesday')),
                ('wednesday', models.DecimalField(decimal_places=2, default=Decimal('8'), max_digits=4, verbose_name='Wednesday')),
                ('thursday', models.DecimalField(decimal_places=2, default=Decimal('8'), max_digits=4, verbose_name='Thursday')),
                ('friday', models.DecimalField(decimal_places=2, default=Decimal('8'), max_digits=4, verbose_name='Friday')),
                ('saturday', models.DecimalField(decimal_places=2, default=Decimal('0'), max_digits=4, verbose_name='Saturday')),
                ('sunday', models.DecimalField(decimal_places=2, default=Decimal('0'), max_digits=4, verbose_name='Sunday')),
                ('employee', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='work_weeks', to='employees.employee', verbose_name='employee')),
                ('location', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='work_weeks', to='employees.location', verbose_name='location')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'work week',
                'verbose_name_plural': 'work weeks',
                'ordering': ['-effective_on', 'id'],
                'constraints': [models.UniqueConstraint(fields=('organization', 'location', 'employee', 'effective_on'), name='work_week_once_a_day', nulls_distinct=False, violation_error_message='Another work week begins on that day.'), models.CheckConstraint(condition=models.Q(('location__isnull', True), ('employee__isnull', True), _connector='OR'), name='work_week_of_one', violation_error_message="A work week is a person's or a location's, not both."), models.CheckConstraint(condition=models.Q(('monday__gte', 0), ('monday__lte', 24)), name='work_week_monday_hours', violation_error_message='A day has 0 to 24 hours.'), models.CheckConstraint(condition=models.Q(('tuesday__gte', 0), ('tuesday__lte', 24)), name='work_week_tuesday_hours', violation_error_message='A day has 0 to 24 hours.'), models.CheckConstraint(condition=models.Q(('wednesday__gte', 0), ('wednesday__lte', 24)), name='work_week_wednesday_hours', violation_error_message='A day has 0 to 24 hours.'), models.CheckConstraint(condition=models.Q(('thursday__gte', 0), ('thursday__lte', 24)), name='work_week_thursday_hours', violation_error_message='A day has 0 to 24 hours.'), models.CheckConstraint(condition=models.Q(('friday__gte', 0), ('friday__lte', 24)), name='work_week_friday_hours', violation_error_message='A day has 0 to 24 hours.'), models.CheckConstraint(condition=models.Q(('saturday__gte', 0), ('saturday__lte', 24)), name='work_week_saturday_hours', violation_error_message='A day has 0 to 24 hours.'), models.CheckConstraint(condition=models.Q(('sunday__gte', 0), ('sunday__lte', 24)), name='work_week_sunday_hours', violation_error_message='A day has 0 to 24 hours.'), organizations.constraints.SameOrganization(field='location', name='work_week_location_organization'), organizations.constraints.SameOrganization(field='employee', name='work_week_employee_organization')],
            },
        ),
    ]
