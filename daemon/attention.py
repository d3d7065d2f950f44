"""The owner's attention, as outputs and commands show it: shares, waits, and who gets less than their due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.storage import contacts, groups
from keepwarm.storage.views import AttentionShare, AttentionView

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop


def view(connection: Connection, workshop: Workshop, as_of: datetime) -> AttentionView | None:
    """Give the picture of the last first Monday of a month; None if there was no attention before it.

    Raises BadUsage.
    """
    picture = workshop.practice.picture(groups.practice(connection), as_of)
    if picture is None:
        return None
    refs = {ref.id: ref for ref in contacts.refs(connection, [one.who.contact_id for one in picture.shares])}
    return AttentionView(
        since=picture.since,
        until=picture.until,
        shares=tuple(
            AttentionShare(
                contact=refs[one.who.contact_id],
                share=one.share,
                hours=one.hours,
                messages=one.messages,
                meeting_hours=one.meeting_hours,
                reply_hours=one.reply_hours,
                big=one.big,
                times_longer=picture.times_longer(one),
            )
            for one in picture.shares
        ),
        big_reply_hours=picture.big_reply_hours,
    )
