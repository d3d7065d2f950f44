"""Results of an evaluation: signals and the ledger of warmth, written so that only what is new is touched."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select, update

from keepwarm.storage import attention
from keepwarm.storage.tables import contact, evidence, signal, warmth_change

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from keepwarm.storage.views import EvidenceView


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalResult:
    """A signal as the rules gave it."""

    id: str
    rule: str
    family: str
    finding_key: str
    opened: datetime
    cleared: datetime | None
    strength: str
    sentence: str
    advice: str
    facts: dict[str, Any]
    params: dict[str, Any]
    conditions: tuple[str, ...]
    rule_version: str
    historical: bool
    evidence: tuple[EvidenceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmthResult:
    """A line of the ledger as the rules gave it."""

    at: datetime
    before: float
    after: float
    band: str
    cause: str
    sentence: str
    signal_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactResult:
    """All that an evaluation found of a contact."""

    contact_id: str
    signals: tuple[SignalResult, ...]
    ledger: tuple[WarmthResult, ...]
    ping_interval_days: int | None
    next_evaluation: datetime | None
    waiting: dict[str, Any] | None = None  # what is needed to go on by time alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How a result differs from what is stored."""

    signals_new: tuple[SignalResult, ...]
    signals_changed: tuple[SignalResult, ...]
    signals_gone: tuple[str, ...]
    ledger_same: int  # so many lines at the beginning are the same
    ledger_stored: int
    ledger_new: tuple[WarmthResult, ...]

    @property
    def signals_differ(self) -> bool:
        """Tell whether any signal is another one than what is stored."""
        return bool(self.signals_new or self.signals_changed or self.signals_gone)

    @property
    def is_none(self) -> bool:
        """Tell whether the result is what is stored."""
        return not self.signals_differ and not self.ledger_new and self.ledger_same == self.ledger_stored


_SIGNAL_COLUMNS = (
    "id", "rule", "finding_key", "family", "opened", "cleared", "strength", "sentence", "advice", "facts", "params",
    "conditions", "rule_version", "historical",
)  # fmt: skip
OWN = "contact"  # the scope of what was found of the contact alone
_LEDGER_COLUMNS = ("at", "before", "after", "band", "cause", "sentence", "signal_id")
_values_of_line = attrgetter(*_LEDGER_COLUMNS)


def compare(connection: Connection, result: ContactResult) -> Difference:
    """Hold a result against what is stored."""
    mine = (signal.c.contact_id == result.contact_id) & (signal.c.scope == OWN)
    stored = {row.id: row for row in connection.execute(select(signal).where(mine))}
    cited = _evidence(connection, result.contact_id)
    new = tuple(one for one in result.signals if one.id not in stored)
    changed = tuple(
        one
        for one in result.signals
        if one.id in stored and (_row_of(one) != _stored_row(stored[one.id]) or _cited(one) != cited.get(one.id, []))
    )
    ours = warmth_change.c.contact_id == result.contact_id
    shown = (warmth_change.c[name] for name in _LEDGER_COLUMNS)
    lines = connection.execute(select(*shown).where(ours).order_by(warmth_change.c.seq)).all()
    same = _common(lines, result.ledger)
    return Difference(
        signals_new=new,
        signals_changed=changed,
        signals_gone=tuple(sorted(stored.keys() - {one.id for one in result.signals})),
        ledger_same=same,
        ledger_stored=len(lines),
        ledger_new=result.ledger[same:],
    )


def write(connection: Connection, result: ContactResult, as_of: datetime) -> Difference:
    """Store a result; give what it changed."""
    difference = compare(connection, result)
    rewritten = [*difference.signals_gone, *(one.id for one in difference.signals_changed)]
    if rewritten:
        connection.execute(delete(signal).where(signal.c.id.in_(rewritten)))
    written = (*difference.signals_new, *difference.signals_changed)
    insert_signals(connection, [(result.contact_id, one) for one in written])
    _write_ledger(connection, result, difference)
    connection.execute(
        update(contact)
        .where(contact.c.id == result.contact_id)
        .values(
            dirty=False,
            evaluated_to=as_of,
            next_evaluation=result.next_evaluation,
            ping_interval_days=result.ping_interval_days,
            waiting=result.waiting,
        )
    )
    return difference


