"""Addresses behind which nobody sits: no-reply senders, bounce handlers, notification services.

What counts as one is data (``bulk.toml``). ``info@``, ``office@`` or ``hello@`` are people in small firms.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any


@cache
def bulk_data() -> dict[str, Any]:
    """Give the tables of ``bulk.toml``."""
    return tomllib.loads(files("keepwarm.connectors").joinpath("bulk.toml").read_text("utf-8"))


@lru_cache(maxsize=8192)
def is_robot_address(address: str) -> bool:
    """Say whether the part before the @, or the domain of a calendar, shows that no person reads or writes there."""
    local = address.partition("@")[0].lower()
    if is_calendar_address(address):
        return True
    if _role_names().fullmatch(local):
        return True
    squashed = local.replace("-", "").replace("_", "").replace(".", "")
    return any(phrase in squashed for phrase in bulk_data()["robots"]["anywhere"])


def is_calendar_address(address: str) -> bool:
    """Say whether an address is a room's, a calendar's or a relay's: it may be invited, but nobody comes."""
    domain = address.rpartition("@")[2].lower()
    return any(domain == one or domain.endswith("." + one) for one in bulk_data()["calendars"]["domains"])


def bare_title(title: str) -> str:
    """Give the title of a meeting without what Outlook puts before it when it is answered or cancelled."""
    lower = title.lower()
    prefix = next((one for one in bulk_data()["calendars"]["prefixes"] if lower.startswith(one)), "")
    return title[len(prefix) :].lstrip() or title


def relays_of(sender: str) -> tuple[str, ...] | None:
    """Give the domains of the addresses that a calendar service has for its users; None if ``sender`` is none."""
    relays = bulk_data()["calendars"]["senders"].get(sender.lower())
    return None if relays is None else tuple(relays)


@cache
def _role_names() -> re.Pattern[str]:
    """Match a role's name alone, before a tag or number ("bounces+42"), or at the end of a longer name.

    A dot does not part words here: behind "joe.root" sits Mr Root.
    """
    names = "|".join(re.escape(name) for name in bulk_data()["robots"]["names"])
    return re.compile(rf"(?:.*[-_])?(?:{names})(?:[-_.+=]?\d.*|[-_+=].*)?", re.DOTALL)
