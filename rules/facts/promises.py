"""Facts about promises: due and not kept, or kept in time.

Days past due are the owner's working days, without the time in which either was away: who promises something by Friday
is a day late when Monday is over.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import fact
from keepwarm.rules.moment import FAR
from keepwarm.rules.sources import of_promise, quoted
from keepwarm.rules.timeline import MEETINGS, OTHERS, SENT
from keepwarm.storage.histories import By

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from keepwarm.rules.facts.fact import Until
    from keepwarm.rules.moment import Moment
    from keepwarm.rules.promises import Pending
    from keepwarm.rules.sources import Source
    from keepwarm.storage.histories import PromiseFact

GRACE = 1.0  # working days: what is done the day after is as good as done
KEPT_DAYS = 30
OWNERS = SENT | MEETINGS | OTHERS  # what may make a promise of the owner's, or be what was promised
_DAY = timedelta(days=1)
_MARGIN = 1e-6  # hours are sums of floats


def _days_past(moment: Moment, due: date) -> float:
    hours = moment.time.hours_between(moment.working.midnight(due + _DAY), moment.now)
    return hours / (moment.working.hours_a_day or 1.0)


def _overdue(moment: Moment, by: By) -> list[Pending]:
    """Give the promises of one side that are past due, the one made last first."""
    found = [one for one in moment.promises.pending(by) if _days_past(moment, one.due) >= GRACE]
    return sorted(found, key=lambda one: (one.source.at, one.source.ref), reverse=True)


def _cite_overdue(by: By) -> Callable[[Moment], Sequence[Source]]:
    return lambda moment: [one.source for one in _overdue(moment, by)]


def _next_overdue(by: By) -> Until:
    """Give the time before which no further promise of one side can be past due; absences only make it later."""

    def until(moment: Moment) -> datetime:
        working = moment.working
        grace = GRACE * working.hours_a_day - _MARGIN
        waiting = (one.due for one in moment.promises.pending(by) if _days_past(moment, one.due) < GRACE)
        return max(
            min((working.not_before(working.midnight(due + _DAY), grace) for due in waiting), default=FAR), moment.now
        )

    return until


def _while_none_is_overdue(moment: Moment) -> datetime:
    return moment.now if _overdue(moment, By.OWNER) else _next_overdue(By.OWNER)(moment)


@fact(int, "promises", cites=_cite_overdue(By.OWNER), until=_next_overdue(By.OWNER), by=OWNERS)
def promises_overdue(moment: Moment) -> int:
    """How many promises of yours are past due by a working day or more, and nothing shows that they were kept."""
    return len(_overdue(moment, By.OWNER))


@fact(float, "working days", cites=_cite_overdue(By.OWNER), until=_while_none_is_overdue, by=OWNERS)
def overdue_promise_days(moment: Moment) -> float | None:
    """By how many working days the one of them that you made last is past due, without absences and holidays."""
    return next((_days_past(moment, one.due) for one in _overdue(moment, By.OWNER)), None)


@fact(str, "", cites=_cite_overdue(By.OWNER), until=_next_overdue(By.OWNER), by=OWNERS)
def overdue_promise(moment: Moment) -> str | None:
    """What that one was, in your words; "something" if it was found in a mail of yours."""
    return next((one.what for one in _overdue(moment, By.OWNER)), None)


@fact(str, "date", cites=_cite_overdue(By.OWNER), until=_next_overdue(By.OWNER), by=OWNERS)
def overdue_promise_made_on(moment: Moment) -> str | None:
    """The day on which you made it, or wrote it down."""
    return next((moment.working.local_day(one.at).isoformat() for one in _overdue(moment, By.OWNER)), None)


@fact(str, "date", cites=_cite_overdue(By.OWNER), until=_next_overdue(By.OWNER), by=OWNERS)
def overdue_promise_due_on(moment: Moment) -> str | None:
    """The day by which it was due."""
    return next((one.due.isoformat() for one in _overdue(moment, By.OWNER)), None)


@fact(int, "promises", cites=_cite_overdue(By.THEM), until=_next_overdue(By.THEM), by=OTHERS)
def their_promises_overdue(moment: Moment) -> int:
    """How many promises of theirs that you wrote down are past due by a working day or more, and not marked as kept."""
    return len(_overdue(moment, By.THEM))


@fact(str, "", cites=_cite_overdue(By.THEM), until=_next_overdue(By.THEM), by=OTHERS)
def their_overdue_promise(moment: Moment) -> str | None:
    """What the one of them that was written down last was, in your words."""
    return next((one.what for one in _overdue(moment, By.THEM)), None)


@fact(str, "date", cites=_cite_overdue(By.THEM), until=_next_overdue(By.THEM), by=OTHERS)
def their_overdue_promise_due_on(moment: Moment) -> str | None:
    """The day by which it was due."""
    return next((one.due.isoformat() for one in _overdue(moment, By.THEM)), None)


# Kept.


def _kept(moment: Moment) -> list[PromiseFact]:
    """Give the promises that were kept in time in the last days, the one kept last first."""
    lately = moment.promises.kept.since(moment.ago(KEPT_DAYS))
    return [one for one in reversed(lately) if _was_in_time(moment, one)]


def _was_in_time(moment: Moment, promise: PromiseFact) -> bool:
    """Tell whether it was kept by its day, or by the end of the working day after it."""
    if promise.kept_at is None:
        return False
    over = moment.working.midnight(promise.due + _DAY)
    return moment.working.hours_between(over, promise.kept_at) <= moment.working.hours_a_day


def _cite_kept(moment: Moment) -> Sequence[Source]:
    return [of_promise(one) for one in _kept(moment)]


def _next_to_fade(moment: Moment) -> datetime:
    return moment.leaves_window(moment.promises.kept, KEPT_DAYS)


@fact(int, "promises", cites=_cite_kept, until=_next_to_fade, by=OTHERS, falls=True)
def promises_kept_30d(moment: Moment) -> int:
    """How many promises that you wrote down, of yours or theirs, were kept in time in the last 30 days."""
    return len(_kept(moment))


@fact(str, "", cites=_cite_kept, until=_next_to_fade, by=OTHERS)
def kept_promise(moment: Moment) -> str | None:
    """What the last of them was, in your words."""
    return next((quoted(one.text) for one in _kept(moment)), None)


@fact(str, "", cites=_cite_kept, until=_next_to_fade, by=OTHERS)
def kept_promise_by(moment: Moment) -> str | None:
    """Who kept it: "you" or "they"."""
    return next(("they" if one.by is By.THEM else "you" for one in _kept(moment)), None)


@fact(str, "date", cites=_cite_kept, until=_next_to_fade, by=OTHERS)
def kept_promise_due_on(moment: Moment) -> str | None:
    """The day by which it was due."""
    return next((one.due.isoformat() for one in _kept(moment)), None)
