"""Facts about the people of an organisation, together: for rules with ``scope = "organisation"``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.rules.facts.group_fact import GroupRegistry
from keepwarm.rules.sources import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.rules.cooling import Together

_MOST_NAMES = 5
_LONGEST_NAME = 60

ORGANISATION: GroupRegistry[Together] = GroupRegistry()
fact = ORGANISATION.fact


def cooling_signals(together: Together) -> Sequence[Source]:
    """Cite the signal of each of those who cool."""
    return [
        Source("signal", one.signal.id, one.signal.opened, one.signal.sentence, stream=0) for one in together.cooled
    ]


@fact(int, "people", cites=cooling_signals)
def people_cooling_60d(together: Together) -> int:
    """People there with an open sign of cooling, medium or strong, that began within 60 days of each other."""
    return len(together.cooled)


@fact(int, "people")
def people_in_touch(together: Together) -> int:
    """People there who could be judged and were heard in the half-year before the first of them cooled."""
    return together.counted


@fact(float, "share", cites=cooling_signals)
def share_cooling_60d(together: Together) -> float | None:
    """How many of the people in touch cool at once, from 0 to 1."""
    return len(together.cooled) / together.counted if together.counted else None


@fact(str, "date", cites=cooling_signals)
def cooling_since(together: Together) -> str | None:
    """The day on which the first of those who cool at once began to."""
    if not together.cooled:
        return None
    return together.cooled[0].signal.opened.astimezone(together.zone).date().isoformat()


@fact(str, "names", cites=cooling_signals)
def cooling_names(together: Together) -> str | None:
    """The names of those who cool at once."""
    names = [one.member.name[:_LONGEST_NAME] for one in together.cooled]
    if len(names) > _MOST_NAMES:
        names[_MOST_NAMES:] = [f"{len(names) - _MOST_NAMES} more"]
    if len(names) < 2:
        return "".join(names) or None
    return f"{', '.join(names[:-1])} and {names[-1]}"


@fact(str, "domain")
def organisation(together: Together) -> str:
    """The organisation's domain."""
    return together.history.domain
