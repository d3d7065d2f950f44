"""Who came to a call, as far as the provider's record of it proves anything.

A record names those who were in the call, often by no more than what they are called. Of somebody who was invited and
is not in it, it proves that they stayed away only if everybody in it is known to be somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.storage.observations import Attendee


EARLY = timedelta(minutes=30)
"""So long before a meeting begins people come."""

_PUNCTUAL = timedelta(minutes=5)
"""Whoever comes later after the beginning waits for nobody: it may have been put off, or the others have left again."""

_WAITED = timedelta(minutes=10)
"""So long one waits for somebody who does not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Somebody in a record: by address, if the provider tells it, else by name, if by anything."""

    address: str = ""  # lower case
    name: str = ""


def attended(invited: Sequence[Attendee], present: Sequence[Present]) -> tuple[Attendee, ...]:
    """Give those who were invited, with ``attended`` as the record proves it: True, False, or None for nobody knows."""
    came: set[str] = set()
    is_everybody_known = bool(present)
    for one in present:
        who = _who(one, invited)
        if who:
            came.add(who)
        else:
            is_everybody_known = False
    return tuple(
        replace(one, attended=True if one.address in came else False if is_everybody_known else None)
        for one in invited
        if one.person
    )


def waited(came: datetime, left: datetime, start: datetime) -> bool:
    """Tell whether who was in a call from ``came`` to ``left`` has waited for those who were to come at ``start``."""
    return came <= start + _PUNCTUAL and left - max(came, start) >= _WAITED


def _who(one: Present, invited: Sequence[Attendee]) -> str:
    """Give the address of the one who was invited and is this; "" if there is none, or more than one may be."""
    if one.address:
        return next((other.address for other in invited if other.address == one.address), "")
    name = _plain(one.name)
    named = [other.address for other in invited if name and _plain(other.name) == name]
    return named[0] if len(named) == 1 else ""


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
