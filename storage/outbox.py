"""The outbox: what leaves the machine is noted here before it does, so that it leaves once.

A letter is claimed, handed over, and sent. Only who claimed it last may hand it over, and then nobody can take it from
them: of two processes one sends, and one that died before has sent nothing. What was handed over and never noted as
sent may have arrived or not: it stands until it is read back from the owner's mailbox, or until its time is up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from keepwarm.storage.identity import hash63
from keepwarm.storage.settings import moment
from keepwarm.storage.tables import message, outbox

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row


class State(StrEnum):
    """How far a letter has come."""

    CLAIMED = "claimed"  # somebody is about to send it; nothing has left yet
    HANDED = "handed"  # it is on its way, or was when its sender died
    WAITING = "waiting"  # it was not taken, and is tried again
    GIVEN_UP = "given_up"  # it is not tried again by itself
    SENT = "sent"


class Superseded(Exception):
    """Another process sends this letter, or has sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter as it is stored, without what it says: that is written anew for each try."""

    kind: str  # "report"
    key: str  # "2026-W47"
    state: State
    message_id: str  # without angle brackets; the same at each try
    as_of: datetime  # of the last try: what it tells is as of then
    created_at: datetime  # of the first try
    attempts: int
    epoch: int  # counts the claims: only the last one holds
    retry_at: datetime | None
    sent_at: datetime | None
    problem: str = ""
    what_to_do: str = ""
    about: dict[str, Any] = field(default_factory=dict)  # JSON: what it asked, and what was answered


def find(connection: Connection, kind: str, key: str) -> Letter | None:
    """Give a letter; None if it was never claimed."""
    row = connection.execute(select(outbox).where(*_named(kind, key))).one_or_none()
    return None if row is None else _letter(row)


def newest(connection: Connection, kind: str, limit: int) -> list[Letter]:
    """Give the letters of a kind, the one of the highest key first."""
    rows = select(outbox).where(outbox.c.kind == kind).order_by(outbox.c.key.desc()).limit(limit)
    return [_letter(row) for row in connection.execute(rows)]


def claim(connection: Connection, kind: str, key: str, message_id: str, now: datetime) -> Letter:
    """Take a letter, new or not, to be sent by this process; whoever claimed it before can no longer hand it over.

    Raises Superseded if it is sent, or handed over.
    """
    before = find(connection, kind, key)
    if before is None:
        connection.execute(outbox.insert().values(kind=kind, key=key, created_at=now, attempts=0, problem="", body={}))
        claimed = Letter(
            kind=kind,
            key=key,
            state=State.CLAIMED,
            message_id=message_id,
            as_of=now,
            created_at=now,
            attempts=1,
            epoch=1,
            retry_at=None,
            sent_at=None,
        )
    elif before.state in (State.SENT, State.HANDED) and not may_be_tried(before, now):
        raise Superseded
    else:
        claimed = replace(before, state=State.CLAIMED, as_of=now, attempts=before.attempts + 1, epoch=before.epoch + 1)
    _write(connection, claimed)
    return claimed


def may_be_tried(letter: Letter, now: datetime) -> bool:
    """Tell whether a letter may be sent now: nobody holds it, and its time has come."""
    return letter.state is not State.SENT and (letter.retry_at is None or letter.retry_at <= now)


def hand_over(connection: Connection, claimed: Letter, doubtful_until: datetime) -> Letter:
    """Note that it leaves now. Raises Superseded if another process has claimed it meanwhile."""
    handed = replace(_held(connection, claimed, State.CLAIMED), state=State.HANDED, retry_at=doubtful_until)
    _write(connection, handed)
    return handed


def arrived(connection: Connection, letter: Letter, sent_at: datetime) -> Letter:
    """Note that it was taken, whoever notes it."""
    done = replace(letter, state=State.SENT, sent_at=sent_at, retry_at=None, problem="", what_to_do="")
    _write(connection, done)
    return done


def failed(
    connection: Connection, claimed: Letter, state: State, problem: str, what_to_do: str, retry_at: datetime | None
) -> Letter:
    """Note why it was not sent, or may not have been. Raises Superseded if another process has claimed it since."""
    held = _held(connection, claimed, State.CLAIMED, State.HANDED)
    tried = replace(held, state=state, problem=problem, what_to_do=what_to_do, retry_at=retry_at)
    _write(connection, tried)
    return tried


def remember(connection: Connection, letter: Letter, about: dict[str, Any]) -> Letter:
    """Keep what a letter is about, however far it has come."""
    mine = _named(letter.kind, letter.key)
    body: dict[str, Any] = connection.execute(select(outbox.c.body).where(*mine)).scalar_one()
    connection.execute(update(outbox).where(*mine).values(body={**body, "about": about}))
    return replace(letter, about=about)


def was_read_back(connection: Connection, letter: Letter) -> bool:
    """Tell whether the letter lies in one of the mailboxes that are read."""
    found = select(message.c.id).where(message.c.key_hash == hash63(letter.message_id)).limit(1)
    return connection.execute(found).scalar() is not None


def _held(connection: Connection, claimed: Letter, *states: State) -> Letter:
    now = find(connection, claimed.kind, claimed.key)
    if now is None or now.epoch != claimed.epoch or now.state not in states:
        raise Superseded
    return now


def _named(kind: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return outbox.c.kind == kind, outbox.c.key == key


def _write(connection: Connection, letter: Letter) -> None:
    mine = _named(letter.kind, letter.key)
    body: dict[str, Any] = connection.execute(select(outbox.c.body).where(*mine)).scalar_one()
    about = body.get("about", {})  # which ``remember`` alone changes
    connection.execute(
        update(outbox)
        .where(*mine)
        .values(
            attempts=letter.attempts,
            retry_at=letter.retry_at,
            sent_at=letter.sent_at,
            problem=letter.problem,
            body={
                "state": letter.state.value,
                "message_id": letter.message_id,
                "as_of": letter.as_of.isoformat(),
                "epoch": letter.epoch,
                "what_to_do": letter.what_to_do,
                "about": about,
            },
        )
    )


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        kind=row.kind,
        key=row.key,
        state=State(row.body["state"]),
        message_id=row.body["message_id"],
        as_of=moment(row.body["as_of"]) or row.created_at,
        created_at=row.created_at,
        attempts=row.attempts,
        epoch=row.body["epoch"],
        retry_at=row.retry_at,
        sent_at=row.sent_at,
        problem=row.problem,
        what_to_do=row.body["what_to_do"],
        about=row.body.get("about", {}),
    )
