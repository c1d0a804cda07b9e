"""Where the browser is that the tests in tests/browser drive."""

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "There is no Chromium: install it, or set CHROMIUM to its path."


def find_chromium() -> str | None:
    """Return the path of Chromium; None where there is none."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        if name and (path := shutil.which(name)):
            return path
    return None


if __name__ == "__main__":
    found = find_chromium()
    if found is None:
        sys.exit(MISSING)
    sys.stdout.write(found)
