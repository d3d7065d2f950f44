"""A past: all that had happened to a contact up to a moment, and a digest by which it is known again.

What was found up to then rests on nothing else of the contact. As long as the digest is the same, judging can go on
from what was found; mail that comes in late, a corrected meeting or another label makes it another one.
"""

from __future__ import annotations

from dataclasses import fields
from hashlib import blake2b
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from keepwarm.rules.meetings import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from keepwarm.rules.rule import Rule
    from keepwarm.rules.timeline import Event
    from keepwarm.storage.histories import History

_OF_THE_CONTACT = attrgetter("contact_id", "name", "labels", "owner_interval_days", "organisation")
_OF_A_MEETING = attrgetter("ref", "ical_uid", "recurrence_id", "series", "summary", "stream")
_OF_A_STEP = attrgetter("next_start", "goes_on_from")


class Digest:
    """Sums up a past, event by event, and the rules, in their order, by which it was judged."""

    def __init__(self, history: History, rules: Sequence[Rule]) -> None:
        self._history = history
        self._events = blake2b(repr([(rule.id, rule.fingerprint) for rule in rules]).encode(), digest_size=16)

    def take_in(self, events: Iterable[Event]) -> None:
        """Take in what happened, in the order of time."""
        self._events.update(b"".join(repr((event.held, _told(event.what))).encode() for event in events))

    def as_of(self, until: datetime) -> str:
        """Give the digest of what is known of the contact as of ``until``; the events up to then are taken in."""
        summed, history = self._events.copy(), self._history
        absences = [_values(one) for one in history.absences if one.at <= until]
        summed.update(repr((_OF_THE_CONTACT(history), sorted(history.live_since.items()), absences)).encode())
        return summed.hexdigest()


def _told(what: Any) -> tuple[Any, ...]:
    """Give what an event is made of; of a meeting not what became of it later."""
    if isinstance(what, Step):
        return (_OF_A_STEP(what), _OF_A_MEETING(what.meeting), _values(what.revision))
    return (type(what).__name__, _values(what))


def _values(record: Any) -> Any:
    return _GETTERS[type(record)](record)


class _Getters(dict[type[Any], "Callable[[Any], Any]"]):
    """By kind of record, what gives its values: made once, as there are many records and few kinds."""

    def __missing__(self, kind: type[Any]) -> Callable[[Any], Any]:
        getter = self[kind] = attrgetter(*(field.name for field in fields(kind)))
        return getter


_GETTERS = _Getters()
