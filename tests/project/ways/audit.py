"""The logs: they are written by the product, and tell nothing themselves."""

from tests.project.ways.stage import SILENT

SILENT.update(
    {
        "admin audit_*": "the logs are read",
        "page audit:*": "read",
        "command verify_security_log": "reads",
    }
)
