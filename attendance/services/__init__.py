"""The rules of attendance; every face calls them."""

from attendance.services.clock import clock_in, clock_out, end_break, start_break
from attendance.services.computing import (
    is_computed_here,
    recompute_days,
)
from attendance.services.conflict import Conflict
from attendance.services.correcting import (
    Asked,
    AskedPunch,
    preview_correction,
    request_correction,
)
from attendance.services.deciding import (
    approve_correction,
    decline_correction,
    may_decide,
    withdraw_correction,
)
from attendance.services.inputs import Inputs, zone_of
from attendance.services.punching import (
    NewPunch,
    Outcome,
    record_punch,
    record_punches,
)
from attendance.services.settling import mark_absences
from attendance.services.stale import mark_stale, recompute_stale_days
from attendance.services.voiding import void_punch

__all__ = [
    "Asked",
    "AskedPunch",
    "Conflict",
    "Inputs",
    "NewPunch",
    "Outcome",
    "approve_correction",
    "clock_in",
    "clock_out",
    "decline_correction",
    "end_break",
    "is_computed_here",
    "mark_absences",
    "mark_stale",
    "may_decide",
    "preview_correction",
    "recompute_days",
    "recompute_stale_days",
    "record_punch",
    "record_punches",
    "request_correction",
    "start_break",
    "void_punch",
    "withdraw_correction",
    "zone_of",
]
