"""Verdicts: what the owner said of a signal. It is their word, so it is kept until they take it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from keepwarm.storage.identity import signal_id
from keepwarm.storage.tables import signal, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

_CHUNK = 400


class Judgement(StrEnum):
    """What a verdict says."""

    DISMISSED = "dismissed"  # it is not so, or does not matter
    SNOOZED = "snoozed"  # not now
    CONFIRMED = "confirmed"  # yes, that was it


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The owner's word on one signal; a later one replaces it."""

    signal_id: str
    judgement: Judgement
    at: datetime
    until: datetime | None = None  # of a snoozed one: when it is to be shown again
    reason: str = ""

    def hides(self, as_of: datetime) -> bool:
        """Tell whether the signal is to be left out of what is shown as of a moment."""
        if self.judgement is Judgement.SNOOZED:
            return self.until is None or as_of < self.until
        return self.judgement is Judgement.DISMISSED


def say(connection: Connection, word: Verdict) -> None:
    """Keep a verdict in the place of a former one on the same signal."""
    take_back(connection, word.signal_id)
    connection.execute(
        verdict.insert().values(
            signal_id=word.signal_id,
            verdict=word.judgement.value,
            at=word.at,
            until=word.until,
            reason=word.reason,
        )
    )


def take_back(connection: Connection, signal_id: str) -> bool:
    """Forget the verdict on a signal; tell whether there was one."""
    return connection.execute(delete(verdict).where(verdict.c.signal_id == signal_id)).rowcount > 0


def follow(connection: Connection, homes: Mapping[str, str]) -> None:
    """Let what was said of these contacts' signals hold of the contacts that they are part of now: old id to new.

    To be called while the signals are stored. What was said stays, too: the owner may part them again.
    """
    mine = select(verdict, signal.c.rule, signal.c.contact_id, signal.c.finding_key)
    mine = mine.join(signal, signal.c.id == verdict.c.signal_id)
    ids = sorted(homes)
    for start in range(0, len(ids), _CHUNK):
        some = (signal.c.contact_id.in_(ids[start : start + _CHUNK]), signal.c.scope != "organisation")
        for row in connection.execute(mine.where(*some).order_by(verdict.c.at)).all():
            there = signal_id(row.rule, homes[row.contact_id], row.finding_key)
            (word,) = _words([row])
            if not _read(connection, select(verdict).where(verdict.c.signal_id == there)):
                say(connection, replace(word, signal_id=there))


def on(connection: Connection, signal_ids: Sequence[str], as_of: datetime) -> Mapping[str, Verdict]:
    """Give the verdicts that had been said on these signals by a moment."""
    found: dict[str, Verdict] = {}
    for start in range(0, len(signal_ids), _CHUNK):
        some = verdict.c.signal_id.in_(signal_ids[start : start + _CHUNK])
        for one in _read(connection, select(verdict).where(some, verdict.c.at <= as_of)):
            found[one.signal_id] = one
    return found


def everything(connection: Connection) -> list[Verdict]:
    """Give all verdicts, the newest first."""
    return _read(connection, select(verdict).order_by(verdict.c.at.desc(), verdict.c.signal_id))


def _read(connection: Connection, wanted: Select[tuple[object, ...]]) -> list[Verdict]:
    return _words(connection.execute(wanted))


def _words(rows: Iterable[Row[tuple[object, ...]]]) -> list[Verdict]:
    return [
        Verdict(
            signal_id=row.signal_id,
            judgement=Judgement(row.verdict),
            at=row.at,
            until=row.until,
            reason=row.reason,
        )
        for row in rows
    ]
