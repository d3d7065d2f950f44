"""Facts about a contact who hands the owner down to a colleague: the organisation stays, the person goes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import fact, next_event
from keepwarm.rules.sources import Source
from keepwarm.rules.timeline import MEETINGS, OTHERS, RECEIVED
from keepwarm.storage.histories import HandoverFact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.rules.moment import Moment

OWN_WORDS = 1  # days of their own that may lie between: a last "thanks" takes nothing back
USUAL_DAYS = 180
LEAST_DAYS_HEARD = 5  # within those: who hardly ever wrote has nothing to hand down
LEAST_DAYS_KNOWN = 60.0  # a pace of a month is none yet
HEARD = RECEIVED | MEETINGS | OTHERS
_AN_INSTANT = timedelta(minutes=1)


def _in_row(moment: Moment) -> list[HandoverFact]:
    """Give the mails by which colleagues took their part since their last day but one of their own, oldest first.

    What was written while somebody was away is cover, and hands nothing down.
    """
    heard = moment.heard_days.items
    if len(heard) <= OWN_WORDS:
        return []
    since = heard[-1 - OWN_WORDS]
    return [
        one
        for one in moment.others[HandoverFact].since(since)
        if isinstance(one, HandoverFact) and not moment.time.leaves_out(one.at, one.at + _AN_INSTANT)
    ]


def _cite(moment: Moment) -> Sequence[Source]:
    return [_of_handover(one) for one in reversed(_in_row(moment))]


def _of_handover(one: HandoverFact) -> Source:
    copied = ", with them on Cc" if one.contact_copied else ""
    about = f": “{one.subject}”" if one.subject else ""
    return Source("message", one.ref, one.at, f"{one.colleague} wrote in their place{copied}{about}", one.stream)


@fact(int, "messages", cites=_cite, until=next_event, by=HEARD)
def handed_down_in_row(moment: Moment) -> int:
    """Mails of colleagues in their place since their last day but one: answers to yours to them, or with them on Cc."""
    return len(_in_row(moment))


@fact(str, "", cites=_cite, until=next_event, by=HEARD)
def handed_down_to(moment: Moment) -> str | None:
    """The address of the colleague who wrote most of those mails."""
    wrote = Counter(one.colleague for one in reversed(_in_row(moment)))
    return wrote.most_common(1)[0][0] if wrote else None


@fact(str, "date", cites=_cite, until=next_event, by=HEARD)
def handed_down_since(moment: Moment) -> str | None:
    """The day of the first of those mails."""
    mails = _in_row(moment)
    return moment.working.local_day(mails[0].at).isoformat() if mails else None


@fact(float, "days", cites=_cite, until=next_event, by=HEARD)
def own_days_missing(moment: Moment) -> float | None:
    """On how many days between those mails they would have written or met you themselves, at their usual pace.

    Where colleagues always wrote half as often as they did, it is a group that writes to you, and nothing can be told.
    """
    mails = _in_row(moment)
    if not mails:
        return None
    first, start = mails[0].at, mails[0].at - timedelta(days=USUAL_DAYS)
    heard = moment.heard_days.between(start, first)
    if len(heard) < LEAST_DAYS_HEARD or 2 * len(moment.others[HandoverFact].between(start, first)) >= len(heard):
        return None
    days = moment.time.days(max(start, moment.heard_days.items[0]), first)
    return len(heard) / days * moment.time.days(first, mails[-1].at) if days >= LEAST_DAYS_KNOWN else None
