"""Let the database itself refuse to change or remove a line of the ledger."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION leave_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the leave ledger is append-only'
        USING ERRCODE = 'restrict_violation',
              HINT = 'Post a reversal or an adjustment.';
END $$;
CREATE TRIGGER leave_ledger_is_append_only
    BEFORE UPDATE OR DELETE ON leave_leaveledgerentry
    FOR EACH ROW EXECUTE FUNCTION leave_ledger_is_append_only();
"""

BACKWARD = """
DROP TRIGGER leave_ledger_is_append_only ON leave_leaveledgerentry;
DROP FUNCTION leave_ledger_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("leave", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
