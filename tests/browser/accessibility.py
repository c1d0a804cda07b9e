"""axe-core on a page as it stands: wide and narrow, light and dark."""

import json
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERYTHING = {"type": "tag", "values": TAGS}
# Between light and dark nothing but the colours differs.
COLOURS = {"type": "rule", "values": ["color-contrast"]}
SCHEMES = {"light": EVERYTHING, "dark": COLOURS}
SIZES = {"wide": (1280, 900), "narrow": (360, 740)}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
GRAVE = ("serious", "critical")


def findings(page: Page) -> list[str]:
    """Return the grave findings, and where the page scrolls sideways.

    The library is evaluated by the browser's debugger, which our policy on scripts
    does not bind.
    """
    found: list[str] = []
    page.evaluate(AXE)
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        if (pixels := page.evaluate(OVERFLOW)) > 0:
            found.append(f"{size}: scrolls {pixels} px sideways")
        for scheme, rules in SCHEMES.items():
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{size}, {scheme}: {text}" for text in _violations(page, rules)]
    return found


def _violations(page: Page, rules: dict[str, Any]) -> list[str]:
    options = json.dumps({"runOnly": rules, "resultTypes": ["violations"]})
    result: dict[str, Any] = page.evaluate(f"axe.run({options})")
    return [
        f"{violation['id']} at {node['target']}: {node['failureSummary']}"
        for violation in result["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
