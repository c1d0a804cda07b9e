"""The door with one of its parts left out, to see what that part costs."""

from typing import Any

from integrations.gateway import middleware
from integrations.gateway.passage import Passage
from integrations.rate_limits.addresses import client_address
from integrations.rate_limits.headers import write_headers

WITHOUT_LOG = "/without-log/"


class DoorWithoutLog:
    """The gateway's own middleware, but that nothing is logged."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        self._door = middleware.GatewayMiddleware(get_response)

    def __call__(self, request: Any) -> Any:
        if not request.path_info.startswith(WITHOUT_LOG):
            return self.get_response(request)
        request.passage = Passage(client_address(request))
        passage = middleware.open_passage(request)
        response = self.get_response(request)
        write_headers(response, passage.states)
        return response
