"""Evaluation: histories are judged, and what is new in the results is stored and told in the feed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.daemon import groups
from keepwarm.daemon.feed_lines import lines_of, lines_of_ledger, lines_that_are_new
from keepwarm.daemon.signal_results import found_before, signal_result
from keepwarm.storage import absences, attention, feed, going_on, health, owner, people, results, settings
from keepwarm.storage.history_reader import histories
from keepwarm.storage.results import ContactResult, WarmthResult
from keepwarm.storage.standings import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.rules.engine import Outcome, Waited
    from keepwarm.rules.warmth import Change
    from keepwarm.storage.histories import History

_AT_ONCE = 25
"""Contacts judged in one transaction: enough to be fast, few enough that nobody waits long for the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What an evaluation did."""

    contacts: int = 0
    signals_opened: int = 0
    feed_lines: int = 0


def evaluate(
    workshop: Workshop, as_of: datetime, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Evaluated:
    """Judge every contact of whom something new is known, or for whom it is time.

    Results never go back: with ``as_of`` before the latest evaluation (a clock set back, ``--as-of``) it is done as of
    that one, or the feed would take back what it has told. Only a replay goes back.

    Raises BadUsage and DatabaseError.
    """
    is_settled = _prepare(workshop)
    with workshop.database.reading() as connection:
        as_of = max(as_of, results.judged_to(connection) or as_of)
    waited = _let_wait(workshop, as_of)
    ids = due(workshop, as_of)
    opened = 0
    for start in range(0, len(ids), _AT_ONCE):
        progress(start, len(ids))
        with workshop.database.writing() as connection:
            opened += _judge(connection, workshop, ids[start : start + _AT_ONCE], as_of)
    opened += groups.judge(workshop, as_of)
    progress(len(ids), len(ids))
    names = workshop.configuration.account_names
    with workshop.database.writing() as connection:
        is_settled = is_settled and not health.first_read_is_unfinished(connection, names)
        published = feed.publish(connection) if is_settled else 0
    return Evaluated(contacts=waited + len(ids), signals_opened=opened, feed_lines=published)


def due(workshop: Workshop, as_of: datetime) -> list[str]:
    """Name the contacts that are to be judged."""
    with workshop.database.reading() as connection:
        return results.due(connection, as_of)


def _prepare(workshop: Workshop) -> bool:
    """Sort people, and have everything judged anew if a setting that results depend on has changed.

    True if everything was read by then: what a first read stores later is not judged yet, though it may be over when
    the judging is.
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
        return not health.first_read_is_unfinished(connection, workshop.configuration.account_names)


def _judge(connection: Connection, workshop: Workshop, ids: Sequence[str], as_of: datetime) -> int:
    opened = 0
    known = going_on.before(connection, ids)
    for history in histories(connection, ids, workshop.owner):
        before = known.get(history.contact_id)
        outcome = workshop.engine.go_on(history, found_before(before), as_of) if before else None
        if before and outcome:
            result = result_of(outcome)
            difference = going_on.extend(connection, result, before, as_of)
            feed.stage_more(connection, list(lines_that_are_new(result, outcome.happenings)))
        else:
            outcome = workshop.engine.judge(history, as_of)
            result = result_of(outcome)
            difference = results.write(connection, result, as_of)
            feed.stage(connection, history.contact_id, lines_of(result, outcome.happenings, history.added_at))
        attention.take(connection, standing_of(outcome, history), signals_changed=difference.signals_differ)
        opened += len(difference.signals_new)
    return opened


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
