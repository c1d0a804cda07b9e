"""How the API reads: chosen fields, expanded relations, entity tags."""

from organizations.reading.plans import Row, names_of, plan_of
from organizations.reading.readers import (
    COLLEAGUE,
    Alike,
    PlanReader,
    Reader,
    RecordReader,
    Sight,
    picked,
)
from organizations.reading.selection import EVERYTHING, Selection, selection_of

__all__ = [
    "COLLEAGUE",
    "EVERYTHING",
    "Alike",
    "PlanReader",
    "Reader",
    "RecordReader",
    "Row",
    "Selection",
    "Sight",
    "names_of",
    "picked",
    "plan_of",
    "selection_of",
]
