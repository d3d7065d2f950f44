"""Going on: what was found of a contact up to now is added to, and not compared with all that is stored."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from keepwarm.storage.results import OWN, Difference, insert_signals, line_of
from keepwarm.storage.tables import contact, evidence, signal, warmth_change
from keepwarm.storage.views import EvidenceView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

    from keepwarm.storage.results import ContactResult

_CHUNK = 400
_OVER = tuple(signal.c[name] for name in ("contact_id", "id", "rule", "finding_key", "opened", "cleared", "strength"))
_OPEN = (*_OVER, *(signal.c[name] for name in ("sentence", "facts", "historical")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A contact of whom nothing new is known, as it was left by the last evaluation."""

    contact_id: str
    evaluated_to: datetime
    kept: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A contact as the last evaluation has left it."""

    waiting: Waiting
    over: tuple[
        Row[Any], ...
    ]  # signals that were cleared: contact_id, id, rule, finding_key, opened, cleared, strength
    open: tuple[Row[Any], ...]  # those that were not: beside that sentence, facts, historical
    evidence: Mapping[str, Sequence[EvidenceView]]  # by id of an open one, youngest first


def waiting(connection: Connection, as_of: datetime) -> list[Waiting]:
    """Give those for whom it is time to look again, and of whom nothing new is known."""
    due_by_time = (~contact.c.dirty, contact.c.next_evaluation <= as_of, contact.c.waiting.is_not(None))
    rows = connection.execute(select(contact.c.id, contact.c.evaluated_to, contact.c.waiting).where(*due_by_time))
    return [Waiting(contact_id=row.id, evaluated_to=row.evaluated_to, kept=row.waiting) for row in rows]


def before(connection: Connection, contact_ids: Sequence[str]) -> dict[str, Before]:
    """Give, by id, those of whom enough was kept to go on from."""
    kept = (contact.c.id.in_(contact_ids), contact.c.waiting.is_not(None))
    rows = connection.execute(select(contact.c.id, contact.c.evaluated_to, contact.c.waiting).where(*kept)).all()
    mine = (signal.c.contact_id.in_([row.id for row in rows]), signal.c.scope == OWN)
    over = _by_contact(connection, select(*_OVER).where(*mine, signal.c.cleared.is_not(None)))
    still_open = select(*_OPEN).where(*mine, signal.c.cleared.is_(None))
    opened = _by_contact(connection, still_open)
    cited = _cited(connection, [one.id for some in opened.values() for one in some])
    return {
        row.id: Before(
            waiting=Waiting(contact_id=row.id, evaluated_to=row.evaluated_to, kept=row.waiting),
            over=tuple(over[row.id]),
            open=tuple(opened[row.id]),
            evidence=cited,
        )
        for row in rows
    }


def forget(connection: Connection) -> None:
    """Have nobody gone on with: what was found no longer holds."""
    connection.execute(update(contact).values(waiting=None))


def _by_contact(connection: Connection, wanted: Select[Any]) -> defaultdict[str, list[Row[Any]]]:
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(wanted.order_by(signal.c.opened, signal.c.id)):
        found[row.contact_id].append(row)
    return found


def _cited(connection: Connection, signal_ids: Sequence[str]) -> Mapping[str, Sequence[EvidenceView]]:
    found: defaultdict[str, list[EvidenceView]] = defaultdict(list)
    for start in range(0, len(signal_ids), _CHUNK):
        some = select(evidence).where(evidence.c.signal_id.in_(signal_ids[start : start + _CHUNK]))
        for row in connection.execute(some.order_by(evidence.c.at.desc(), evidence.c.ref.desc())):
            found[row.signal_id].append(EvidenceView(kind=row.kind, ref=row.ref, time=row.at, what=row.what))
    return found


def extend(connection: Connection, result: ContactResult, known: Before, as_of: datetime) -> Difference:
    """Store what a result adds: of its signals those that have opened or been cleared, and all of its ledger."""
    stored = {row.id for row in known.open}
    new = tuple(one for one in result.signals if one.id not in stored)
    over = tuple(one for one in result.signals if one.id in stored and one.cleared is not None)
    insert_signals(connection, [(result.contact_id, one) for one in new])
    for one in over:
        connection.execute(update(signal).where(signal.c.id == one.id).values(cleared=one.cleared))
    connection.execute(
        update(contact)
        .where(contact.c.id == result.contact_id)
        .values(dirty=False, ping_interval_days=result.ping_interval_days)
    )
    go_on(connection, [result], as_of)
    return Difference(
        signals_new=new,
        signals_changed=over,
        signals_gone=(),
        ledger_same=0,
        ledger_stored=0,
        ledger_new=result.ledger,
    )


def go_on(connection: Connection, some: Sequence[ContactResult], as_of: datetime) -> None:
    """Store what time alone has done: lines of the ledger to come after those that are stored, and nothing else."""
    ids = [one.contact_id for one in some if one.ledger]
    last = select(warmth_change.c.contact_id, func.max(warmth_change.c.seq)).group_by(warmth_change.c.contact_id)
    stored: dict[str, int] = {}
    for start in range(0, len(ids), _CHUNK):
        rows = connection.execute(last.where(warmth_change.c.contact_id.in_(ids[start : start + _CHUNK])))
        stored.update((one, seq) for one, seq in rows)
    lines = [
        {"contact_id": one.contact_id, "seq": seq, **line_of(line)}
        for one in some
        for seq, line in enumerate(one.ledger, start=stored.get(one.contact_id, 0) + 1)
    ]
    if lines:
        connection.execute(warmth_change.insert(), lines)
    if some:
        values = {"evaluated_to": as_of, "next_evaluation": bindparam("next"), "waiting": bindparam("kept")}
        connection.execute(
            update(contact).where(contact.c.id == bindparam("who")).values(**values),
            [{"who": one.contact_id, "next": one.next_evaluation, "kept": one.waiting} for one in some],
        )
