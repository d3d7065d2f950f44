"""The week as the report is made of it: what storage holds of it, and what only the daemon can put beside that."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from keepwarm.daemon import attention
from keepwarm.daemon.weekly import key_of
from keepwarm.storage import outbox
from keepwarm.storage.outbox import State
from keepwarm.storage.views import DeliveryTrouble
from keepwarm.storage.weeks import week

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.rules.rule import Rule
    from keepwarm.storage.views import WeekView

_REMEMBERED = timedelta(weeks=5)
"""So long a letter that never left is told of."""


def view(
    connection: Connection, workshop: Workshop, monday: date, as_of: datetime, news_since: datetime | None = None
) -> WeekView:
    """Give the week that begins on ``monday``, as of a moment; news are what came since ``news_since``.

    Raises BadUsage.
    """
    from keepwarm.outputs.edition import people_told  # noqa: PLC0415 - the words, only where used

    owner, report = workshop.configuration.owner, workshop.configuration.report
    return week(
        connection,
        monday,
        as_of,
        owner_name=owner.name,
        zone=owner.timezone,
        configured=workshop.configuration.account_names,
        since=monday - timedelta(days=(monday.weekday() - report.week_starts) % 7),
        news_since=news_since,
        attention=attention.view(connection, workshop, as_of),
        trouble=trouble(connection, as_of, but=key_of(monday)),
        reworded=reworded(workshop),
        told=people_told,
    )


def reworded(workshop: Workshop) -> frozenset[str]:
    """Give the rules whose words are the owner's own. Raises BadUsage."""
    return frozenset(rule.id for rule in workshop.rules if _is_reworded(rule))


def _is_reworded(rule: Rule) -> bool:
    """Tell whether a rule's words are the owner's: it is theirs, or they tuned what it says."""
    tuned = (tuning.changes.keys() & {"sentence", "advice"} for tuning in rule.tunings)
    return Path(rule.source).name != rule.source or any(tuned)


def trouble(connection: Connection, now: datetime, but: str = "") -> DeliveryTrouble | None:
    """Tell of the newest report, if it could not be delivered; of the one before that of the week ``but``."""
    for one in outbox.newest(connection, "report", 2):
        if one.key == but or one.created_at > now:
            continue
        if one.state is State.SENT or not one.problem or now - one.created_at > _REMEMBERED:
            return None
        return DeliveryTrouble(
            week=one.key,
            problem=one.problem,
            what_to_do=one.what_to_do,
            attempts=one.attempts,
            retry_at=None if one.state is State.GIVEN_UP else one.retry_at,
        )
    return None
