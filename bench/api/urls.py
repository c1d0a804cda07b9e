"""Every address of the installation, and the same list behind other doors."""

from django.urls import path

from bench.api import usual
from bench.api.doors import WITHOUT_LOG
from bench.api.peers import PEERS
from employees.api import EmployeeViewSet

urlpatterns = [
    *usual.urlpatterns,
    path(
        f"{WITHOUT_LOG.strip('/')}/employees/", EmployeeViewSet.as_view({"get": "list"})
    ),
    *(
        path(f"peers/{name}/employees/", view.as_view({"get": "list"}))
        for name, view in PEERS.items()
    ),
]