def insert_signals(
    connection: Connection, some: Sequence[tuple[str, SignalResult]], *, scope: str = OWN, about: str = ""
) -> None:
    """Store signals that are not stored, each with its contact's id; of an organisation or the practice with scope."""
    signals = [{"contact_id": who, "scope": scope, "about": about, **_row_of(one)} for who, one in some]
    cited = [_evidence_row(one.id, item) for _, one in some for item in one.evidence]
    for table, rows in ((signal, signals), (evidence, cited)):
        if rows:
            connection.execute(table.insert(), rows)


def _write_ledger(connection: Connection, result: ContactResult, difference: Difference) -> None:
    mine = warmth_change.c.contact_id == result.contact_id
    if difference.ledger_same < difference.ledger_stored:
        connection.execute(delete(warmth_change).where(mine, warmth_change.c.seq > difference.ledger_same))
    rows = [
        {"contact_id": result.contact_id, "seq": seq, **line_of(line)}
        for seq, line in enumerate(difference.ledger_new, start=difference.ledger_same + 1)
    ]
    if rows:
        connection.execute(warmth_change.insert(), rows)


def _common(lines: Sequence[Row[Any]], ledger: tuple[WarmthResult, ...]) -> int:
    same = 0
    for stored, line in zip(lines, ledger, strict=False):
        if tuple(stored) != _values_of_line(line):
            break
        same += 1
    return same


def _row_of(one: SignalResult) -> dict[str, Any]:
    return {**{name: getattr(one, name) for name in _SIGNAL_COLUMNS}, "conditions": list(one.conditions)}


def _stored_row(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SIGNAL_COLUMNS}


def line_of(line: WarmthResult) -> dict[str, Any]:
    """Give a line of the ledger as its table takes it."""
    return {name: getattr(line, name) for name in _LEDGER_COLUMNS}


def _evidence_row(signal_id: str, item: EvidenceView) -> dict[str, Any]:
    return {"signal_id": signal_id, "kind": item.kind, "ref": item.ref, "at": item.time, "what": item.what}


def _cited(one: SignalResult) -> list[tuple[str, str, datetime, str]]:
    return sorted((item.kind, item.ref, item.time, item.what) for item in one.evidence)


def _evidence(connection: Connection, contact_id: str) -> dict[str, list[tuple[str, str, datetime, str]]]:
    rows = connection.execute(
        select(evidence).join(signal, signal.c.id == evidence.c.signal_id).where(signal.c.contact_id == contact_id)
    )
    found: dict[str, list[tuple[str, str, datetime, str]]] = {}
    for row in rows:
        found.setdefault(row.signal_id, []).append((row.kind, row.ref, row.at, row.what))
    return {one: sorted(items) for one, items in found.items()}


def due(connection: Connection, as_of: datetime) -> list[str]:
    """Name the contacts of whom something new is known, or at whom it is time to look again."""
    waiting = or_(contact.c.dirty, contact.c.next_evaluation <= as_of)
    return list(connection.execute(select(contact.c.id).where(waiting).order_by(contact.c.id)).scalars())


def judged_to(connection: Connection) -> datetime | None:
    """Give the latest moment up to which a contact was judged; None if none was."""
    found: datetime | None = connection.execute(select(func.max(contact.c.evaluated_to))).scalar()
    return found


def everybody(connection: Connection) -> list[tuple[str, datetime | None]]:
    """Name all contacts, with the moment up to which each was judged."""
    rows = connection.execute(select(contact.c.id, contact.c.evaluated_to).order_by(contact.c.id))
    return [(row.id, row.evaluated_to) for row in rows]


def forget_all(connection: Connection) -> None:
    """Drop every signal and the whole ledger, as if nobody was ever judged; what was observed, and the feed, stay."""
    connection.execute(update(contact).values(evaluated_to=None, next_evaluation=None, waiting=None))
    connection.execute(delete(signal))
    connection.execute(delete(warmth_change))
    attention.forget_all(connection)
