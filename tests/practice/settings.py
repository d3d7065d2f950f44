"""The configuration file of the practice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.practice.letters import OWNER, OWNER_ALIAS
from tests.practice.people import CLIENTS, PROSPECTS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TEMPLATE = """\
[owner]
name = "{name}"
addresses = ["{alias}"]
timezone = "Europe/Berlin"
working_hours = "09:00-18:00"
working_days = ["mon", "tue", "wed", "thu", "fri"]
holidays = "DE"

[database]
url = "sqlite:///keepwarm.db"

[[account]]
name = "work"
kind = "maildir"
path = "mail"
address = "{address}"

[[account]]
name = "archive"
kind = "mbox"
path = "archive.mbox"
address = "{address}"

[[account]]
name = "calendar"
kind = "ics"
path = "calendar.ics"

[[label]]
label = "client"
match = [{clients}]

[[label]]
label = "prospect"
match = [{prospects}]

[report]
to = "{address}"
via = "file"
path = "reports"
"""


def write_settings(folder: Path) -> None:
    """Write config.toml into ``folder``, which also holds the mail, the calendar and later the database."""
    text = TEMPLATE.format(
        name=OWNER.name,
        address=OWNER.address,
        alias=OWNER_ALIAS,
        clients=_patterns(CLIENTS),
        prospects=_patterns(PROSPECTS),
    )
    (folder / "config.toml").write_text(text, encoding="utf-8")


def _patterns(domains: Iterable[str]) -> str:
    return ", ".join(f'"*@{domain}"' for domain in domains)
