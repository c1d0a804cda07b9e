import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('employees', '0002_relations_and_constraints'),
        ('organizations', '0001_initial'),
        ('organizations', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='EmployeeImport',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('file_name', models.CharField(max_length=200, verbose_name='file')),
                ('content', models.BinaryField()),
                ('date_order', models.CharField(blank=True, choices=[('MM/DD/YYYY', 'MM/DD/YYYY'), ('DD/MM/YYYY', 'DD/MM/YYYY')], max_length=10, verbose_name='date format')),
                ('hired_on', models.DateField(blank=True, help_text='Where the file says none.', null=True, verbose_name='first day of new people')),
                ('status', models.CharField(choices=[('planned', 'Ready to apply'), ('refused', 'Refused'), ('applying', 'Being applied'), ('applied', 'Applied'), ('failed', 'Failed')], max_length=20, verbose_name='status')),
                ('report', models.JSONField(default=dict)),
                ('digest', models.CharField(max_length=64)),
                ('message', models.CharField(blank=True, max_length=500, verbose_name='message')),
                ('new_count', models.PositiveIntegerField(default=0, verbose_name='new')),
                ('changed_count', models.PositiveIntegerField(default=0, verbose_name='changed')),
                ('unchanged_count', models.PositiveIntegerField(default=0, verbose_name='unchanged')),
                ('refused_count', models.PositiveIntegerField(default=0, verbose_name='refused')),
                ('started_at', models.DateTimeField(null=True, verbose_name='started')),
                ('applied_at', models.DateTimeField(null=True, verbose_name='applied')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['organization', '-created_at'], name='employee_import_latest')],
            },
        ),
    ]
