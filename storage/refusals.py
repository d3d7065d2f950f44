"""Refusals: which accounts have had their password refused, as far as other processes have to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from keepwarm.storage import settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

_KEY = "refusals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A password that was refused ``times`` times in a row, and is not offered again before ``until``.

    ``mark`` tells another password from it, and is too short to find it by.
    """

    mark: str
    times: int
    until: datetime
    why: str
    what_to_do: str


def of_account(connection: Connection, name: str) -> Refusal | None:
    """Give what is known of an account."""
    kept = (settings.get(connection, _KEY) or {}).get(name)
    return kept and Refusal(**{**kept, "until": datetime.fromisoformat(kept["until"])})


def put(connection: Connection, name: str, refusal: Refusal) -> None:
    """Note a refusal in place of the one before."""
    kept = {
        "mark": refusal.mark,
        "times": refusal.times,
        "until": refusal.until.isoformat(),
        "why": refusal.why,
        "what_to_do": refusal.what_to_do,
    }
    settings.put(connection, _KEY, {**(settings.get(connection, _KEY) or {}), name: kept})


def forget(connection: Connection, name: str) -> None:
    """Note that an account was signed in."""
    known = settings.get(connection, _KEY) or {}
    settings.put(connection, _KEY, {one: kept for one, kept in known.items() if one != name})
