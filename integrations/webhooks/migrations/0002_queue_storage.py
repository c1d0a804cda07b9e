"""Store deliveries as what they are: rows that are updated twice, soon after insert.

Half of each page is left free, so that a claim writes its version next to the old one
and touches no index (a heap-only update). Dead versions are vacuumed early.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE webhooks_delivery SET (fillfactor = 50, "
            "autovacuum_vacuum_scale_factor = 0.02, "
            "autovacuum_vacuum_threshold = 1000)",
            "ALTER TABLE webhooks_delivery RESET (fillfactor, "
            "autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)",
        ),
    ]
