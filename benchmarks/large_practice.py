"""A large practice, made straight through storage: a few lively contacts, many sparse ones, five years of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.traffic import FIRST_NAMES, LAST_NAMES, OWNER, TAILS, TOPICS
from keepwarm.storage.identity import contact_id, hash63
from keepwarm.storage.observations import Answer, MeetingStatus, MessageKind
from keepwarm.storage.sightings import Change
from keepwarm.storage.tables import (
    account,
    address,
    contact,
    meeting,
    meeting_party,
    meeting_revision,
    meeting_sighting,
    message,
    message_party,
    organisation,
    stream,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from sqlalchemy import Connection, Table

UNTIL = datetime(2026, 6, 26, 18, tzinfo=UTC)  # a Friday
YEARS = timedelta(days=5 * 365)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STREAM, OWNERS_ADDRESS = 1, 1
_SPREAD = 1.4  # of the log-normal weights of contacts
_SERIES_OF = 20  # weekly occurrences; a third of all meetings are some
_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Who:
    """A contact, and how much goes on with them."""

    address_id: int
    name: str
    address: str
    messages: int
    meetings: int
    since: datetime
    until: datetime  # some have ended


def people(rng: Random, *, contacts: int, messages: int, meetings: int) -> list[Who]:
    """Give so many contacts, with about so many messages and meetings in all."""
    weights = [rng.lognormvariate(0, _SPREAD) for _ in range(contacts)]
    total = sum(weights)
    found = []
    for number, weight in enumerate(weights):
        since = UNTIL - YEARS * rng.random() ** 0.5
        until = UNTIL if rng.random() < 0.5 else since + (UNTIL - since) * rng.random()
        first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number % len(LAST_NAMES)]
        found.append(
            Who(
                address_id=OWNERS_ADDRESS + 1 + number,
                name=f"{first} {last} {number}",
                address=f"person{number}@company{number // 7}.example",
                messages=max(4, round(messages * weight / total)),
                meetings=_whole(rng, meetings * weight / total),
                since=since,
                until=until,
            )
        )
    return found


def _whole(rng: Random, number: float) -> int:
    return math.floor(number + rng.random())


def store(connection: Connection, rng: Random, everybody: Sequence[Who]) -> None:
    """Write the accounts, people, messages and meetings as observations that have been sorted."""
    connection.execute(account.insert().values(id=1, name="mail", kind="maildir"))
    read = {"id": STREAM, "account_id": 1, "name": "inbox", "holds": "messages", "pass_number": 1, "cursor": {}}
    connection.execute(stream.insert().values(**read, first_complete=UNTIL - YEARS / 2))
    connection.execute(address.insert().values(id=OWNERS_ADDRESS, address=OWNER[1], name=OWNER[0], dirty=False))
    domains = sorted({who.address.partition("@")[2] for who in everybody})
    connection.execute(organisation.insert(), [{"domain": domain} for domain in domains])
    _insert(connection, contact, (_contact(who) for who in everybody))
    _insert(connection, address, (_address(who) for who in everybody))
    number = 0
    for who in everybody:
        mail = list(_messages(rng, who, number))
        _insert(connection, message, (one for one, _ in mail))
        _insert(connection, message_party, (party for _, parties in mail for party in parties))
        number += len(mail)
    _store_meetings(connection, rng, everybody)


def _insert(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == _ROWS_AT_ONCE:
            connection.execute(table.insert(), some)
            some = []
    if some:
        connection.execute(table.insert(), some)


def _contact(who: Who) -> dict[str, Any]:
    domain = who.address.partition("@")[2]
    known = {"id": contact_id(who.address), "name": who.name, "organisation": domain, "labels": [], "dirty": True}
    return {**known, "added_at": who.since}


def _address(who: Who) -> dict[str, Any]:
    known = {"id": who.address_id, "address": who.address, "name": who.name, "name_rank": 2, "dirty": True}
    return {**known, "contact_id": contact_id(who.address)}


def _messages(rng: Random, who: Who, first: int) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Give their messages: threads of one to six, both sides taking turns."""
    left, number = who.messages, first
    while left > 0:
        at = who.since + (who.until - who.since) * rng.random()
        outbound = rng.random() < 0.5 or number == first  # the first makes them a contact
        thread, parent = hash63(f"m{number}"), None
        for turn in range(min(left, rng.choice((1, 1, 2, 2, 3, 4, 6)))):
            about = f"{rng.choice(TOPICS)} {rng.choice(TAILS)}"
            yield message_rows(who, number, at, outbound=outbound, thread=thread, parent=parent, about=about)
            parent, number, left = hash63(f"m{number}"), number + 1, left - 1
            at, outbound = min(at + rng.lognormvariate(1.5, 1.2) * HOUR, UNTIL - HOUR), not outbound
            del turn


