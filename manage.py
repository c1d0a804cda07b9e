#!/usr/bin/env python
"""Django's command line, with the embedded engines running where they are wanted."""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from django.core.management import execute_from_command_line

from people_hr import embedded


def main() -> None:
    """Run one command; find the running engines, or start them for its time."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "people_hr.settings")
    signal.signal(signal.SIGTERM, leave)
    kinds = embedded.wanted_engines()
    try:
        with embedded.engines(embedded.data_folder(), kinds):
            execute_from_command_line(sys.argv)
    except embedded.EngineError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def leave(number: int, frame: FrameType | None) -> NoReturn:
    """End in good order on SIGTERM: the engines are let go of."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
