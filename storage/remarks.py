"""Remarks: what people wrote in the threads of meetings, after an invitation or an update of it.

A remark is told from any other mail by what it answers: the mail that brought a sighting of the meeting, directly or
as the first of its thread.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from keepwarm.storage import rows
from keepwarm.storage.messages import thread_keys
from keepwarm.storage.observations import MessageKind
from keepwarm.storage.sightings import Remark
from keepwarm.storage.tables import address, message, message_party

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Connection

    from keepwarm.storage.observations import MessageSeen

_CHUNK = 400


def on(connection: Connection, mails: Mapping[int, set[int]]) -> Mapping[int, set[Remark]]:
    """Give the remarks on each meeting, of which ``mails`` holds the keys of the mails that told of it.

    Those of the owner count as anybody's: where they had asked, nobody else put the meeting off.
    """
    meetings: dict[int, list[int]] = defaultdict(list)
    for meeting_id, keys in mails.items():
        for key in keys:
            meetings[key].append(meeting_id)
    found: dict[int, set[Remark]] = defaultdict(set)
    for key, remark in _answers(connection, sorted(meetings)):
        for meeting_id in meetings.get(key, ()):
            found[meeting_id].add(remark)
    return found


def _answers(connection: Connection, keys: list[int]) -> Iterator[tuple[int, Remark]]:
    """Give the mails that people wrote in answer to these, each with the keys that it answers."""
    wrote = (
        select(message.c.dedupe_key, message.c.at, message.c.parent_hash, message.c.thread_hash, address.c.address)
        .join(message_party, message_party.c.message_id == message.c.id)
        .join(address, address.c.id == message_party.c.address_id)
        .where(message_party.c.role == "from", message.c.kind == MessageKind.HUMAN.value)
    )
    for start in range(0, len(keys), _CHUNK):
        some = keys[start : start + _CHUNK]
        for row in connection.execute(
            wrote.where(or_(message.c.parent_hash.in_(some), message.c.thread_hash.in_(some)))
        ):
            remark = Remark(row.at, row.address, f"m_{row.dedupe_key}")
            yield row.parent_hash, remark
            yield row.thread_hash, remark


def meetings_of(connection: Connection, messages: Iterable[MessageSeen]) -> set[int]:
    """Name the meetings that any of these messages is a remark on."""
    answered: set[int] = set()
    for one in messages:
        if one.kind is MessageKind.HUMAN and one.references and one.author:
            keys = thread_keys(one)
            answered.update({keys.parent or keys.first, keys.first})
    told = rows.among(connection, _TOLD_OF, sorted(answered))
    return {meeting_id for some in told for meeting_id in some.scalars()}


_TOLD_OF = "SELECT meeting_id FROM meeting_sighting WHERE message_key IN"
