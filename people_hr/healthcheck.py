"""Ask a running web server whether the installation is ready: for supervisors.

``python -m people_hr.healthcheck`` ends with 0 when it is, else with 1 and a word.
"""

import json
import sys
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException  # noqa: TID251 (loopback)

from people_hr.env import env_int, env_list

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What ``/health/ready`` said; ``parts`` is empty when it said nothing."""

    is_ready: bool
    parts: dict[str, str] = field(default_factory=dict)


def ask(port: int, *, host: str = "127.0.0.1", name: str = "localhost") -> Answer:
    """Ask the server at ``host``; ``name`` is the host name it answers to."""
    # A proxy ends TLS in production; behind it, and here, it is plain HTTP.
    headers = {"Host": name, "X-Forwarded-Proto": "https"}
    connection = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/health/ready", headers=headers)
        response = connection.getresponse()
        parts = json.loads(response.read()).get("parts", {})
    except (OSError, HTTPException, ValueError):
        return Answer(is_ready=False)
    finally:
        connection.close()
    return Answer(is_ready=response.status == HTTPStatus.OK, parts=parts)


def main() -> int:
    """Print what is wrong, if anything is; return the exit status."""
    names = [name.lstrip("*.") for name in env_list("ALLOWED_HOSTS")]
    answer = ask(env_int("PORT", default=8000), name=next(iter(names), "localhost"))
    if answer.is_ready:
        return 0
    wrong = [f"{part} {word}" for part, word in answer.parts.items() if word != "ok"]
    sys.stderr.write(f"{'; '.join(wrong) or 'no answer'}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
