"""What the person who started the server gets to see."""

import contextlib
import os
import sys
import time
from pathlib import Path

from people_hr.supervisor.programs import LOOPBACK, Layout

DEMO_ACCOUNTS = ("owner", "hr", "manager", "employee")
DEMO_PASSWORD = "demo"  # noqa: S105 (published: demo mode alone knows it)
RULE = "-" * 72


def say(text: str) -> None:
    """Write a line at once, also into a pipe.

    A terminal or pipe that is gone must not keep us from stopping in good order.
    """
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def note(text: str) -> None:
    """Write a line about something that happened later, with the time."""
    say(f"{time.strftime('%H:%M:%S')} {text}")


def panel(layout: Layout, *, is_demo: bool, seconds: float) -> str:
    """Return the panel: addresses, accounts, where things lie, how to stop."""
    pages = os.environ.get("PUBLIC_URL", layout.pages_url).rstrip("/")
    rows = [
        ("Pages", f"{pages}/"),
        ("Admin", f"{pages}/admin/"),
        ("API docs", f"{pages}/api/v1/docs/"),
        ("Tasks", f"{layout.flower_url}/  (Flower)"),
    ]
    logs = _short(layout.var / "log")
    if layout.receiver_port is not None:
        rows.append(("Receiver", f"{layout.receiver_url}  (arriving webhooks)"))
        rows.append(("", f"watch it:  tail -f {logs}/receiver.log"))
    if is_demo:
        rows.append(("Log in as", f"{DEMO_ACCOUNTS[0]}@demo.example"))
        rows.extend(("", f"{name}@demo.example") for name in DEMO_ACCOUNTS[1:])
        rows.append(("Password", DEMO_PASSWORD))
    rows += [
        ("Data", _short(layout.var)),
        ("Logs", f"{logs}/*.log"),
        ("Stop", f"Ctrl-C, or: kill {os.getpid()}"),
    ]
    title = "People HR is running" + (" as a demo" if is_demo else "")
    lines = [
        RULE,
        f"  {title} (ready after {seconds:.1f} s)",
        "",
        *(f"  {name:<10} {value}".rstrip() for name, value in rows),
        *_warning(layout, is_demo=is_demo),
        RULE,
    ]
    return "\n".join(lines)


def _warning(layout: Layout, *, is_demo: bool) -> list[str]:
    if not is_demo or layout.host in (LOOPBACK, "localhost", "::1"):
        return []
    return [
        "",
        f"  Other machines can reach {layout.host}:{layout.web_port}, and the demo's",
        "  passwords are known to everybody: put in no real data.",
    ]


def _short(path: Path) -> str:
    """Return ``path`` as one types it from here, quoted if it holds spaces."""
    try:
        text = str(path.relative_to(Path.cwd()))
    except ValueError:
        text = str(path)
    return f"'{text}'" if " " in text else text
