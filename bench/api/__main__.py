# Django reads its settings on import, and they need the folder that is made here.
# ruff: noqa: PLC0415
"""What a request of the API costs: the door, and the list behind it.

    script/bench api [--part door|lists] [--rounds 15] [--employees 1000]
                     [--wrong 100000]

The part ``door`` asks for the same list of 25 employees without any check, with each
kind of credential, without the call log, and behind the doors of others. The part
``lists`` compares the lists themselves with the usual ones. All answer in turn, in one
process, by WSGI and with every middleware. Figures are medians over the rounds.
"""

import argparse
import json
import os
import shutil
import tempfile
from pathlib import Path


def main() -> None:
    """Start engines of our own, run the rounds, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("door", "lists", "both"), default="both")
    parser.add_argument("--employees", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--wrong", type=int, default=100_000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="people-hr-bench-"))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "bench.api.settings",
        "PEOPLE_HR_DEMO": "1",
        "PEOPLE_HR_VAR": str(folder),
        "LOG_LEVEL": "ERROR",
        "RATE_LIMIT_BAD_KEYS": "100/second",
    }
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from bench.api import door, lists
    from people_hr import embedded

    # simplejwt writes no id as it stands in the row.
    settings.SIMPLE_JWT["USER_ID_FIELD"] = "id"
    figures = {}
    try:
        with embedded.engines(settings.VAR, embedded.wanted_engines()):
            call_command("migrate", verbosity=0, run_syncdb=True)
            if options.part != "lists":
                figures |= door.measure(options.rounds, options.wrong)
            if options.part != "door":
                figures |= lists.measure(options.employees, options.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
