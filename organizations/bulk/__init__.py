"""Many records by one call: each item stands for itself.

An item that names a record, by its ``id`` or by the key that the resource has for the
other side's systems (an employee's number, a department's code), changes it; any other
adds one. An item that is refused is undone by itself and says why; so a call can be
repeated after its mistakes are mended, or after its answer was lost.
"""

from organizations.bulk.items import (
    Outcome,
    Result,
    answer_items,
    answer_outcomes,
    items_of,
)
from organizations.bulk.schema import BulkAnswerSerializer, bulk_of, bulk_schema
from organizations.bulk.views import BulkViewSet

__all__ = [
    "BulkAnswerSerializer",
    "BulkViewSet",
    "Outcome",
    "Result",
    "answer_items",
    "answer_outcomes",
    "bulk_of",
    "bulk_schema",
    "items_of",
]
