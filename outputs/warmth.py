"""Warmth: how one contact's warmth is shown: a line for the year, a number, an arrow for the week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.outputs.sparkline import sparkline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.outputs.desk import Desk
    from keepwarm.outputs.wording import Wording
    from keepwarm.storage.views import ContactView


@dataclass(frozen=True, slots=True)
class Warmth:
    """A contact's warmth, ready to show."""

    line: str  # block characters, oldest first; "" if there is no past to draw
    level: int  # 0 to 100
    band: str  # cold, cool, happy_medium, close
    change: int  # points over the week
    arrow: str  # "▲ 6"
    in_words: str  # all of it in words, for who cannot see the line


def warmth_of(desk: Desk, contact: ContactView) -> Warmth:
    """Show ``contact``'s warmth as of the week."""
    words, past = desk.words, desk.week.warmth.get(contact.id, ())
    change = round(desk.week.week_change.get(contact.id, 0.0))
    level = round(contact.warmth)
    band = words.get(f"bands.{contact.band}").lower()
    spoken = words.say("warmth.now", level=level, band=band, change=_change_in_words(words, change))
    return Warmth(
        line=sparkline(past) if len(past) > 1 else "",
        level=level,
        band=contact.band,
        change=change,
        arrow=arrow(words, change),
        in_words=f"{spoken} {_year_in_words(words, past)}".rstrip(),
    )


def arrow(words: Wording, change: int) -> str:
    """Draw a change in points: "▲ 6", "▼ 6" or "→ 0"."""
    key = "warmth.up" if change > 0 else "warmth.down" if change < 0 else "warmth.level"
    return words.say(key, points=abs(change))


def _change_in_words(words: Wording, change: int) -> str:
    if change == 0:
        return words.say("warmth.level_words")
    return words.count("warmth.up_words" if change > 0 else "warmth.down_words", abs(change))


def _year_in_words(words: Wording, past: Sequence[float]) -> str:
    if len(past) < 2:
        return ""
    return words.say("warmth.year", low=round(min(past)), high=round(max(past)), first=round(past[0]))
