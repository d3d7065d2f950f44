"""Evaluation: histories are judged, and what is new in the results is stored and told in the feed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keepwarm.daemon import groups
from keepwarm.daemon.feed_lines import lines_of, lines_of_ledger, lines_that_are_new
from keepwarm.daemon.set_aside import set_aside, told
from keepwarm.daemon.signal_results import found_before, signal_result
from keepwarm.storage import (
    absences,
    attention,
    feed,
    first_reads,
    going_on,
    owner,
    people,
    results,
    settings,
    unjudged,
)
from keepwarm.storage.history_reader import histories
from keepwarm.storage.results import ContactResult, WarmthResult
from keepwarm.storage.standings import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.rules.engine import Outcome, Waited
    from keepwarm.rules.warmth import Change
    from keepwarm.storage.going_on import Before
    from keepwarm.storage.histories import History

_AT_ONCE = 25
"""Contacts judged in one transaction, at most: enough to be fast."""

_AT_FIRST = 4  # nobody knows yet how long their histories are

_LONGEST = 1.0
"""Seconds after which a transaction takes up no other contact: all who store what they read wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What an evaluation did."""

    contacts: int = 0
    signals_opened: int = 0
    feed_lines: int = 0
    set_aside: str = ""  # who could not be judged, in a sentence


def evaluate(
    workshop: Workshop, as_of: datetime, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Evaluated:
    """Judge every contact of whom something new is known, or for whom it is time.

    Results never go back: with ``as_of`` before the latest evaluation (a clock set back, ``--as-of``) it is done as of
    that one, or the feed would take back what it has told. Only a replay goes back.

    Raises BadUsage and DatabaseError.
    """
    with workshop.database.reading() as connection:
        as_of = max(as_of, results.judged_to(connection) or as_of)
    unread = _prepare(workshop, as_of)
    waited = _let_wait(workshop, as_of)
    ids = due(workshop, as_of)
    opened = 0
    left, size = ids, _AT_FIRST
    while left:
        progress(len(ids) - len(left), len(ids))
        some = left[:size]
        with workshop.database.writing() as connection:
            found, late = _judge(connection, workshop, some, as_of)
        opened += found
        left = late + left[size:]
        size = max(1, len(some) - len(late)) if late else min(2 * size, _AT_ONCE)
    opened += groups.judge(workshop, as_of)
    progress(len(ids), len(ids))
    names = workshop.configuration.account_names
    with workshop.database.writing() as connection:
        unread |= set(first_reads.waited_for(connection, names, as_of))
        published = 0 if unread and not feed.is_begun(connection) else _publish(connection, unread)
        aside = told(unjudged.all_of_them(connection))
    return Evaluated(contacts=waited + len(ids), signals_opened=opened, feed_lines=published, set_aside=aside)


def due(workshop: Workshop, as_of: datetime) -> list[str]:
    """Name the contacts that are to be judged."""
    with workshop.database.reading() as connection:
        return results.due(connection, as_of)


def _publish(connection: Connection, unread: Collection[str]) -> int:
    """Tell what there is to be told, but of those people of whom accounts that are not read whole say something."""
    return feed.publish(connection, first_reads.people_of(connection, unread) if unread else ())


def _prepare(workshop: Workshop, as_of: datetime) -> set[str]:
    """Sort people, and have everything judged anew if a setting that results depend on has changed.

    Names the accounts that were not read whole by then: what a first read stores later is not judged yet, though it may
    be over when the judging is.
    """
    workshop.adopt_privacy()
    with workshop.database.writing() as connection:
        owner.adopt(connection, workshop.owner)
        if settings.put(connection, "fingerprint", workshop.fingerprint):
            going_on.forget(connection)
            people.mark_all_dirty(connection)
            attention.mark_all_dirty(connection)
        people.refresh(connection, workshop.sorting)
        absences.adopt(connection, workshop.owner)
        names = workshop.configuration.account_names
        first_reads.note(connection, names, as_of)
        return set(first_reads.waited_for(connection, names, as_of))


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is to be stored of a contact."""

    result: ContactResult
    lines: list[dict[str, Any]]
    standing: Standing
    before: Before | None  # what was gone on with


