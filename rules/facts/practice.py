"""Facts about a contact among all of them: for rules with ``scope = "practice"``, asked on first Mondays.

They look at the six whole months before, of the owner's calendar; at clients only, if anybody is labelled one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.rules.facts.group_fact import GroupRegistry
from keepwarm.rules.sources import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.rules.picture import Picture, Share


@dataclass(frozen=True, slots=True)
class AmongAll:
    """One contact in a picture of the practice."""

    picture: Picture
    share: Share | None  # None: not in the picture
    open_elsewhere: int  # findings of the same rule that are open about others


PRACTICE: GroupRegistry[AmongAll] = GroupRegistry()
fact = PRACTICE.fact


def slowest_replies(among: AmongAll) -> Sequence[Source]:
    """Cite of each month the reply for which they waited longest."""
    return [
        Source("message", one.slowest, one.slowest_at, _waited(one.reply_hours[-1]), stream=0)
        for one in (among.share.months if among.share else ())
        if one.slowest is not None and one.slowest_at is not None
    ]


def _waited(hours: float) -> str:
    return f"you answered after {hours:.0f} working hours" if hours >= 1 else "you answered within the hour"


@fact(int, "clients")
def clients(among: AmongAll) -> int:
    """Clients to whom you gave any attention in the six months."""
    return len(among.picture.shares)


@fact(float, "share")
def attention_share(among: AmongAll) -> float | None:
    """Their share of your attention, from 0 to 1: hours of meetings, and a fifth of an hour for each message."""
    return among.share.share if among.share else None


@fact(float, "hours")
def attention_hours_6m(among: AmongAll) -> float | None:
    """Your attention to them in hours, a message counting as a fifth of one."""
    return among.share.hours if among.share else None


@fact(bool, "")
def is_big(among: AmongAll) -> bool | None:
    """Whether they are one of the few who together take 80% of your attention."""
    return among.share.big if among.share else None


@fact(int, "replies", cites=slowest_replies)
def your_replies_6m(among: AmongAll) -> int:
    """Your replies to them."""
    return among.share.replies if among.share else 0


@fact(float, "working hours", cites=slowest_replies)
def your_reply_hours_6m(among: AmongAll) -> float | None:
    """Median time that your replies to them took; with fewer than five there is none."""
    return among.share.reply_hours if among.share else None


@fact(float, "working hours")
def big_clients_reply_hours_6m(among: AmongAll) -> float | None:
    """The same of your big clients: the median of theirs."""
    return among.picture.big_reply_hours


@fact(bool, "")
def waits_compared(among: AmongAll) -> bool:
    """Whether they are not one of the big ones, and there are enough replies to both to compare."""
    return among.share is not None and among.picture.times_longer(among.share) is not None


@fact(str, "date")
def six_months_since(among: AmongAll) -> str:
    """The first day of the six months."""
    return among.picture.since.isoformat()


@fact(str, "date")
def six_months_until(among: AmongAll) -> str:
    """The first day after the six months."""
    return among.picture.until.isoformat()


@fact(int, "findings")
def open_elsewhere(among: AmongAll) -> int:
    """How many findings of the same rule are open about others."""
    return among.open_elsewhere
