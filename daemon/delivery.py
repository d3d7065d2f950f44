"""Delivery: the weekly report goes to its owner once a week; it is tried for two days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.daemon import posting, weekly
from keepwarm.daemon.posting import Errand

if TYPE_CHECKING:
    from datetime import date, datetime

    from keepwarm.daemon.posting import Delivered
    from keepwarm.daemon.sending import Written
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.outbox import Letter

KIND = "report"
_WAITS_FOR_FIRST_READ = timedelta(hours=12)
"""So long a report waits while a new account is read for the first time."""


def deliver_due(workshop: Workshop, now: datetime) -> datetime:
    """Send the report that is due, if one is; give when to ask again, at the latest.

    To be asked after the accounts were read and judged, so that it tells what is true when it is sent. A report that
    was due while the machine slept goes out when it wakes; of several only the last. None is due for a time before
    anything was read. What goes wrong is noted and logged, and tried again. Raises DatabaseError.
    """
    owner, report = workshop.configuration.owner, workshop.configuration.report
    due = weekly.last_due(now, report.at, owner.timezone)
    later = weekly.next_due(now, report.at, owner.timezone)
    monday = weekly.monday_told(due, owner.timezone)
    errand = _errand(workshop, monday, now)
    again = posting.post_in_time(workshop, errand, now, due=due, patience=_WAITS_FOR_FIRST_READ)
    return min(again or later, later)


def week_due(workshop: Workshop, now: datetime) -> date:
    """Give the Monday of the week whose report was due last."""
    owner, report = workshop.configuration.owner, workshop.configuration.report
    return weekly.monday_told(weekly.last_due(now, report.at, owner.timezone), owner.timezone)


def deliver(workshop: Workshop, monday: date, now: datetime) -> Delivered:
    """Send the report of a week, unless it is sent or under way; what goes wrong is noted.

    Raises DatabaseError.
    """
    return posting.post(workshop, _errand(workshop, monday, now), now)


def _errand(workshop: Workshop, monday: date, now: datetime) -> Errand:
    def write(claimed: Letter) -> Written:
        from keepwarm.daemon.report_mail import written  # noqa: PLC0415 - templates, only when something is due

        return written(workshop, claimed, monday, now)

    return Errand(kind=KIND, key=weekly.key_of(monday), write=write)
