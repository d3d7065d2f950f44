"""Referrals: who referred whom, both ways, for one contact's dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keepwarm.outputs.safe_text import one_line
from keepwarm.storage import contacts, introductions
from keepwarm.storage.histories import IntroductionFact

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from sqlalchemy import Connection

    from keepwarm.storage.histories import History

_LONGEST_NAME = 80


def of(connection: Connection, history: History, owner: frozenset[str], as_of: datetime) -> dict[str, Any]:
    """Give whom a contact introduced to the owner, and by whom they were introduced, as of a moment."""
    made = [one for one in history.others if isinstance(one, IntroductionFact)]
    by = [pair for pair in introductions.introducers(connection, history.contact_id, owner) if pair[1].at <= as_of]
    names = {ref.id: ref.name for ref in contacts.refs(connection, [one for one, _ in by])}
    return {
        "introduced": [_row(one.other, one.other_name, one) for one in made if one.at <= as_of],
        "introduced_by": [_row(one, names[one], fact) for one, fact in by],
    }


def lines(found: dict[str, Any], zone: tzinfo) -> list[str]:
    """Give them as lines for a terminal."""
    return [*_lines("introduced", found["introduced"], zone), *_lines("introduced by", found["introduced_by"], zone)]


def _row(contact_id: str, name: str, fact: IntroductionFact) -> dict[str, Any]:
    return {"contact": contact_id, "name": name, "at": fact.written_at, "evidence": [fact.ref, fact.met_by]}


def _lines(what: str, rows: Iterable[dict[str, Any]], zone: tzinfo) -> list[str]:
    return [
        f"{row['at'].astimezone(zone).date().isoformat()}  {what} {one_line(row['name'], _LONGEST_NAME)}"
        f"  [{row['contact']}]"
        for row in rows
    ]
