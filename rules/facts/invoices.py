"""Facts about the owner's invoices, and what else the owner has sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import fact
from keepwarm.rules.sources import Source, of_message
from keepwarm.rules.timeline import MEETINGS, SENT
from keepwarm.storage.histories import By, TouchFact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.moment import Moment

WINDOW = 90  # days


def _invoices(moment: Moment) -> Sequence[Source]:
    return [of_message(message) for message in reversed(moment.invoices.since(moment.ago(WINDOW)))]


def _next_invoice_to_fade(moment: Moment) -> datetime:
    return moment.leaves_window(moment.invoices, WINDOW)


def _next_touch_to_fade(moment: Moment) -> datetime:
    trails = (moment.outbound, moment.meetings.held, moment.meetings.steps, moment.others[TouchFact])
    return min(moment.leaves_window(trail, WINDOW) for trail in trails)


@fact(int, "invoices", cites=_invoices, until=_next_invoice_to_fade, by=SENT, falls=True)
def invoices_sent_90d(moment: Moment) -> int:
    """How many invoices you sent them in the last 90 days."""
    return len(moment.invoices.since(moment.ago(WINDOW)))


@fact(str, "date", cites=_invoices, until=_next_invoice_to_fade, by=SENT)
def last_invoice_on(moment: Moment) -> str | None:
    """The day of the last of these invoices."""
    sent = moment.invoices.since(moment.ago(WINDOW))
    return moment.working.local_day(sent[-1].at).isoformat() if sent else None


@fact(int, "times", until=_next_touch_to_fade, by=SENT | MEETINGS, falls=True)
def other_touches_by_you_90d(moment: Moment) -> int:
    """How often you did anything else in the last 90 days: wrote, met them, saw to a meeting, or noted a touch."""
    since = moment.ago(WINDOW)
    seen_to = sum(step.revision.by is By.OWNER for step in moment.meetings.steps.since(since))
    sent, held, noted = moment.outbound, moment.meetings.held, moment.others[TouchFact]
    return len(sent.since(since)) + len(held.since(since)) + len(noted.since(since)) + seen_to
