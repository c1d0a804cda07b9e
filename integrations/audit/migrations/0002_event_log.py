"""The log of security and integration events: append-only, and chained by hashes.

``audit_event`` takes rows as they come, ``audit_unsealed`` remembers which of them are
in no chain yet, ``audit_seal`` is the chains, ``audit_chain`` their heads. The two logs
are views of one table, so that one chain vouches for both.
"""

import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models

FORWARD = """
CREATE TABLE audit_event (
    id uuid PRIMARY KEY,
    log varchar(20) NOT NULL CHECK (log IN ('security', 'integration')),
    occurred_at timestamptz NOT NULL,
    organization_id uuid,
    kind varchar(60) NOT NULL,
    actor_type varchar(20) NOT NULL,
    actor_id varchar(100),
    subject varchar(200) NOT NULL,
    reason varchar(100) NOT NULL,
    address varchar(45) NOT NULL,
    request_id varchar(64) NOT NULL,
    details jsonb NOT NULL
);
CREATE INDEX audit_event_newest ON audit_event (organization_id, log, id DESC);
CREATE INDEX audit_event_of_kind ON audit_event (organization_id, log, kind, id DESC);

CREATE TABLE audit_unsealed (event_id uuid PRIMARY KEY);

CREATE TABLE audit_chain (
    id uuid PRIMARY KEY,
    length bigint NOT NULL,
    head bytea NOT NULL,
    pruned_length bigint NOT NULL,
    pruned_head bytea NOT NULL,
    anchor bytea NOT NULL
);
CREATE TABLE audit_seal (
    chain_id uuid NOT NULL,
    number bigint NOT NULL,
    event_id uuid NOT NULL UNIQUE,
    hash bytea NOT NULL,
    PRIMARY KEY (chain_id, number)
);

CREATE VIEW audit_security_event AS
    SELECT id, occurred_at, organization_id, kind, actor_type, actor_id, subject,
           reason, address, request_id, details
    FROM audit_event WHERE log = 'security';
CREATE VIEW audit_integration_event AS
    SELECT id, occurred_at, organization_id, kind, actor_type, actor_id, subject,
           reason, address, request_id, details
    FROM audit_event WHERE log = 'integration';

CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
       AND current_setting('people_hr.pruning_verified_prefix', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the log of security and integration events is append-only'
        USING ERRCODE = 'restrict_violation',
              HINT = 'Old events go by retention, after their chain is verified.';
END $$;
CREATE TRIGGER audit_event_is_append_only BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();
CREATE TRIGGER audit_event_is_not_emptied BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();
CREATE TRIGGER audit_seal_is_append_only BEFORE UPDATE OR DELETE ON audit_seal
    FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();
CREATE TRIGGER audit_seal_is_not_emptied BEFORE TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();
CREATE TRIGGER audit_chain_is_not_emptied BEFORE DELETE OR TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();
"""

BACKWARD = """
DROP VIEW audit_integration_event;
DROP VIEW audit_security_event;
DROP TABLE audit_seal;
DROP TABLE audit_chain;
DROP TABLE audit_unsealed;
DROP TABLE audit_event;
DROP FUNCTION audit_log_is_append_only();
"""

FIELDS = [
    ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
    ("occurred_at", models.DateTimeField(verbose_name="moment")),
    ("kind", models.CharField(max_length=60, verbose_name="what happened")),
    ("actor_type", models.CharField(max_length=20, verbose_name="actor type")),
    ("actor_id", models.CharField(max_length=100, null=True, verbose_name="actor")),
    ("subject", models.CharField(max_length=200, verbose_name="about")),
    ("reason", models.CharField(max_length=100, verbose_name="reason")),
    ("address", models.CharField(max_length=45, verbose_name="network address")),
    ("request_id", models.CharField(max_length=64, verbose_name="request")),
    ("details", models.JSONField(verbose_name="details")),
    ("organization", models.ForeignKey(db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organizations.organization")),
]


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_call_log")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.CreateModel(
            name="SecurityRecord",
            fields=[(name, field.clone()) for name, field in FIELDS],
            options={
                "verbose_name": "security event",
                "verbose_name_plural": "security events",
                "db_table": "audit_security_event",
                "ordering": ["-id"],
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="IntegrationEvent",
            fields=[(name, field.clone()) for name, field in FIELDS],
            options={
                "verbose_name": "integration event",
                "verbose_name_plural": "integration events",
                "db_table": "audit_integration_event",
                "ordering": ["-id"],
                "managed": False,
            },
        ),
    ]
