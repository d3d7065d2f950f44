"""Ranking: which of the open signals reach the report, by what is at stake and what can still be done.

    rank = stake * strength * use

``stake`` is how warm the two were at their best within the year, from 0 to 1, weighted by what the contact is to the
owner. ``use`` is what can still be done: the owner's own conduct can be mended at once, and a sign of theirs is worth
less the longer it has stood, by half in 30 days. The weights are judgements, not measured.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.outputs.kinds import kind_of

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.outputs.desk import Desk
    from keepwarm.storage.views import SignalView

HANDFUL = 7
"""Rows with something new that a report shows in full; what is more is counted."""

_LABELS = {"client": 1.0, "prospect": 0.8}
_NO_LABEL = 0.6
_STRENGTH = {"strong": 1.0, "medium": 0.7, "weak": 0.4}
_USE = {"mirror": 1.0, "not_into_you": 0.9, "warming": 0.6, "care": 0.5}
_LEAST_STAKE = 0.2  # a stranger's first sign is worth something, too
_HALVES_IN = timedelta(days=30)


def rank(desk: Desk, signal: SignalView) -> float:
    """Give the rank of an open signal: the higher, the more it belongs in the report."""
    age = max(desk.week.as_of - signal.opened, timedelta(0))
    use = _USE.get(signal.family, 0.5) * math.exp2(-(age / _HALVES_IN))
    return _stake(desk, signal) * _STRENGTH.get(signal.strength, 0.7) * use


def is_new(desk: Desk, signal: SignalView) -> bool:
    """Tell whether an open signal is new to the owner in this week's report.

    That is what opened since the report before, or within the week, or, in the week of the first reading, whatever it
    found.
    """
    began = desk.week.news_since or desk.dates.beginning(desk.week.since)
    return signal.opened >= began or (signal.historical and _is_first(desk.week.first_read, began))


def handful(desk: Desk) -> frozenset[tuple[str, str]]:
    """Choose the rows that a report shows in full, as (contact, kind): the highest ranked with something new.

    Of each kind the highest ranked one is among them, so that no trouble hides what is good. Pings are a list of their
    own, to be gone through.
    """
    best: dict[tuple[str, str], float] = {}
    for signal in desk.week.signals:
        if signal.cleared is None and kind_of(signal) != "pings" and is_new(desk, signal):
            row = (signal.contact.id, kind_of(signal))
            best[row] = max(best.get(row, 0.0), rank(desk, signal))
    ranked = sorted(best, key=lambda row: (-best[row], row))
    first_of_kind = {kind: (who, kind) for who, kind in reversed(ranked)}
    leading = set(first_of_kind.values())
    return frozenset(sorted(ranked, key=lambda row: row not in leading)[:HANDFUL])


def _is_first(first_read: datetime | None, began: datetime) -> bool:
    return first_read is None or first_read >= began


def _stake(desk: Desk, signal: SignalView) -> float:
    contact = desk.contacts.get(signal.contact.id)
    now = contact.warmth if contact else 0.0
    best = max((*desk.week.warmth.get(signal.contact.id, ()), now))
    weight = max((_LABELS[label] for label in signal.contact.labels if label in _LABELS), default=_NO_LABEL)
    return max(best / 100.0, _LEAST_STAKE) * weight
