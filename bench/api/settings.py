"""The installation's settings, with the peers' apps beside."""

from people_hr.settings import *  # noqa: F403
from people_hr.settings import INSTALLED_APPS, MIDDLEWARE, RATE_LIMITS

INSTALLED_APPS = [*INSTALLED_APPS, "rest_framework_api_key", "knox", "bench.api"]
MIDDLEWARE = ["bench.api.doors.DoorWithoutLog", *MIDDLEWARE]
ROOT_URLCONF = "bench.api.urls"
ALLOWED_HOSTS = ["*"]
# One caller asks far more often than a customer would: nobody is to be refused.
RATE_LIMITS |= {name: (1_000_000, 3600) for name in RATE_LIMITS if name != "bad-keys"}