def _judge(connection: Connection, workshop: Workshop, ids: Sequence[str], as_of: datetime) -> tuple[int, list[str]]:
    """Judge contacts for a while; count the new signals, and name those whom it has not come to."""
    until = time.monotonic() + _LONGEST
    opened = 0
    left = dict.fromkeys(ids)
    well: list[str] = []
    known = going_on.before(connection, ids)
    for history in histories(connection, ids, workshop.owner):
        if well and time.monotonic() >= until:
            break
        del left[history.contact_id]
        try:
            judged = _judged(workshop, history, known.get(history.contact_id), as_of)
        except Exception as error:  # noqa: BLE001 - the boundary: a fault over one history must cost nobody else theirs
            set_aside(connection, unjudged.CONTACT, history.contact_id, error)
            continue
        opened += _store(connection, judged, as_of)
        well.append(history.contact_id)
    else:
        left.clear()  # those of whom there is no history are no contacts any more
    unjudged.forget(connection, unjudged.CONTACT, well)
    return opened, list(left)


def _judged(workshop: Workshop, history: History, before: Before | None, as_of: datetime) -> _Judged:
    outcome = workshop.engine.go_on(history, found_before(before), as_of) if before else None
    if outcome is not None:
        result = result_of(outcome)
        lines = list(lines_that_are_new(result, outcome.happenings))
        return _Judged(result, lines, standing_of(outcome, history), before)
    outcome = workshop.engine.judge(history, as_of)
    result = result_of(outcome)
    lines = list(lines_of(result, outcome.happenings, history.added_at))
    return _Judged(result, lines, standing_of(outcome, history), None)


def _store(connection: Connection, judged: _Judged, as_of: datetime) -> int:
    """Store what was found of a contact; count the new signals."""
    if judged.before is not None:
        difference = going_on.extend(connection, judged.result, judged.before, as_of)
        feed.stage_more(connection, judged.lines)
    else:
        difference = results.write(connection, judged.result, as_of)
        feed.stage(connection, judged.result.contact_id, judged.lines)
    attention.take(connection, judged.standing, signals_changed=difference.signals_differ)
    return len(difference.signals_new)


def standing_of(outcome: Outcome, history: History) -> Standing:
    """Give what organisations and the practice need to know of a contact."""
    return Standing(
        contact_id=history.contact_id,
        name=history.name,
        organisation=history.organisation,
        labels=history.labels,
        judged_since=outcome.judged_since,
        months=outcome.attention,
    )


def _let_wait(workshop: Workshop, as_of: datetime) -> int:
    """Go on, without reading their histories, with those of whom nothing new is known and whose rules sleep."""
    with workshop.database.writing() as connection:
        newest = absences.newest_of_owner(connection)
        found = []
        for one in going_on.waiting(connection, as_of):
            # An absence of the owner's that became known since then is no event of theirs, and yet it counts.
            if newest is None or newest <= one.evaluated_to:
                waited = workshop.engine.wait(one.kept, one.evaluated_to, as_of)
                found += [_result_of_waiting(one.contact_id, waited)] if waited else []
        going_on.go_on(connection, found, as_of)
        feed.stage_more(connection, [line for result in found for line in lines_of_ledger(result)])
    return len(found)


def _result_of_waiting(contact_id: str, waited: Waited) -> ContactResult:
    return ContactResult(
        contact_id=contact_id,
        signals=(),
        ledger=tuple(_line(change) for change in waited.ledger),
        ping_interval_days=None,
        next_evaluation=waited.next_look,
        waiting=waited.waiting,
    )


def result_of(outcome: Outcome) -> ContactResult:
    """Give an outcome of the rules as storage takes it."""
    return ContactResult(
        contact_id=outcome.contact_id,
        signals=tuple(signal_result(finding) for finding in outcome.findings),
        ledger=tuple(_line(change) for change in outcome.ledger),
        ping_interval_days=outcome.ping_interval_days,
        next_evaluation=outcome.next_look,
        waiting=outcome.waiting,
    )


def _line(change: Change) -> WarmthResult:
    return WarmthResult(
        at=change.at,
        before=change.before,
        after=change.after,
        band=change.band,
        cause=change.cause,
        sentence=change.sentence,
        signal_id=change.signal,
    )
