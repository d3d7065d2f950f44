"""A sketch of a calendar: enough to tell, at the next reading, whether its meetings have kept their UIDs.

Some feeds and exports make new UIDs each time they are written. Compared by UID, everything in them is cancelled and
created anew each time. What a meeting says (when, and its title) tells such a calendar from one in which much happens.

A sketch holds the events with the smallest hashes of what they say (a bottom-k sample: what two samples share
estimates what the sets share), each with a hash of its UID.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SIZE = 64
_WHEN = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RRULE")
_WHEN_DIGITS = 14  # hexadecimal
# So few that nobody can make sure of a title by them: whoever may keep no titles keeps sketches all the same.
_TITLE_DIGITS = 2
_DIGITS = _WHEN_DIGITS + _TITLE_DIGITS  # of what an event says
_UID_DIGITS = 8
_SEVERAL = "-" * _UID_DIGITS  # several events say the same: which is which cannot be told

Sketch = tuple[str, ...]
"""Sorted entries: the hash of what an event says, and that of its UID."""


def sketch_of(events: Iterable[tuple[str, tuple[str, ...]]]) -> Sketch:
    """Sketch events, each given by its UID and its content lines."""
    found: dict[str, str] = {}
    for uid, lines in events:
        said = _digest(lines, _WHEN, _WHEN_DIGITS) + _digest(lines, ("SUMMARY",), _TITLE_DIGITS)
        name = _hash(uid, _UID_DIGITS)
        found[said] = name if found.get(said, name) == name else _SEVERAL
    return tuple(said + found[said] for said in sorted(found)[:SIZE])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinship:
    """What two sketches have in common."""

    events: int  # of either
    alike: int  # that are in both, going by what they say
    same: int  # of those, how many have the same UID

    @property
    def churned(self) -> bool:
        """Is it mostly the same calendar, but mostly with other UIDs?"""
        return self.alike > 0 and self.alike * 2 >= self.events and self.same * 2 < self.alike

    @property
    def stayed(self) -> bool:
        """Have the meetings kept their UIDs, as far as any can be compared?"""
        return self.alike > 0 and self.same * 5 >= self.alike * 4


def kinship(before: Sketch, now: Sketch) -> Kinship:
    """Compare two sketches, as far as both reach."""
    reach = min((one[-1][:_DIGITS] for one in (before, now) if len(one) >= SIZE), default="g")
    old, new = (
        {entry[:_DIGITS]: entry[_DIGITS:] for entry in one if entry[:_DIGITS] <= reach} for one in (before, now)
    )
    unclear = {said for one in (old, new) for said, name in one.items() if name == _SEVERAL}
    alike = (old.keys() & new.keys()) - unclear
    same = sum(old[said] == new[said] for said in alike)
    return Kinship(events=len((old.keys() | new.keys()) - unclear), alike=len(alike), same=same)


def _digest(lines: tuple[str, ...], names: tuple[str, ...], digits: int) -> str:
    return _hash("\n".join(sorted(line for line in lines if line.upper().startswith(names))), digits)


def _hash(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:digits]
