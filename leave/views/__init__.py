"""The pages of leave: what one has, asking for it, deciding, who is away."""

from leave.views.asking import cost, request_page
from leave.views.away import calendar_page
from leave.views.deciding import (
    approve,
    cancel,
    decline,
    inbox_page,
    receipt,
    withdraw,
)
from leave.views.having import overview_page, statement

__all__ = [
    "approve",
    "calendar_page",
    "cancel",
    "cost",
    "decline",
    "inbox_page",
    "overview_page",
    "receipt",
    "request_page",
    "statement",
    "withdraw",
]
