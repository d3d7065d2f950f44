"""Kept out: the mailboxes of those whom the owner wants forgotten, known by keyed hashes alone.

Whatever connectors bring is looked through for them before it is stored. What they wrote is not stored at all, nor what
was written to them alone, nor a meeting with nobody else. What other people have part in stays theirs: of a message the
forgotten are left out; in a meeting *somebody* stands in their place, so that who changed it is told as truly as
before.
"""

from __future__ import annotations

import hmac
from collections import defaultdict
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import select

from keepwarm.storage import settings
from keepwarm.storage.proposals import mailbox_of
from keepwarm.storage.tables import forgotten, meeting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from keepwarm.storage.observations import Answer, MeetingSeen, MessageSeen, Party
    from keepwarm.storage.sightings import Sighting

SOMEBODY = "somebody@forgotten.invalid"
"""Stands in meetings for whoever is forgotten, all of them alike. It is kept as a robot's, so that it is no contact."""

_CHUNK = 400
_TIMES = "times_kept_out_changed"


@lru_cache(maxsize=20_000)
def keyed_name(key: bytes, text: str) -> str:
    """Give what is remembered of a forgotten address: the same for all spellings of one mailbox.

    An HMAC with this database's own key: from the hash alone nobody can be found by trying addresses.
    """
    named = "\0".join(("forgotten", *mailbox_of(text)))
    return hmac.digest(key, named.encode("utf-8", "surrogatepass"), "sha256").hex()


class KeptOut:
    """Who is kept out, as of one transaction."""

    def __init__(self, key: bytes, hashes: Collection[str], times: int = 0) -> None:
        """``times`` tells how often anybody was added or taken away."""
        self._key = key
        self._hashes = frozenset(hashes)
        self.times = times

    def __bool__(self) -> bool:
        """Tell whether anybody is."""
        return bool(self._hashes)

    def __contains__(self, text: str) -> bool:
        """Tell an address that is kept out."""
        return bool(text) and keyed_name(self._key, text.lower()) in self._hashes

    def among(self, texts: Iterable[str]) -> bool:
        """Tell whether any of these is kept out."""
        return any(text in self for text in texts)

    # Messages.

    def messages(self, seen: Sequence[MessageSeen], owner: frozenset[str]) -> tuple[list[MessageSeen], frozenset[str]]:
        """Give what may be stored, and the dedupe keys of those that the forgotten had part in: without subjects."""
        if not self:
            return list(seen), frozenset()
        left, untitled = [], set()
        for one in seen:
            if not self.among(party.address for party in _parties(one)):
                left.append(one)
            elif (rest := self._without(one, owner)) is not None:
                left.append(rest)
                untitled.add(rest.dedupe_key)
        return left, frozenset(untitled)

    def _without(self, one: MessageSeen, owner: frozenset[str]) -> MessageSeen | None:
        if one.author is not None and one.author.address in self:
            return None
        rest = replace(one, to=self._others(one.to), cc=self._others(one.cc), bcc=self._others(one.bcc))
        return rest if any(party.address not in owner for party in _parties(rest)) else None

    def _others(self, parties: tuple[Party, ...]) -> tuple[Party, ...]:
        return tuple(party for party in parties if party.address not in self)

    # Meetings.

    def meetings(self, connection: Connection, seen: Sequence[MeetingSeen], owner: frozenset[str]) -> list[MeetingSeen]:
        """Leave out the snapshots of meetings with nobody but the forgotten; one that is stored stays followed."""
        if not self:
            return list(seen)
        people: dict[tuple[str, str], set[str]] = defaultdict(set)
        for one in seen:
            people[one.ical_uid, one.recurrence_id] |= set(people_in(one)) - owner
        alone = {key for key, named in people.items() if named and all(text in self for text in named)}
        alone -= _stored(connection, {uid for uid, _ in alone})
        return [one for one in seen if (one.ical_uid, one.recurrence_id) not in alone]

    def sighting(self, one: Sighting) -> Sighting:
        """Give what is kept of a sighting: somebody in place of the forgotten, and then no title."""
        if not self or not self.among(named_in(one)):
            return one
        answers: dict[str, Answer] = {}
        for who, answer in one.answers:
            answers.setdefault(self._somebody(who), answer)
        return replace(
            one,
            summary="",
            organizer=self._somebody(one.organizer),
            agent=self._somebody(one.agent),
            sent_by=self._somebody(one.sent_by),
            answers=tuple(answers.items()),
            absent=tuple(who for who in one.absent if who not in self),
            came=tuple(who for who in one.came if who not in self),
        )

    def _somebody(self, text: str) -> str:
        return SOMEBODY if text in self else text


def kept_out(connection: Connection, key: bytes) -> KeptOut:
    """Give who is kept out now."""
    hashes = connection.execute(select(forgotten.c.keyed_hash)).scalars().all()
    return KeptOut(key, hashes, settings.get(connection, _TIMES) or 0)


def changed(connection: Connection) -> None:
    """Note that somebody was added or taken away: other processes drop what they remember of addresses."""
    settings.put(connection, _TIMES, (settings.get(connection, _TIMES) or 0) + 1)


def people_in(one: MeetingSeen) -> Iterator[str]:
    """Name those people in a snapshot who are no robots."""
    yield from (attendee.address for attendee in one.attendees if attendee.person and not attendee.robot)
    if one.organizer is not None and not one.organizer.robot:
        yield one.organizer.address
    if one.sent_by:
        yield one.sent_by


def named_in(one: Sighting) -> Iterator[str]:
    """Name everybody in a sighting."""
    yield from filter(None, (one.organizer, one.sent_by, one.agent, *one.absent, *one.came))
    yield from (who for who, _ in one.answers)


def _parties(one: MessageSeen) -> Iterator[Party]:
    if one.author is not None:
        yield one.author
    yield from (*one.to, *one.cc, *one.bcc)


def _stored(connection: Connection, uids: Iterable[str]) -> set[tuple[str, str]]:
    ordered = sorted(uids)
    found: set[tuple[str, str]] = set()
    for start in range(0, len(ordered), _CHUNK):
        mine = meeting.c.ical_uid.in_(ordered[start : start + _CHUNK])
        rows = connection.execute(select(meeting.c.ical_uid, meeting.c.recurrence_id).where(mine))
        found.update((row.ical_uid, row.recurrence_id) for row in rows)
    return found
