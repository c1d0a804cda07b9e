"""One's own clock: in, out, and breaks."""

from collections.abc import Callable
from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from attendance.api.punch_shapes import PunchSerializer
from attendance.api.seen import SEEN, own_employee_or_refuse
from attendance.models import Punch
from attendance.services import (
    clock_in,
    clock_out,
    end_break,
    start_break,
)
from organizations.access import OrganizationAccess


class ClockView(APIView):
    """One's own clock, pressed now."""

    read_scope = "attendance:read"
    write_scope = "attendance:punch"
    press: Callable[..., Punch]

    @extend_schema(request=None, responses={HTTPStatus.CREATED: PunchSerializer})
    def post(self, request: Request) -> Response:
        """Press it. 409 when the clock says otherwise, with since when."""
        assert isinstance(request.auth, OrganizationAccess)
        me = own_employee_or_refuse(request.auth)
        punch = type(self).press(me, source=Punch.Source.API)
        return Response(punch.represent(*SEEN), HTTPStatus.CREATED)


class ClockInView(ClockView):
    """Clock in."""

    press = staticmethod(clock_in)


class ClockOutView(ClockView):
    """Clock out."""

    press = staticmethod(clock_out)


class StartBreakView(ClockView):
    """Begin a break."""

    press = staticmethod(start_break)


class EndBreakView(ClockView):
    """End a break."""

    press = staticmethod(end_break)
