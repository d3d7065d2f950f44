"""Letters: all that goes to the owner by itself: the weekly report, the brief, the question of the evening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon import brief_mail, delivery, reflect_mail

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.daemon.workshop import Workshop


def deliver_due(workshop: Workshop, now: datetime) -> datetime:
    """Send what is due; give when to ask again, at the latest. What goes wrong is noted. Raises DatabaseError."""
    again = [delivery.deliver_due(workshop, now)]
    for moment in (brief_mail.deliver_due(workshop, now), reflect_mail.deliver_due(workshop, now)):
        again += [moment] if moment is not None else []
    return min(again)
