import django.contrib.postgres.fields
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
    ]

    # The library's name these models, and do not say that they need them.
    run_before = [('oauth2_provider', '0001_initial')]

    operations = [
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='added')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last changed')),
                ('name', models.CharField(help_text='People read it when it asks them.', max_length=100, verbose_name='name')),
                ('maker', models.CharField(blank=True, help_text='Who makes the app, as people know them.', max_length=100, verbose_name='made by')),
                ('kind', models.CharField(choices=[('web', 'Web app with a server'), ('browser', 'App in the browser'), ('native', 'Desktop or mobile app'), ('service', 'Service without people')], help_text='How it runs, which says whether it can keep a secret.', max_length=10, verbose_name='kind')),
                ('client_id', models.CharField(editable=False, max_length=40, unique=True, verbose_name='client id')),
                ('redirect_uris', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=500), blank=True, default=list, help_text='Where people are sent back to, compared letter by letter. A service has none.', size=None, verbose_name='redirect addresses')),
                ('post_logout_redirect_uris', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=500), blank=True, default=list, help_text='Where people may be sent after they logged out.', size=None, verbose_name='addresses after logging out')),
                ('allowed_scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=50), blank=True, default=list, help_text="The most that it may do; never more than the person's own role.", size=None, verbose_name='scopes')),
                ('is_enabled', models.BooleanField(default=True, help_text='Switched off, none of its tokens opens anything.', verbose_name='switched on')),
                ('secret_digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('owner', models.ForeignKey(editable=False, help_text='Answers for it. A service never may more than its owner.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
            ],
            options={
                'verbose_name': 'app',
                'verbose_name_plural': 'apps',
                'ordering': ['name', 'id'],
                'indexes': [models.Index(fields=['organization', 'name'], name='application_by_name')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['web', 'service']), ('secret_digest__gt', '')), models.Q(('kind__in', ['browser', 'native']), ('secret_digest', '')), _connector='OR'), name='application_secret_where_it_is_kept', violation_error_message="Apps on people's devices keep no secret.")],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=50), size=None)),
                ('given_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL)),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='organizations.membership')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
            ],
            options={
                'verbose_name': 'consent',
                'verbose_name_plural': 'consents',
                'constraints': [models.UniqueConstraint(fields=('membership', 'application'), name='consent_once_per_app'), organizations.constraints.SameOrganization(field='membership', name='consent_membership_organization'), organizations.constraints.SameOrganization(field='application', name='consent_application_organization')],
            },
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('expires', models.DateTimeField(verbose_name='expires')),
                ('scope', models.TextField(blank=True, verbose_name='scope')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('code_challenge_method', models.CharField(blank=True, choices=[('plain', 'plain'), ('S256', 'S256')], default='', max_length=10, verbose_name='code challenge method')),
                ('nonce', models.CharField(blank=True, default='', max_length=255, verbose_name='nonce')),
                ('code', models.CharField(max_length=64, unique=True)),
                ('redirect_uri', models.CharField(max_length=600)),
                ('code_challenge', models.CharField(max_length=43)),
                ('password_stamp', models.CharField(max_length=64)),
                ('authenticated_at', models.DateTimeField()),
                ('redeemed_at', models.DateTimeField(null=True)),
                ('refreshed_at', models.DateTimeField(null=True)),
                ('valid_until', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL)),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='organizations.membership')),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'grant',
                'verbose_name_plural': 'grants',
                'constraints': [organizations.constraints.SameOrganization(field='membership', name='grant_membership_organization'), organizations.constraints.SameOrganization(field='application', name='grant_application_organization')],
            },
        ),
        migrations.CreateModel(
            name='AccessToken',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('expires', models.DateTimeField(verbose_name='expires')),
                ('scope', models.TextField(blank=True, verbose_name='scope')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('token_checksum', models.CharField(max_length=64, unique=True)),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL)),
                ('grant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='access_tokens', to=settings.OAUTH2_PROVIDER_GRANT_MODEL)),
            ],
            options={
                'verbose_name': 'access token',
                'verbose_name_plural': 'access tokens',
                'indexes': [models.Index(fields=['expires'], name='access_token_expiry')],
                'constraints': [organizations.constraints.SameOrganization(field='application', name='access_token_application_organization'), organizations.constraints.SameOrganization(field='grant', name='access_token_grant_organization')],
            },
        ),
        migrations.CreateModel(
            name='RefreshToken',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('token_checksum', models.CharField(max_length=64, unique=True)),
                ('used_at', models.DateTimeField(null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL)),
                ('grant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refresh_tokens', to=settings.OAUTH2_PROVIDER_GRANT_MODEL)),
                ('organization', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'refresh token',
                'verbose_name_plural': 'refresh tokens',
                'constraints': [organizations.constraints.SameOrganization(field='application', name='refresh_token_application_organization'), organizations.constraints.SameOrganization(field='grant', name='refresh_token_grant_organization')],
            },
        ),
    ]
