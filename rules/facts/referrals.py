"""Facts about introductions: whom they brought to the owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import fact, next_event
from keepwarm.rules.sources import Source
from keepwarm.rules.timeline import OTHERS
from keepwarm.storage.histories import IntroductionFact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.moment import Moment

WINDOW = 14  # days


def _introductions(moment: Moment, days: float | None = None) -> list[IntroductionFact]:
    trail = moment.others[IntroductionFact]
    some = trail.items if days is None else trail.since(moment.ago(days))
    return [one for one in some if isinstance(one, IntroductionFact)]


def _lately(moment: Moment) -> list[IntroductionFact]:
    return _introductions(moment, WINDOW)


def _cite(moment: Moment) -> Sequence[Source]:
    return [source for one in reversed(_lately(moment)) for source in _of_introduction(one)]


def _of_introduction(one: IntroductionFact) -> tuple[Source, Source]:
    about = f": “{one.subject}”" if one.subject else ""
    brought = Source("message", one.ref, one.written_at, f"brought {one.other_name} to you{about}", one.stream)
    met = Source("message", one.met_by, one.at, f"you and {one.other_name} had written to each other", one.stream)
    return met, brought


def _next_to_fade(moment: Moment) -> datetime:
    return moment.leaves_window(moment.others[IntroductionFact], WINDOW)


@fact(int, "people", cites=_cite, until=_next_to_fade, by=OTHERS, falls=True)
def introduced_14d(moment: Moment) -> int:
    """How many people you got to know through them in the last 14 days."""
    return len(_lately(moment))


@fact(int, "people", until=next_event, by=OTHERS)
def introduced_ever(moment: Moment) -> int:
    """How many people you have got to know through them."""
    return len(_introductions(moment))


@fact(str, "", cites=_cite, until=_next_to_fade, by=OTHERS)
def introduced_name(moment: Moment) -> str | None:
    """The name of the last of those whom you got to know through them in the last 14 days."""
    found = _lately(moment)
    return found[-1].other_name if found else None


@fact(str, "date", cites=_cite, until=_next_to_fade, by=OTHERS)
def introduced_on(moment: Moment) -> str | None:
    """The day of the mail that brought that one to you."""
    found = _lately(moment)
    return moment.working.local_day(found[-1].written_at).isoformat() if found else None
