"""The owner's word on signals, by command and on the page alike."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.the_signal import the_signal
from keepwarm.storage import signals, verdicts
from keepwarm.storage.verdicts import Judgement, Verdict

if TYPE_CHECKING:
    from datetime import tzinfo

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.views import SignalView

LONGEST_REASON = 500
_SPAN = re.compile(r"(\d{1,4})\s*([dw])\Z")


def judge(
    workshop: Workshop, signal_id: str, judgement: Judgement, reason: str, until: str, now: datetime
) -> SignalView:
    """Keep a verdict on a signal, whose id may be cut short; of one that is snoozed ``until`` says for how long.

    Gives the signal as it is from then on. Raises BadUsage.
    """
    if len(reason) > LONGEST_REASON:
        raise BadUsage(f"A reason has at most {LONGEST_REASON} characters.", "`keepwarm note` takes more.")
    zone = workshop.configuration.owner.timezone
    when = moment_named(until, now, zone) if judgement is Judgement.SNOOZED else None
    with workshop.database.writing() as connection:
        one = the_signal(connection, now, signal_id)
        word = Verdict(signal_id=one.id, judgement=judgement, at=now, until=when, reason=kept(reason))
        verdicts.say(connection, word)
        return signals.find(connection, now, one.id)[0]


def unjudge(workshop: Workshop, signal_id: str, now: datetime) -> SignalView:
    """Take the verdict on a signal back; gives the signal as it is from then on. Raises BadUsage."""
    with workshop.database.writing() as connection:
        one = the_signal(connection, now, signal_id)
        if not verdicts.take_back(connection, one.id):
            raise BadUsage(f"You have said nothing of {one.id[:12]}.", "`keepwarm signals --all` shows what you said.")
        return signals.find(connection, now, one.id)[0]


def kept(reason: str) -> str:
    """Give a reason as it is kept: less what no database takes."""
    return reason.strip().replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def moment_named(text: str, now: datetime, zone: tzinfo) -> datetime:
    """Read a date (the beginning of that day) or a span from now.

    Raises BadUsage.
    """
    if match := _SPAN.match(text.strip().lower()):
        until = now + timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))
    else:
        try:
            until = datetime.combine(date.fromisoformat(text.strip()), time(), zone).astimezone(UTC)
        except ValueError:
            raise BadUsage(f"{text!r} is no date and no span.", "Write 2026-12-01, 10d or 3w.") from None
    if until <= now:
        raise BadUsage(f"{text} has passed.", "Name a day ahead, or a span such as 14d.")
    return until
