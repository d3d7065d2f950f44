"""Pictures of a report, on a phone and a desk, light and dark: ``python -m tests.practice.pictures REPORT FOLDER``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import click

from tests.browser import Browser

WIDTHS = {"phone": 375, "desk": 700}


def main() -> int:
    """Take the four pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.practice.pictures", description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    browser, page = Browser.found(), asked.report.read_text("utf-8")
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name, width in WIDTHS.items():
        for light in ("light", "dark"):
            file = asked.folder / f"report-{name}-{light}.png"
            browser.picture(page, file, width=width, dark=light == "dark")
            click.echo(str(file))
    return 0


if __name__ == "__main__":
    sys.exit(main())
