"""What is told of a meeting when it is over: who did not come, and the owner's word on who was behind a change.

A no-show is never concluded from silence. It needs a record of attendance in a calendar, of somebody who had not
declined, or the owner's word. It became true when the meeting ended, however late it became known.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.storage.observations import Answer, MeetingStatus, Method
from keepwarm.storage.sightings import Change, Revision, Testimony, Word, revision_ref, span_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from keepwarm.storage.sightings import Sighting

CAUSED = frozenset({Change.RESCHEDULED, Change.RESTORED, Change.RESIZED, Change.CANCELLED, Change.REINSTATED})
"""The changes that somebody was behind without having said so."""

YOU_SAID_SO = "you said so"
_RECORDED = "the attendance record does not list them"
_A_DAY = timedelta(days=1)


def with_hindsight(
    life: Sequence[Revision],
    now: Sighting | None,
    sightings: Iterable[Sighting],
    testimonies: Iterable[Testimony],
    meeting: str,
) -> list[Revision]:
    """Complete a life, oldest first, by what was told of it afterwards; ``now`` shows the times that hold."""
    words = sorted(testimonies)
    told = list(life)
    for word in words:
        if word.kind is Word.ATTRIBUTION:
            told = _attributed(told, word, meeting)
    missed: dict[tuple[datetime, str], Revision] = {}
    if now is not None and life and life[-1].status is not MeetingStatus.CANCELLED:
        answers = {life[-1].organizer: Answer.ACCEPTED, **dict(life[-1].answers)}
        for who, record in _absent(sightings, now).items():
            if who in answers and answers[who] is not Answer.DECLINED:
                one = _no_show(life, now.start, who, _RECORDED, record.ref, meeting)
                missed.setdefault((one.start, who), one)
    for word in words:
        if word.kind is Word.NO_SHOW and any(one.start == word.about for one in _held(life)):
            missed[word.about, word.actor] = _no_show(life, word.about, word.actor, YOU_SAID_SO, "", meeting)
    for one in sorted(missed.values(), key=lambda one: (one.at, one.actor)):
        place = sum(other.at <= one.at for other in told)
        told.insert(place, one)
    return told


def _absent(sightings: Iterable[Sighting], now: Sighting) -> dict[str, Sighting]:
    """Give who did not come, each with the record that says so.

    Of each source the record that was written last counts, and of all of them what speaks for somebody.
    """
    newest: dict[str, list[Sighting]] = {}
    for one in sightings:
        if _is_record_of(one, now):
            same = [other for other in newest.get(one.source, ()) if other.at == one.at]
            newest[one.source] = [*same, one]
    records = [one for some in newest.values() for one in some]
    came = {who for record in records for who in record.came}
    return {who: record for record in reversed(records) for who in record.absent if who not in came}


def _is_record_of(sighting: Sighting, now: Sighting) -> bool:
    """Tell a record of attendance at a meeting that is over; no mail keeps one."""
    if now.pattern or span_of(sighting) != span_of(now):
        return False
    records = bool(sighting.absent or sighting.came) and not sighting.gone and sighting.at >= now.end
    return sighting.method is Method.ATTENDANCE or (sighting.method is Method.CALENDAR and records)


def _held(life: Sequence[Revision]) -> list[Revision]:
    """Give the revisions that show when the meeting was to be; a proposal only shows what was asked for."""
    return [one for one in life if one.change is not Change.PROPOSED]


def _no_show(life: Sequence[Revision], start: datetime, actor: str, why: str, sighting: str, meeting: str) -> Revision:
    planned = [one for one in _held(life) if one.start == start][-1]
    at = max(planned.end, life[0].at)
    then = [one for one in life if one.at <= at][-1]
    return replace(
        planned,
        ref=revision_ref(meeting, Change.NO_SHOW, at, planned.start, planned.end, actor),
        at=at,
        change=Change.NO_SHOW,
        previous_start=None,
        previous_end=None,
        status=then.status,
        actor=actor,
        why=why,
        prompt="",
        sighting=sighting or planned.sighting,
        away=False,
        organizer=then.organizer,
        answers=then.answers,
    )


def _attributed(life: list[Revision], word: Testimony, meeting: str) -> list[Revision]:
    """Let a change be the doing of whom the owner names."""
    place = _place_of(life, word)
    if place is None:
        return life
    one = life[place]
    ref = revision_ref(meeting, one.change, one.at, one.start, one.end, word.actor)
    said = replace(one, ref=ref, actor=word.actor, why=YOU_SAID_SO, prompt="", away=False)
    return [*life[:place], said, *life[place + 1 :]]


def _place_of(life: Sequence[Revision], word: Testimony) -> int | None:
    """Find the change: the last one then, or, if mail that came late dates it earlier, within the day before."""
    known = [
        number
        for number, one in enumerate(life)
        if one.change in CAUSED and timedelta(0) <= word.about - one.at <= _A_DAY
    ]
    return known[-1] if known else None
