"""Cards: what to have in mind before meeting somebody: what was noted and promised, what came since, who else comes."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC
from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage import agenda, links, settings, since
from keepwarm.storage.histories import By
from keepwarm.storage.notes import NOTES
from keepwarm.storage.promises import PROMISES
from keepwarm.storage.tables import address
from keepwarm.storage.views import MEETINGS_AHEAD, CardView, GatheringView, LinkView, WordView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime, tzinfo

    from sqlalchemy import Connection

    from keepwarm.storage.agenda import MeetingView
    from keepwarm.storage.views import ContactView, SinceView

_CHUNK = 400
_MOST = 3
"""Notes, and promises of either side, on one card."""


def of(connection: Connection, met: Iterable[ContactView], as_of: datetime, zone: tzinfo = UTC) -> dict[str, CardView]:
    """Give a card, by contact id, for each of those whose next meeting is within the coming week.

    What was said later than ``as_of`` is not on it, nor a note for a day that is over in ``zone``, the owner's. Of the
    notes the ones for a day come first, the soonest first.
    """
    ahead = {one.id: one.next_meeting for one in met if one.next_meeting is not None}
    addresses = _addresses(connection, sorted(ahead))
    own = frozenset(settings.get(connection, "owner") or ())
    soon = agenda.starting(connection, as_of, as_of + MEETINGS_AHEAD, as_of)
    meetings = [one for one in soon if not one.cancelled and own.isdisjoint(one.declined)]
    in_mind = _InMind(connection, sorted(ahead), as_of, zone)
    names = _names(connection, {who for one in meetings for who in one.people} - own)
    found = {}
    for who, start in ahead.items():
        theirs = [one for one in meetings if addresses[who] & (set(one.people) - set(one.declined))]
        one = next((one for one in theirs if one.start == start), None)
        others = {names.get(other, other) for other in one.people if other not in addresses[who] | own} if one else ()
        again = tuple(later.start for later in theirs if later.start >= start and later is not one)
        found[who] = in_mind.card(who, one.title if one else "", others, again=again)
    return found


def gathering(
    connection: Connection, one: MeetingView, there: Sequence[ContactView], as_of: datetime, zone: tzinfo = UTC
) -> GatheringView:
    """Give a meeting with the cards of those of its people who are ``there``, in their order; see ``of``."""
    ids = [who.id for who in there]
    own = frozenset(settings.get(connection, "owner") or ())
    others = [who for who in one.people if who not in own | {text for who in there for text in who.addresses}]
    in_mind, before = _InMind(connection, sorted(ids), as_of, zone), min(one.start, as_of)
    kept = links.listed(connection, {who.organisation for who in there if who.organisation})
    return GatheringView(
        id=one.id,
        title=one.title,
        start=one.start,
        end=one.end,
        all_day=one.all_day,
        cards={
            who.id: in_mind.card(who.id, one.title, (), since.last_met(connection, who.addresses, own, before, as_of))
            for who in there
        },
        others=tuple(sorted(set(_names(connection, others).values()))),
        links=tuple(LinkView(url=link.url, title=link.title) for link in kept),
    )


class _InMind:
    """What was noted and promised of some contacts."""

    def __init__(self, connection: Connection, contact_ids: Sequence[str], as_of: datetime, zone: tzinfo) -> None:
        self._notes = _notes(connection, contact_ids, as_of, as_of.astimezone(zone).date())
        self._promises = _promises(connection, contact_ids, as_of)

    def card(
        self,
        who: str,
        title: str,
        others: Iterable[str],
        came: SinceView | None = None,
        again: tuple[datetime, ...] = (),
    ) -> CardView:
        """Make the card of one of them."""
        return CardView(
            title=title,
            others=tuple(sorted(others)),
            notes=tuple(self._notes[who][:_MOST]),
            promised_by_owner=tuple(self._promises[who, By.OWNER][:_MOST]),
            promised_by_them=tuple(self._promises[who, By.THEM][:_MOST]),
            again=again,
            since=came,
        )


def _addresses(connection: Connection, contact_ids: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for start in range(0, len(contact_ids), _CHUNK):
        mine = address.c.contact_id.in_(contact_ids[start : start + _CHUNK])
        for row in connection.execute(select(address.c.contact_id, address.c.address).where(mine)):
            found[row.contact_id].add(row.address)
    return found


def _names(connection: Connection, addresses: Iterable[str]) -> Mapping[str, str]:
    wanted = sorted(addresses)
    found = {}
    for start in range(0, len(wanted), _CHUNK):
        rows = select(address.c.address, address.c.name).where(address.c.address.in_(wanted[start : start + _CHUNK]))
        found.update({row.address: row.name or row.address for row in connection.execute(rows)})
    return found


def _notes(
    connection: Connection, contact_ids: Sequence[str], as_of: datetime, today: date
) -> dict[str, list[WordView]]:
    found: dict[str, list[WordView]] = defaultdict(list)
    for start in range(0, len(contact_ids), _CHUNK):
        for one in NOTES.listed(connection, contact_ids[start : start + _CHUNK]):
            if one.contact is not None and one.at <= as_of and (one.on is None or one.on >= today):
                found[one.contact].append(WordView(text=one.text, day=one.on))
    for words in found.values():
        words.sort(key=lambda word: (word.day is None, word.day.toordinal() if word.day else 0))
    return found


def _promises(
    connection: Connection, contact_ids: Sequence[str], as_of: datetime
) -> dict[tuple[str, By], list[WordView]]:
    found: dict[tuple[str, By], list[WordView]] = defaultdict(list)
    for start in range(0, len(contact_ids), _CHUNK):
        for one in PROMISES.listed(connection, contact_ids[start : start + _CHUNK]):
            kept = one.kept_at is not None and one.kept_at <= as_of
            if one.contact is not None and one.at <= as_of and not kept:
                found[one.contact, one.by].append(WordView(text=one.text, day=one.due))
    for words in found.values():
        words.sort(key=lambda word: word.day.toordinal() if word.day else 0)
    return found
