"""Pictures of the page of a synced practice, for docs/: ``python -m tests.practice.page_pictures CONFIG FOLDER``."""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from keepwarm.daemon.configuration import load
from tests.browser import Browser
from tests.keepwarm import Keepwarm
from tests.tab import tab
from tests.web import website

if TYPE_CHECKING:
    from collections.abc import Iterable

SERVED = '\n[web]\nlisten = "127.0.0.1:0"\n'
WHO = "Quentin Mercier"
"""Of whom there is most to see in the demo."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of one view."""

    file: str
    target: str
    width: int = 1280
    height: int = 900
    dark: bool = False


def main() -> int:
    """Take them all."""
    parser = argparse.ArgumentParser(prog="python -m tests.practice.page_pictures", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        config = _copied(asked.config, Path(folder))
        for file in take(config, asked.folder):
            click.echo(str(file))
    return 0


def take(config: Path, folder: Path) -> Iterable[Path]:
    """Look at each view of a practice that was synced today."""
    people = Keepwarm(config).json("contacts")
    who = next((one["id"] for one in people if one["name"] == WHO), people[0]["id"])
    with website(config, datetime.now(UTC)) as site, tab(Browser.found()) as opened:
        opened.visit(f"{site.served.origin}/open?token={site.seal.link_token(site.served.instance)}")
        for one in pictures(who):
            opened.looks(width=one.width, height=one.height, dark=one.dark)
            assert opened.visit(site.served.origin + one.target) == 200
            file = folder / f"page-{one.file}.png"
            opened.picture(file)
            yield file


def pictures(who: str) -> Iterable[Picture]:
    """Name the pictures; ``who`` is the contact that is shown."""
    yield Picture("sonar", "/")
    yield Picture("sonar-dark", "/", dark=True)
    yield Picture("sonar-phone", "/", width=375, height=812)
    yield Picture("contact", f"/contacts/{who}", height=1500)
    yield Picture("signals", "/signals", height=1000)
    yield Picture("attention", "/attention", height=1000)
    yield Picture("accounts", "/accounts")


def _copied(config: Path, folder: Path) -> Path:
    """Copy what is needed to serve a practice: the settings, on a port of their own, and the database."""
    url = load(config).database.url
    there, here = Path(url.removeprefix("sqlite:///")), folder / "keepwarm.db"
    with closing(sqlite3.connect(there)) as source, closing(sqlite3.connect(here)) as target:
        source.backup(target)
    copied = folder / "config.toml"
    shutil.copy(config, copied)
    copied.write_text(copied.read_text("utf-8") + SERVED, "utf-8")
    return copied


if __name__ == "__main__":
    sys.exit(main())
