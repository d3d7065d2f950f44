"""Lines of the feed: all that a result has to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keepwarm.outputs.json_views import evidence_object
from keepwarm.storage.identity import content_id, happening_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from keepwarm.rules.happenings import Happening
    from keepwarm.storage.results import ContactResult, SignalResult, WarmthResult

Line = dict[str, Any]


def lines_of(result: ContactResult, happenings: Sequence[Happening], added_at: datetime) -> Iterator[Line]:
    """Give all lines that hold of a contact; the feed knows by their ids which it has told."""
    who = result.contact_id
    yield _line(content_id("add", who), "contact.added", added_at, who, {})
    yield from lines_that_are_new(result, happenings)


def lines_that_are_new(result: ContactResult, happenings: Sequence[Happening]) -> Iterator[Line]:
    """Give the lines of a result that only adds to what is known of a contact."""
    who = result.contact_id
    yield from lines_of_signals(result.signals, who)
    yield from lines_of_ledger(result)
    for happening in happenings:
        told = happening_id(who, happening.ref, happening.change)
        data = {"change": happening.change, "by": happening.by, "notice_hours": happening.notice_hours}
        yield _line(told, "meeting.changed", happening.at, who, data)


def lines_of_signals(signals: Iterable[SignalResult], who: str) -> Iterator[Line]:
    """Give the lines of these signals, which belong to the contact ``who``."""
    for signal in signals:
        yield _line(signal.id, "signal.opened", signal.opened, who, _signal(signal))
        if signal.cleared is not None:
            yield _cleared(signal, who)


def lines_of_ledger(result: ContactResult) -> Iterator[Line]:
    """Give the lines that the ledger has to tell."""
    for change in result.ledger:
        yield _warmth(change, result.contact_id)


def _cleared(signal: SignalResult, who: str) -> Line:
    assert signal.cleared is not None  # noqa: S101 - for the type checker; the caller has looked
    told = content_id("clr", signal.id, signal.cleared.isoformat())
    return _line(told, "signal.cleared", signal.cleared, who, {**_signal(signal), "signal": signal.id})


def _warmth(change: WarmthResult, who: str) -> Line:
    told = content_id("wrm", who, change.at.isoformat(), change.cause, f"{change.before} {change.after}")
    data = {
        "before": change.before,
        "after": change.after,
        "band": change.band,
        "cause": change.cause,
        "signal": change.signal_id,
    }
    return _line(told, "warmth.changed", change.at, who, data)


def _signal(signal: SignalResult) -> dict[str, Any]:
    return {
        "rule": signal.rule,
        "strength": signal.strength,
        "sentence": signal.sentence,
        "historical": signal.historical,
        "facts": signal.facts,
        "evidence": [evidence_object(item) for item in signal.evidence],
    }


def _line(line_id: str, kind: str, time: datetime, who: str, data: dict[str, Any]) -> Line:
    return {"id": line_id, "type": kind, "time": time, "contact_id": who, "data": data}
