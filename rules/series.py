"""Series: what is to be told of them once, and those that go on under another name.

"This and following" ends a series and makes another one with a UID of its own (Google writes ``UID_R20260301T090000``,
Outlook anything). Taken by itself the one looks cancelled and the other proposed; together they are the same series,
at most moved. Nothing in iCalendar links the two, so they are known by what they have in common: the organiser, the
title and the contact; the new one begins where the old one ends, and both were written at one go, or Google's UID says
it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from keepwarm.rules.meetings import TOGETHER, Step, standing
from keepwarm.storage.observations import MeetingStatus
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from keepwarm.storage.histories import By, MeetingFact, RevisionFact

_CANCELLED = MeetingStatus.CANCELLED
_SPLIT_OFF = re.compile(r"_R\d{8}(?:T\d{6}Z?)?(?=@|$)")
_COMPARED = 3  # occurrences: enough to tell a weekly series from a fortnightly one
_USUAL_GAP = timedelta(days=7)
_GOES_ON = "the series was ended, and goes on at another time"


def steps(meetings: Sequence[MeetingFact]) -> Iterator[Step]:
    """Give every change of these meetings, and for each series that goes on as another one a step that says so."""
    occurrences: defaultdict[str, list[MeetingFact]] = defaultdict(list)
    for meeting in meetings:
        if not meeting.series:
            occurrences[meeting.ical_uid].append(meeting)
    for meeting in meetings:
        for revision in meeting.revisions:
            ahead = _next_start(occurrences[meeting.ical_uid], revision) if meeting.series else None
            yield Step(meeting, revision, ahead)
    yield from _going_on(meetings)


def _next_start(occurrences: Iterable[MeetingFact], revision: RevisionFact) -> datetime | None:
    """Give the next occurrence as it was planned just before: the series' own entry begins long ago."""
    just_before = revision.at - timedelta(microseconds=1)
    plans = (standing(one, just_before) for one in occurrences)
    return min(
        (plan.start for plan in plans if plan and plan.status is not _CANCELLED and plan.start > revision.at),
        default=None,
    )


@dataclass(frozen=True, slots=True)
class _Series:
    """All that is known of one UID with occurrences."""

    uid: str
    entry: MeetingFact  # the series' own, or what was seen of it first
    parts: tuple[MeetingFact, ...]  # its occurrences

    @property
    def made(self) -> RevisionFact:
        return self.entry.revisions[0]

    @property
    def likeness(self) -> tuple[str, By]:
        return ((self.entry.summary or "").strip().casefold(), self.made.by)

    def ended(self) -> Iterator[datetime]:
        """Give the times at which an end may have been written."""
        yield from (revision.at for revision in self.entry.revisions)
        for one in self.parts:
            yield from (revision.at for revision in one.revisions if revision.status is _CANCELLED)

    def lies(self, at: datetime) -> tuple[list[datetime], list[datetime]]:
        """Give the starts that hold as of a moment, and those that were dropped at about that time."""
        kept, dropped = [], []
        for one in self.parts:
            now = standing(one, at)
            if now is None:
                continue
            if now.status is not _CANCELLED:
                kept.append(now.start)
            elif at - now.at <= TOGETHER and now.start > now.at:
                dropped.append(now.start)
        return sorted(kept), sorted(dropped)


def _going_on(meetings: Iterable[MeetingFact]) -> Iterator[Step]:
    alike: defaultdict[tuple[str, By], list[_Series]] = defaultdict(list)
    for one in _series(meetings):
        alike[one.likeness].append(one)
    for some in alike.values():
        for new in some if len(some) > 1 else ():
            found = (step for old in some if old.uid != new.uid and (step := _carried_on(old, new)))
            yield from sorted(found, key=lambda step: (step.revision.at, step.goes_on_from))[:1]


def _series(meetings: Iterable[MeetingFact]) -> Iterator[_Series]:
    by_uid: defaultdict[str, list[MeetingFact]] = defaultdict(list)
    for meeting in meetings:
        if meeting.series or meeting.recurrence_id:
            by_uid[meeting.ical_uid].append(meeting)
    for uid, some in sorted(by_uid.items()):
        parts = tuple(sorted((one for one in some if not one.series), key=lambda one: one.recurrence_id))
        entry = next((one for one in some if one.series), None)
        if parts:
            yield _Series(uid, entry or min(parts, key=lambda one: (one.revisions[0].at, one.ref)), parts)


def _carried_on(old: _Series, new: _Series) -> Step | None:
    """Give the step by which ``new`` goes on with ``old``, at the time from which that can be known; None if not."""
    made = new.made
    near = [at for at in old.ended() if abs(at - made.at) <= TOGETHER]
    if not near and _stem(old.uid) == _stem(new.uid):
        near = [made.at]  # Google's own word for it; that the old one got an end need not have been seen
    if not near:
        return None
    at = max(min(near), made.at)
    kept, dropped = old.lies(at)
    begins = sorted(one.revisions[0].start for one in new.parts)
    if not kept or not kept[-1] < begins[0] <= kept[-1] + _reach([*kept, *dropped]):
        return None
    if dropped and _moved(dropped, begins):
        moved = replace(
            made,
            at=at,
            change=Change.RESCHEDULED,
            why=_GOES_ON,
            start=begins[0],
            end=begins[0] + (made.end - made.start),
            previous_start=dropped[0],
            previous_end=dropped[0] + (made.end - made.start),
        )
        return Step(new.entry, moved, goes_on_from=old.uid)
    return Step(new.entry, replace(made, at=at), goes_on_from=old.uid)


def _stem(uid: str) -> str:
    return _SPLIT_OFF.sub("", uid, count=1)


def _reach(starts: list[datetime]) -> timedelta:
    """Give how long after its last occurrence a series may go on: the next one, moved away by up to two."""
    return max(3 * _gap(sorted(starts)), _USUAL_GAP)


def _gap(starts: Sequence[datetime]) -> timedelta:
    return min((later - earlier for earlier, later in pairwise(starts)), default=_USUAL_GAP)


def _moved(dropped: list[datetime], begins: list[datetime]) -> bool:
    """Tell whether the new occurrences are at other times than those in whose place they came."""
    often = min(_COMPARED, len(dropped), len(begins))
    if not set(begins[:often]) <= set(dropped):
        return True
    return often > 1 and _gap(begins[:often]) != _gap(dropped[:often])
