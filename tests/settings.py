"""Settings of a test run: production's, with data and keys that are thrown away.

The engines' data folder is made by whoever reads this first and shared by the
processes it starts: the workers of pytest-xdist, and the programs that tests run.
"""

import os
import secrets
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from people_hr import embedded

FOLDER_VARIABLE = "PEOPLE_HR_TEST_FOLDER"
FOLDER_PREFIX = "people-hr-tests-"

if FOLDER_VARIABLE not in os.environ:
    folder = Path(tempfile.gettempdir()) / f"{FOLDER_PREFIX}{secrets.token_hex(4)}"
    os.environ[FOLDER_VARIABLE] = str(folder)
os.environ["PEOPLE_HR_VAR"] = os.environ[FOLDER_VARIABLE]
os.environ.setdefault("PEOPLE_HR_DEMO", "1")

from people_hr.settings import *  # noqa: E402, F403
from people_hr.settings import CACHES, REDIS_URL  # noqa: E402

# One Valkey database for each worker, as pytest-django gives each a PostgreSQL one.
worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
address = urlsplit(REDIS_URL)
number = int(worker) + 1
if address.scheme == "unix":
    # Put together by hand: some versions of urllib drop the empty host's slashes.
    REDIS_URL = f"unix://{address.path}?db={number}"
else:
    REDIS_URL = address._replace(path=f"/{number}").geturl()
# A busy machine answers late, and is not meant to look as if its store were away.
RATE_LIMIT_TIMEOUT_SECONDS = 5.0
for name in ("default", "limits", "store"):
    CACHES[name]["LOCATION"] = REDIS_URL
    CACHES[name]["OPTIONS"] = {
        "socket_timeout": RATE_LIMIT_TIMEOUT_SECONDS,
        "socket_connect_timeout": RATE_LIMIT_TIMEOUT_SECONDS,
    }
CELERY_BROKER_URL = embedded.broker_url(REDIS_URL)

# The real hasher costs 50 ms for each person who is made.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Likewise the real cost of an API key's hash.
API_KEY_BCRYPT_COST = 4

# Static files are found when they are asked for: to walk them all first would cost each
# test's client 45 ms.
WHITENOISE_AUTOREFRESH = True
