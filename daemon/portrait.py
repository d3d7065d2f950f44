"""A portrait: one contact whole, for the page: what ``keepwarm contacts show`` tells, and their year by weeks."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from keepwarm.daemon import appointments, dossier
from keepwarm.rules import sources
from keepwarm.rules.engine import Engine
from keepwarm.rules.meetings import held
from keepwarm.rules.series_stories import stories
from keepwarm.storage import agenda, contacts, organisation_views, signals
from keepwarm.storage.history_reader import histories
from keepwarm.storage.identity import meeting_id
from keepwarm.storage.logged_touches import LOGGED_TOUCHES
from keepwarm.storage.notes import NOTES
from keepwarm.storage.observations import MeetingStatus, MessageKind
from keepwarm.storage.pings import PINGS
from keepwarm.storage.portraits import (
    ChangeView,
    MailWeek,
    MeetingTold,
    MissedView,
    Portrait,
    ReplyView,
    TermView,
)
from keepwarm.storage.promises import PROMISES
from keepwarm.storage.reflections import REFLECTIONS
from keepwarm.storage.sightings import Word
from keepwarm.storage.views import EvidenceView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.rules.replies import Reply
    from keepwarm.rules.sources import Source
    from keepwarm.rules.stories import Story
    from keepwarm.storage.agenda import MeetingView
    from keepwarm.storage.histories import History
    from keepwarm.storage.views import SignalView, WarmthStep

WEEKS = 52
_AHEAD = timedelta(days=14)
_EVER = datetime(1900, 1, 1, tzinfo=UTC)
_COUNTED = (MessageKind.HUMAN, MessageKind.INVOICE)
_MOST_MEETINGS, _MOST_LATELY, _MOST_STEPS = 60, 12, 12


def of(connection: Connection, workshop: Workshop, contact_id: str, as_of: datetime) -> Portrait | None:
    """Gather all that is known of a contact as of a moment; None if nobody was known by this id then.

    Raises BadUsage.
    """
    found = contacts.views(connection, as_of, [contact_id])
    if not found:
        return None
    [history] = histories(connection, [contact_id], workshop.owner)
    # What is counted needs no rules, and most of the time of playing a history is theirs.
    moment, _ = Engine((), workshop.working, workshop.bands).moment(history, as_of)
    zone, since = workshop.configuration.owner.timezone, as_of - timedelta(weeks=WEEKS)
    steps = contacts.ledger(connection, contact_id, as_of)
    told = signals.views(connection, as_of, contacts=[contact_id], cleared_since=_EVER)
    at_work = organisation_views.views(connection, as_of, [history.organisation]) if history.organisation else []
    _, terms = workshop.engine.warmth_told(history, steps[-1].at if steps else as_of)
    before = [one.after for one in steps if one.at < since]
    return Portrait(
        contact=found[0],
        organisation=at_work[0] if at_work else None,
        since=since,
        began_at=before[-1] if before else None,
        changes=tuple(_changes([one for one in steps if one.at >= since], history, told, as_of)),
        terms=tuple(TermView(points=one.points, sentence=one.sentence) for one in terms),
        mail=tuple(_by_week(history, as_of, zone)),
        their_replies=tuple(_replies(moment.replies.theirs.since(since))),
        owner_replies=tuple(_replies(moment.replies.owners.since(since))),
        meetings=tuple(_meetings(history, as_of, zone))[:_MOST_MEETINGS],
        met_lately=tuple(_met_lately(connection, history, as_of)),
        missed=tuple(_missed(connection, history)),
        notes=tuple(one for one in NOTES.listed(connection, [contact_id]) if one.at <= as_of),
        promises=tuple(one for one in PROMISES.listed(connection, [contact_id]) if one.at <= as_of),
        reflections=tuple(one for one in REFLECTIONS.listed(connection, [contact_id]) if one.at <= as_of),
        touches=tuple(one for one in LOGGED_TOUCHES.listed(connection, [contact_id]) if one.at <= as_of),
        signals=tuple(told),
        ping=next(iter(PINGS.listed(connection, [contact_id])), None),
    )


def _evidence(found: Iterable[Source]) -> tuple[EvidenceView, ...]:
    return tuple(EvidenceView(kind=one.kind, ref=one.ref, time=one.at, what=one.what) for one in found)


def _changes(
    steps: Sequence[WarmthStep], history: History, told: Sequence[SignalView], as_of: datetime
) -> Iterable[ChangeView]:
    """Put beside each step what happened at that moment, or what the signal rests on that made it."""
    at = _by_moment(history, as_of)
    of_signal = {one.id: one.evidence for one in told}
    for step in steps:
        evidence = of_signal.get(step.signal or "", ()) if step.signal else _evidence(at.get(step.at, ()))
        yield ChangeView(step=step, evidence=evidence if step.cause != "time" else ())


def _by_moment(history: History, as_of: datetime) -> dict[datetime, list[Source]]:
    found: defaultdict[datetime, list[Source]] = defaultdict(list)
    for message in history.messages:
        found[message.at].append(sources.of_message(message))
    for meeting in history.meetings:
        for revision in meeting.revisions:
            if revision.at <= as_of:
                found[revision.at].append(sources.of_revision(meeting, revision))
        for step in held(meeting):
            found[step.revision.end].append(sources.of_revision(meeting, step.revision))
    return found


def _by_week(history: History, as_of: datetime, zone: tzinfo) -> Iterable[MailWeek]:
    """Count by weeks of the owner's calendar, from Monday on, the current one last."""
    today = as_of.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    counts: Counter[tuple[int, bool]] = Counter()
    for one in history.messages:
        if one.kind in _COUNTED and one.at <= as_of:
            counts[(monday - one.at.astimezone(zone).date()).days // -7, one.outbound] += 1
    for back in range(WEEKS - 1, -1, -1):
        yield MailWeek(
            since=monday - timedelta(weeks=back), from_them=counts[-back, False], from_owner=counts[-back, True]
        )


def _replies(found: Sequence[Reply]) -> Iterable[ReplyView]:
    return (ReplyView(at=one.message.at, hours=one.hours) for one in found)


def _meetings(history: History, as_of: datetime, zone: tzinfo) -> Iterable[MeetingTold]:
    told = stories(history.meetings, as_of, zone)
    return (_meeting(one) for one in told if one.start <= as_of + _AHEAD or any(map(dossier.is_told, one.steps)))


def _meeting(one: Story) -> MeetingTold:
    steps = one.steps[-_MOST_STEPS:][::-1]
    return MeetingTold(
        id=meeting_id(one.meeting.ical_uid, one.meeting.recurrence_id),
        title=one.meeting.summary or "",
        start=one.start,
        series=one.meeting.series,
        line=one.line,
        off=one.status is MeetingStatus.CANCELLED,
        evidence=_evidence(sources.of_revision(one.meeting, step) for step in steps),
    )


def _met_lately(connection: Connection, history: History, as_of: datetime) -> Iterable[MeetingView]:
    found = agenda.last_with(connection, history.addresses, as_of, as_of)
    return [one for one in found if not one.cancelled][:_MOST_LATELY]


def _missed(connection: Connection, history: History) -> Iterable[MissedView]:
    for row in appointments.rows_of(connection, Word.NO_SHOW):
        if row["who"] in history.addresses:
            yield MissedView(id=row["id"], title=row["title"] or "", start=row["start"])
