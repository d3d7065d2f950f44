"""Signals as commands and outputs show them, as of a moment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from keepwarm.storage import verdicts
from keepwarm.storage.contacts import refs
from keepwarm.storage.tables import evidence as cited_table
from keepwarm.storage.tables import signal
from keepwarm.storage.views import ContactRef, EvidenceView, SignalView

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from keepwarm.storage.verdicts import Verdict

_CHUNK = 400


def views(
    connection: Connection,
    as_of: datetime,
    *,
    contacts: Sequence[str] | None = None,
    cleared_since: datetime | None = None,
    cited: bool = True,
) -> list[SignalView]:
    """Give the signals open as of a moment, newest first; those cleared since ``cleared_since`` too, if given.

    Those that the owner has dismissed or snoozed are among them, marked as hidden. Without ``cited`` their evidence is
    left out: it is most of what there is to read.
    """
    still = or_(signal.c.cleared.is_(None), signal.c.cleared > (as_of if cleared_since is None else cleared_since))
    wanted = select(signal).where(signal.c.opened <= as_of, still)
    if contacts is not None:
        wanted = wanted.where(signal.c.contact_id.in_(contacts))
    rows = connection.execute(wanted.order_by(signal.c.opened.desc(), signal.c.id)).all()
    return _viewed(connection, rows, as_of, cited=cited)


def with_evidence(
    connection: Connection, signals: Sequence[SignalView], contacts: Collection[str]
) -> Iterator[SignalView]:
    """Give signals that have none with their evidence, where they are about one of these contacts."""
    found = _evidence(connection, [one.id for one in signals if one.contact.id in contacts])
    for one in signals:
        yield replace(one, evidence=tuple(found[one.id])) if one.id in found else one


def find(connection: Connection, as_of: datetime, signal_id: str) -> list[SignalView]:
    """Give the signals, open or cleared as of a moment, whose id is, or begins with, ``signal_id``."""
    begins = signal.c.id.startswith(signal_id, autoescape=True)
    wanted = select(signal).where(signal.c.opened <= as_of, begins).order_by(signal.c.id)
    return _viewed(connection, connection.execute(wanted).all(), as_of)


def _viewed(
    connection: Connection, rows: Sequence[Row[Any]], as_of: datetime, *, cited: bool = True
) -> list[SignalView]:
    people = {ref.id: ref for ref in refs(connection, sorted({row.contact_id for row in rows}))}
    evidence = _evidence(connection, [row.id for row in rows] if cited else [])
    said = verdicts.on(connection, [row.id for row in rows], as_of)
    return [_view(row, people[row.contact_id], tuple(evidence[row.id]), said.get(row.id), as_of) for row in rows]


def _view(
    row: Row[Any], who: ContactRef, cited: tuple[EvidenceView, ...], said: Verdict | None, as_of: datetime
) -> SignalView:
    not_yet_cleared = row.cleared is None or row.cleared > as_of
    return SignalView(
        id=row.id,
        rule=row.rule,
        family=row.family,
        contact=who,
        strength=row.strength,
        opened=row.opened,
        cleared=None if not_yet_cleared else row.cleared,
        historical=row.historical,
        sentence=row.sentence,
        advice=row.advice,
        facts=row.facts,
        evidence=cited,
        rule_version=row.rule_version,
        conditions=tuple(row.conditions),
        params=row.params,
        verdict=said,
        hidden=said is not None and said.hides(as_of),
    )


def _evidence(connection: Connection, signal_ids: Sequence[str]) -> dict[str, list[EvidenceView]]:
    found: dict[str, list[EvidenceView]] = defaultdict(list)
    for start in range(0, len(signal_ids), _CHUNK):
        some = cited_table.c.signal_id.in_(signal_ids[start : start + _CHUNK])
        ordered = select(cited_table).where(some).order_by(cited_table.c.at.desc(), cited_table.c.ref.desc())
        for row in connection.execute(ordered):
            found[row.signal_id].append(EvidenceView(kind=row.kind, ref=row.ref, time=row.at, what=row.what))
    return found
