"""Question: how those left whom the owner met, asked in a mail that can be answered with a line for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.outputs.owner_dates import OwnerDates
from keepwarm.outputs.safe_text import one_line
from keepwarm.outputs.wording import Wording, wording

if TYPE_CHECKING:
    from keepwarm.storage.views import AskedView, AskView


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody who is asked about."""

    number: str  # "1"; "" if there is nobody else
    who: str
    when: str  # "Weekly call, Tue 17 Nov, 10:00"


@dataclass(frozen=True, slots=True)
class Question:
    """The letter, in its order."""

    words: Wording
    title: str
    day: str
    headline: str
    unread: str  # that an earlier answer could not be read; "" if there is none
    rows: tuple[Row, ...]
    more: str
    lead: str
    example: str
    think: str
    privacy: str


def question(view: AskView, language: str = "en") -> Question:
    """Write the letter; raises FileNotFoundError for a language without a catalogue."""
    words = wording(language)
    dates = OwnerDates(words, view.as_of, view.timezone)
    number = "many" if len(view.asked) > 1 else "one"
    day = dates.short(dates.beginning(view.day))
    return Question(
        words=words,
        title=words.say("reflect.title", day=day),
        day=day,
        headline=words.say("reflect.heading"),
        unread=_unread(words, dates, view),
        rows=tuple(
            _row(words, dates, one, str(at) if number == "many" else "") for at, one in enumerate(view.asked, start=1)
        ),
        more=words.count("reflect.more", view.more) if view.more else "",
        lead=words.say(f"reflect.lead_{number}"),
        example=words.say("reflect.example", example=words.say(f"reflect.example_{number}")),
        think=words.say("reflect.think"),
        privacy=words.say("reflect.privacy"),
    )


def _row(words: Wording, dates: OwnerDates, one: AskedView, number: str) -> Row:
    title = one_line(one.title, 60) or words.say("brief.untitled")
    name = one_line(one.name, 60) or words.say("somebody")
    return Row(number, name, ", ".join((title, dates.exact(one.start))))


def _unread(words: Wording, dates: OwnerDates, view: AskView) -> str:
    if view.unread_at is None:
        return ""
    return words.say("reflect.unread", moment=dates.exact(view.unread_at), why=words.say(f"reflect.{view.unread_why}"))
