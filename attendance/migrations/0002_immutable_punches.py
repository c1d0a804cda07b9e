"""Let the database itself refuse to edit a punch; it can be voided, once."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION attendance_punch_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.organization_id, OLD.employee_id, OLD.punched_at, OLD.time_zone,
        OLD.direction, OLD.source, OLD.device, OLD.device_sequence, OLD.created_at)
       IS DISTINCT FROM
       (NEW.id, NEW.organization_id, NEW.employee_id, NEW.punched_at, NEW.time_zone,
        NEW.direction, NEW.source, NEW.device, NEW.device_sequence, NEW.created_at)
       OR OLD.voided_at IS NOT NULL
    THEN
        RAISE EXCEPTION 'a punch is never edited'
            USING ERRCODE = 'restrict_violation',
                  HINT = 'Void it and record another one.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attendance_punch_is_immutable
    BEFORE UPDATE ON attendance_punch
    FOR EACH ROW EXECUTE FUNCTION attendance_punch_is_immutable();
"""

BACKWARD = """
DROP TRIGGER attendance_punch_is_immutable ON attendance_punch;
DROP FUNCTION attendance_punch_is_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("attendance", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
