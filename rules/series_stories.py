"""Stories of all meetings with a contact: one line for each meeting, and one for a series instead of fifty."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from statistics import median_low
from typing import TYPE_CHECKING

from keepwarm.rules.meetings import Step, held, is_absence, is_free, standing
from keepwarm.rules.series import steps
from keepwarm.rules.stories import Story, story
from keepwarm.rules.story_words import BY, counted, date, rhythm, times
from keepwarm.storage.observations import MeetingStatus
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime, timedelta, tzinfo

    from keepwarm.storage.histories import MeetingFact, RevisionFact

_CANCELLED = MeetingStatus.CANCELLED
_COMMON = 3
"""So many occurrences that change at once did not change by themselves: it is told of the series."""

_OF_ITS_OWN = frozenset(Change) - {Change.CREATED, Change.ACCEPTED, Change.SUPERSEDED}


def stories(meetings: Sequence[MeetingFact], as_of: datetime, zone: tzinfo) -> list[Story]:
    """Tell all meetings as of a moment, the latest first; birthdays and absences are none."""
    by_uid: defaultdict[str, list[MeetingFact]] = defaultdict(list)
    for meeting in meetings:
        if not is_absence(meeting) and not is_free(meeting.revisions[-1]):
            by_uid[meeting.ical_uid].append(meeting)
    went_on = {step.goes_on_from: step for step in steps(meetings) if step.goes_on_from and step.revision.at <= as_of}
    found: list[Story] = []
    for uid, some in by_uid.items():
        recurs = any(one.series for one in some) or len(some) > _COMMON
        if recurs:
            found += _series(some, went_on.get(uid), as_of, zone)
        one_by_one = _with_a_story(some, as_of) if recurs else some
        found += [one for meeting in one_by_one if (one := story(meeting, meetings, as_of, zone))]
    return sorted(found, key=lambda one: (one.start, one.meeting.ref), reverse=True)


def _with_a_story(some: Sequence[MeetingFact], as_of: datetime) -> list[MeetingFact]:
    common = Counter(one.at for meeting in some if not meeting.series for one in meeting.revisions)
    return [
        meeting
        for meeting in some
        if not meeting.series
        and any(one.change in _OF_ITS_OWN and one.at <= as_of and common[one.at] < _COMMON for one in meeting.revisions)
    ]


def _series(some: Sequence[MeetingFact], goes_on: Step | None, as_of: datetime, zone: tzinfo) -> Iterator[Story]:
    plans = {one.ref: plan for one in some if not one.series and (plan := standing(one, as_of))}
    entry = next((one for one in some if one.series), None)
    known = [one for one in entry.revisions if one.at <= as_of] if entry else list(plans.values())
    if not known or not plans:
        if entry and known:
            yield from filter(None, [story(entry, some, as_of, zone)])
        return
    standing_plans = sorted((one for one in plans.values() if one.status is not _CANCELLED), key=_start)
    # Of a series of which nothing stands, too, the next one is shown: its last one may have been years ahead.
    candidates = standing_plans or sorted(plans.values(), key=_start)
    shown = next((one for one in candidates if one.start >= as_of), candidates[-1])
    first = min(one.start for one in [*plans.values(), known[0]])
    told = list(_told(some, plans, known if entry else [], as_of))
    told += _end(standing_plans, known[-1] if entry else None, goes_on, as_of, zone)
    named = f"{rhythm(_gap(plans))} since {date(first, zone)}"
    yield Story(
        meeting=entry or min(some, key=lambda one: one.recurrence_id),
        start=shown.start,
        end=shown.end,
        status=_CANCELLED if not standing_plans or (entry and known[-1].status is _CANCELLED) else shown.status,
        line=f"{named}: {', '.join(told)}" if told else named,
        steps=tuple(known),
    )


def _start(plan: RevisionFact) -> datetime:
    return plan.start


def _told(
    some: Sequence[MeetingFact], plans: Mapping[str, RevisionFact], known: Sequence[RevisionFact], as_of: datetime
) -> Iterator[str]:
    changed: list[RevisionFact] = []  # the changes that stand: one that was taken back is none
    for one in known:
        if one.change is Change.RESCHEDULED:
            changed.append(one)
        elif one.change is Change.RESTORED and changed:
            changed.pop()
    for by, count in sorted(Counter(one.by for one in changed).items()):
        yield f"pattern changed {BY[by]}{times(count) or ' once'}"
    took_place = sum(any(step.revision.end <= as_of for step in held(one)) for one in some)
    if took_place:
        yield f"held{times(took_place) or ' once'}"
    dropped = sum(one.change is Change.CANCELLED for one in plans.values())
    if dropped and not any(one.change is Change.CANCELLED for one in known):
        yield f"{dropped} of {counted(len(plans), 'occurrence')} dropped"


def _end(
    standing_plans: Sequence[RevisionFact],
    entry: RevisionFact | None,
    goes_on: Step | None,
    as_of: datetime,
    zone: tzinfo,
) -> Iterator[str]:
    if goes_on is not None:
        moved = " at another time" if goes_on.revision.change is Change.RESCHEDULED else ""
        yield f"goes on{moved} from {date(goes_on.revision.start, zone)}"
    elif entry is not None and entry.status is _CANCELLED:
        yield f"cancelled {BY[entry.by]} on {date(entry.at, zone)}"
    elif standing_plans and standing_plans[-1].end <= as_of:
        yield f"ended on {date(standing_plans[-1].start, zone)}"


def _gap(plans: Mapping[str, RevisionFact]) -> timedelta | None:
    starts = sorted(plan.start for plan in plans.values())
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    return median_low(gaps) if gaps else None