def message_rows(
    who: Who, number: int, at: datetime, *, outbound: bool, thread: int, parent: int | None, about: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Give the row of a message, and those of its parties."""
    row = {
        "id": number + 1,
        "dedupe_key": f"{number:064x}",
        "stream_id": STREAM,
        "at": at,
        "outbound": outbound,
        "to_owner": not outbound,
        "kind": MessageKind.HUMAN.value,
        "size": 2_500,
        "recipients": 1,
        "key_hash": hash63(f"m{number}"),
        "parent_hash": parent,
        "thread_hash": thread,
        "subject": about,
        "subject_hash": hash63(about),
        "says_reply": parent is not None,
        "apology": False,
    }
    ends = (OWNERS_ADDRESS, who.address_id) if outbound else (who.address_id, OWNERS_ADDRESS)
    return row, [
        {"message_id": number + 1, "address_id": one, "role": role}
        for one, role in zip(ends, ("from", "to"), strict=True)
    ]


def _store_meetings(connection: Connection, rng: Random, everybody: Sequence[Who]) -> None:
    rows: dict[Table, list[dict[str, Any]]] = {
        table: [] for table in (meeting, meeting_sighting, meeting_revision, meeting_party)
    }
    for who in everybody:
        left = who.meetings
        while left > 0:
            often = left >= _SERIES_OF and rng.random() < 0.1
            start = (who.since + (who.until - who.since) * rng.random()).replace(hour=rng.randint(7, 15), minute=0)
            made = start - rng.randint(1, 20) * DAY
            uid = f"uid{len(rows[meeting])}"
            for turn in range(_SERIES_OF if often else 1):
                begins = start + 7 * turn * DAY
                _meeting(rng, rows, who, uid, f"{begins:%Y%m%dT%H%M%SZ}" if often else "", begins, made)
                left -= 1
    for table, found in rows.items():
        _insert(connection, table, iter(found))


def _meeting(
    rng: Random,
    rows: dict[Table, list[dict[str, Any]]],
    who: Who,
    uid: str,
    recurrence_id: str,
    start: datetime,
    made: datetime,
) -> None:
    number = len(rows[meeting]) + 1
    rows[meeting].append(
        {"id": number, "ical_uid": uid, "recurrence_id": recurrence_id, "series": False, "summary": "Talk"}
    )
    ref = f"sighting{number}"
    seen = {"id": number, "ref": ref, "meeting_id": number, "stream_id": STREAM, "source_key": ref}
    rows[meeting_sighting].append({**seen, "at": made, "body": {}})
    asks = OWNER[1] if number % 2 else who.address
    changes = [(made, Change.CREATED, asks, start, None)]
    fate = rng.random()
    if fate < 0.15:
        changes.append((start - DAY, Change.RESCHEDULED, who.address, start + 3 * DAY, start))
    elif fate < 0.25:
        changes.append(
            (start - rng.randint(2, 60) * HOUR, Change.CANCELLED, rng.choice((asks, who.address)), start, None)
        )
    for seq, (at, change, actor, begins, before) in enumerate(changes, start=1):
        revision = len(rows[meeting_revision]) + 1
        rows[meeting_revision].append(
            {
                "id": revision,
                "meeting_id": number,
                "seq": seq,
                "ref": f"revision{revision}",
                "at": at,
                "change": change.value,
                "start": begins,
                "end": begins + HOUR,
                "previous_start": before,
                "previous_end": before + HOUR if before else None,
                "status": (MeetingStatus.CANCELLED if change is Change.CANCELLED else MeetingStatus.CONFIRMED).value,
                "actor": actor,
                "why": "the organiser's entry",
                "sighting": ref,
            }
        )
        for one in (OWNERS_ADDRESS, who.address_id):
            role = "organizer" if (one == OWNERS_ADDRESS) == (asks == OWNER[1]) else "attendee"
            party = {"revision_id": revision, "address_id": one, "role": role, "answer": Answer.ACCEPTED.value}
            rows[meeting_party].append(party)
