"""Guesses about the owner from their system, offered by ``keepwarm init`` for them to accept or correct."""

from __future__ import annotations

import os
import pwd
import re
from pathlib import Path

from keepwarm.daemon.values import NotAllowedError, timezone

_HOSTS = {
    "aol.com": "imap.aol.com",
    "fastmail.com": "imap.fastmail.com",
    "gmail.com": "imap.gmail.com",
    "googlemail.com": "imap.gmail.com",
    "gmx.de": "imap.gmx.net",
    "gmx.net": "imap.gmx.net",
    "icloud.com": "imap.mail.me.com",
    "me.com": "imap.mail.me.com",
    "posteo.de": "posteo.de",
    "t-online.de": "secureimap.t-online.de",
    "yahoo.com": "imap.mail.yahoo.com",
}
_COUNTRY_OF_LOCALE = re.compile(r"[a-z]{2,3}_([A-Z]{2})\b")


def imap_host(address: str) -> str:
    """Guess the IMAP server of an address."""
    domain = address.rpartition("@")[2].lower()
    return _HOSTS.get(domain, f"imap.{domain}")


def is_at_gmail(address: str) -> bool:
    """Tell an address whose mailbox is at Gmail for sure; many others are too, under domains of their own."""
    return address.rpartition("@")[2].lower() in ("gmail.com", "googlemail.com")


def full_name() -> str:
    """Give the user's name from the system's list of users; "" if it has none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_gecos.partition(",")[0]
    except KeyError:  # a container's user without an entry
        return ""


def holidays_country() -> str:
    """Give the country of the user's locale; "" if it names none."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_TIME") or os.environ.get("LANG") or ""
    found = _COUNTRY_OF_LOCALE.match(locale)
    return found[1] if found else ""


def zone_name(etc: Path = Path("/etc")) -> str:
    """Give the system's zone, from ``$TZ``, or ``timezone`` or ``localtime`` in ``etc``; else "UTC"."""
    for name in (
        os.environ.get("TZ", "").removeprefix(":"),
        _named(etc / "timezone"),
        _linked(etc / "localtime"),
    ):
        try:
            return timezone(name).key
        except NotAllowedError:
            continue
    return "UTC"


def _named(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _linked(file: Path) -> str:
    return os.path.realpath(file).rpartition("/zoneinfo/")[2]
