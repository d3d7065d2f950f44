"""Keepwarm's own letters: their Message-IDs, which nobody can make up who has not this database's key."""

from __future__ import annotations

import hmac
from hashlib import sha256

_PREFIX = "keepwarm."
_DIGITS = 16  # with them it fits on one line of a header


def message_id(key: bytes, kind: str, name: str, domain: str) -> str:
    """Give the Message-ID, without angle brackets, of one letter: "keepwarm.report.2026-W47.3f...@example.com"."""
    named = f"{kind}.{name}"
    return f"{_PREFIX}{named}.{_sealed(key, named)}@{domain}"


def is_ours(key: bytes, found: str, *, kind: str = "") -> bool:
    """Tell whether a Message-ID is of a letter, perhaps of this kind only, that was written with this key."""
    if not found.startswith(f"{_PREFIX}{kind}." if kind else _PREFIX):
        return False
    named, _, seal = found.partition("@")[0].removeprefix(_PREFIX).rpartition(".")
    return hmac.compare_digest(seal.encode(), _sealed(key, named).encode())


def _sealed(key: bytes, named: str) -> str:
    return hmac.new(key, f"letter {named}".encode(), sha256).hexdigest()[:_DIGITS]
