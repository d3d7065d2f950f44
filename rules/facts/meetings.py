"""Facts about meetings: moved, cancelled, declined, held, and by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import fact
from keepwarm.rules.meetings import LATE, REBOOKED_WITHIN, Step, rebooking
from keepwarm.rules.moment import FAR
from keepwarm.rules.sources import of_message, of_prompt, of_revision
from keepwarm.rules.timeline import MEETINGS, RECEIVED
from keepwarm.storage.histories import By
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from keepwarm.rules.moment import Moment
    from keepwarm.rules.sources import Source

WINDOW = 60  # days
CITED = MEETINGS | RECEIVED  # a mail may show who is behind a change


def _moves(moment: Moment, by: By) -> list[Step]:
    return moment.meetings.changed(moment.ago(WINDOW), by, Change.RESCHEDULED)


def _cancellations(moment: Moment, by: By) -> list[Step]:
    return moment.meetings.called_off(moment.ago(WINDOW), by)


def _next_to_fade(moment: Moment) -> datetime:
    return moment.leaves_window(moment.meetings.steps, WINDOW)


def _next_held_to_fade(moment: Moment) -> datetime:
    return min(_next_to_fade(moment), moment.leaves_window(moment.meetings.held, WINDOW))


def _next_to_fade_or_ripen(moment: Moment) -> datetime:
    return min(_next_to_fade(moment), next_to_ripen(moment, By.THEM))


def next_to_ripen(moment: Moment, by: By) -> datetime:
    """Give the time at which what one side called off should have got another date; FAR if nothing was of late."""
    off = moment.meetings.called_off(moment.now - REBOOKED_WITHIN, by)
    return min((step.revision.at + REBOOKED_WITHIN for step in off), default=FAR)


def cite(steps: Callable[[Moment], list[Step]]) -> Callable[[Moment], Sequence[Source]]:
    """Make what cites the changes of meetings, youngest first, with what shows who is behind each."""

    def cited(moment: Moment) -> Sequence[Source]:
        found = [source for step in steps(moment) for source in sources_of(moment, step)]
        return sorted(found, key=lambda source: source.at, reverse=True)

    return cited


def sources_of(moment: Moment, step: Step) -> list[Source]:
    """Cite a change, and the mail or answer that shows who is behind it."""
    found = [of_revision(step.meeting, step.revision)]
    if prompt := of_prompt(step.meeting, step.revision):
        since = step.revision.at - timedelta(days=WINDOW)
        mails = (mail for mail in reversed(moment.inbound.since(since)) if prompt.ref in (mail.ref, mail.ref[2:]))
        found.append(next((of_message(mail) for mail in mails), prompt))
    return found


def _moves_by_them(moment: Moment) -> list[Step]:
    return _moves(moment, By.THEM)


def _moves_by_owner(moment: Moment) -> list[Step]:
    return _moves(moment, By.OWNER)


def _cancellations_by_them(moment: Moment) -> list[Step]:
    return _cancellations(moment, By.THEM)


def _late_by_them(moment: Moment) -> list[Step]:
    return [step for step in _cancellations_by_them(moment) if step.notice < LATE]


def _cancellations_by_owner(moment: Moment) -> list[Step]:
    return _cancellations(moment, By.OWNER)


def _later_by_them(moment: Moment) -> list[Step]:
    return [step for step in _moves_by_them(moment) if step.delay > timedelta(0)]


def _earlier_by_them(moment: Moment) -> list[Step]:
    return [step for step in _moves_by_them(moment) if step.delay < timedelta(0)]


def _shortened_by_them(moment: Moment) -> list[Step]:
    resized = moment.meetings.changed(moment.ago(WINDOW), By.THEM, Change.RESIZED)
    return [step for step in resized if step.growth < timedelta(0)]


def _lengthened_by_them(moment: Moment) -> list[Step]:
    resized = moment.meetings.changed(moment.ago(WINDOW), By.THEM, Change.RESIZED)
    return [step for step in resized if step.growth > timedelta(0)]


def _ever_further(moment: Moment) -> list[Step]:
    """Give their longest row of moves of one meeting of which each put it off by more than the one before."""
    rows: dict[str, list[Step]] = {}
    longest: list[Step] = []
    for step in _later_by_them(moment):
        row = rows.get(step.meeting.ref, [])
        row = [*row, step] if row and step.delay > row[-1].delay else [step]
        rows[step.meeting.ref] = row
        longest = max(longest, row, key=len)
    return longest


def _not_rebooked(moment: Moment) -> list[Step]:
    """Give their cancellations after which there was time to find another date, and nobody did."""
    ripe = [step for step in _cancellations_by_them(moment) if step.revision.at <= moment.now - REBOOKED_WITHIN]
    return [step for step in ripe if rebooking(step, moment.meetings.plans(), moment.now) is None]


def _put_off_by_owner(moment: Moment) -> list[Step]:
    return _moves_by_owner(moment) + _cancellations_by_owner(moment)


@fact(int, "times", cites=cite(_moves_by_them), until=_next_to_fade, by=CITED, raised_by=MEETINGS, falls=True)
def moved_by_them_60d(moment: Moment) -> int:
    """How often they moved a meeting with you in the last 60 days."""
    return len(_moves_by_them(moment))


@fact(float, "days", cites=cite(_moves_by_them), until=_next_to_fade, by=CITED)
def moved_away_days_60d(moment: Moment) -> float:
    """By how many days in all their moves of the last 60 days put meetings off."""
    return sum((step.delay for step in _moves_by_them(moment)), timedelta(0)) / timedelta(days=1)


@fact(int, "times", cites=cite(_later_by_them), until=_next_to_fade, by=CITED, raised_by=MEETINGS, falls=True)
def moved_later_by_them_60d(moment: Moment) -> int:
    """How often they moved a meeting to a later time in the last 60 days."""
    return len(_later_by_them(moment))


@fact(int, "times", cites=cite(_earlier_by_them), until=_next_to_fade, by=CITED, raised_by=MEETINGS, falls=True)
def moved_earlier_by_them_60d(moment: Moment) -> int:
    """How often they moved a meeting to an earlier time in the last 60 days."""
    return len(_earlier_by_them(moment))


@fact(float, "days", cites=cite(_later_by_them), until=_next_to_fade, by=CITED)
def moved_later_days_60d(moment: Moment) -> float:
    """By how many days in all they moved meetings to a later time in the last 60 days."""
    return sum((step.delay for step in _later_by_them(moment)), timedelta(0)) / timedelta(days=1)


@fact(int, "times", cites=cite(_ever_further), until=_next_to_fade, by=CITED, raised_by=MEETINGS, falls=True)
def moved_ever_further_60d(moment: Moment) -> int:
    """How often in a row they put one meeting off by more than the time before, in the last 60 days."""
    return len(_ever_further(moment))


@fact(float, "days", cites=cite(_earlier_by_them), until=_next_to_fade, by=CITED)
def moved_earlier_days_60d(moment: Moment) -> float:
    """By how many days in all they moved meetings to an earlier time in the last 60 days."""
    return -sum((step.delay for step in _earlier_by_them(moment)), timedelta(0)) / timedelta(days=1)


@fact(int, "times", cites=cite(_shortened_by_them), until=_next_to_fade, by=CITED, raised_by=MEETINGS, falls=True)
def shortened_by_them_60d(moment: Moment) -> int:
    """How often they made a meeting with you shorter in the last 60 days."""
    return len(_shortened_by_them(moment))


@fact(int, "times", cites=cite(_lengthened_by_them), until=_next_to_fade, by=CITED, raised_by=MEETINGS, falls=True)
def lengthened_by_them_60d(moment: Moment) -> int:
    """How often they made a meeting with you longer in the last 60 days."""
    return len(_lengthened_by_them(moment))


@fact(int, "meetings", until=_next_held_to_fade, by=MEETINGS, falls=True)
def held_after_move_60d(moment: Moment) -> int:
    """How many of the meetings that they moved in the last 60 days have been held since."""
    moved: dict[str, datetime] = {}
    for step in moment.meetings.changes(moment.ago(WINDOW), By.THEM, Change.RESCHEDULED):
        whole = step.meeting.series or bool(step.goes_on_from)  # of a series that was moved any occurrence counts
        moved.setdefault(step.meeting.ical_uid if whole else step.meeting.ref, step.revision.at)
    return sum(
        any(key in moved and step.revision.end > moved[key] for key in (step.meeting.ref, step.meeting.ical_uid))
        for step in moment.meetings.held.since(moment.ago(WINDOW))
    )


@fact(
    int, "meetings", cites=cite(_cancellations_by_them), until=_next_to_fade, by=CITED, raised_by=MEETINGS, falls=True
)
def cancelled_by_them_60d(moment: Moment) -> int:
    """How many meetings with you they cancelled or declined in the last 60 days."""
    return len(_cancellations_by_them(moment))


@fact(int, "meetings", cites=cite(_late_by_them), until=_next_to_fade, by=CITED, raised_by=MEETINGS, falls=True)
def late_cancelled_by_them_60d(moment: Moment) -> int:
    """How many of those they cancelled or declined less than 24 hours before."""
    return len(_late_by_them(moment))


@fact(float, "hours", cites=cite(_cancellations_by_them), until=_next_to_fade, by=CITED)
def shortest_notice_hours_60d(moment: Moment) -> float | None:
    """How long before the meeting the latest-coming of those cancellations or refusals was made."""
    return min((step.notice / timedelta(hours=1) for step in _cancellations_by_them(moment)), default=None)


@fact(int, "meetings", cites=cite(_not_rebooked), until=_next_to_fade_or_ripen, by=CITED)
def cancelled_not_rebooked_60d(moment: Moment) -> int:
    """How many of the meetings that they cancelled or declined got no other date within 14 days."""
    return len(_not_rebooked(moment))


@fact(int, "times", cites=cite(_moves_by_owner), until=_next_to_fade, by=CITED, raised_by=MEETINGS, falls=True)
def moved_by_you_60d(moment: Moment) -> int:
    """How often you moved a meeting with them in the last 60 days."""
    return len(_moves_by_owner(moment))


@fact(
    int, "meetings", cites=cite(_cancellations_by_owner), until=_next_to_fade, by=CITED, raised_by=MEETINGS, falls=True
)
def cancelled_by_you_60d(moment: Moment) -> int:
    """How many meetings with them you cancelled or declined in the last 60 days."""
    return len(_cancellations_by_owner(moment))


@fact(int, "times", cites=cite(_put_off_by_owner), until=_next_to_fade, by=CITED, raised_by=MEETINGS, falls=True)
def put_off_by_you_60d(moment: Moment) -> int:
    """How often you moved, cancelled or declined a meeting with them in the last 60 days."""
    return len(_put_off_by_owner(moment))


@fact(int, "meetings", until=_next_held_to_fade, by=MEETINGS, falls=True)
def held_60d(moment: Moment) -> int:
    """How many meetings with them were held in the last 60 days."""
    return len(moment.meetings.held.since(moment.ago(WINDOW)))
