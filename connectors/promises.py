"""Promises in the owner's own mails; the words by which they are known are ``promises.en.toml``, ``promises.de.toml``.

A promise is a sentence in which somebody takes something upon themselves, with a day for it, and which neither denies
nor asks nor sets a condition. Of the sentence nothing is kept but that day. In doubt there is no promise: one that was
made and not found does less harm than one that was never made.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from keepwarm.connectors.own_text import own_text
from keepwarm.connectors.promise_words import LANGUAGES, Language, language
from keepwarm.connectors.written_days import months, written_day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

LONGEST = timedelta(days=185)
"""A day that is further ahead is not believed to be one by which something was promised."""

_LONGEST_SENTENCE = 500
_FRIDAY, _SATURDAY = 4, 5
_STOP = re.compile(r"[.!?]+(?=[\s)\"']|\Z)|;|\n\s*\n|\n(?=\s*[-*•]\s)")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[a-z]|\d{1,2}(?:\.\d{1,2})?|dr|mr|mrs|ms|ca|approx|no|nr|evtl|bzw|inkl|incl|usw|etc|z\.b|e\.g|i\.e|a\.m|p\.m|[a-z]{3})\.\Z"
)
_QUOTES = str.maketrans(
    {"\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " "}
)


def promised_due(text: str, sent: datetime, zone: tzinfo) -> date | None:
    """Give the first day by which the author of a mail's ``text``, ``sent`` then (aware), promises something in it.

    Days are those of ``zone``. None if nothing is promised for a day, from the day of sending on.
    """
    today = sent.astimezone(zone).date()
    days = (day for sentence in _sentences(own_text(text)) for day in _promised_in(sentence, today))
    return min(days, default=None)


def _promised_in(sentence: str, today: date) -> Iterator[date]:
    for name in LANGUAGES:
        words = language(name)
        plain = words.plain(sentence)
        if words.denies(plain.lower()):
            continue
        commitment = words.commitment(plain)
        if commitment is not None:
            days = [day for day in _days(plain.lower(), commitment, today, words) if today <= day <= today + LONGEST]
            if days:
                yield max(days)


def _sentences(text: str) -> Iterator[str]:
    """Give the sentences that neither ask nor are too long to be one."""
    text = text.translate(_QUOTES)
    start = 0
    for stop in _STOP.finditer(text):
        if stop[0] == "." and _goes_on(text, start, stop.end()):
            continue
        if "?" not in stop[0]:
            yield from _bounded(text[start : stop.end()])
        start = stop.end()
    yield from _bounded(text[start:])


def _goes_on(text: str, start: int, end: int) -> bool:
    """Tell a full stop that ends no sentence: of an abbreviation, or of an ordinal number before its month."""
    before = text[max(start, end - 12) : end].lower()
    following = text[end : end + 12].lstrip()
    if not _ABBREVIATED.search(before):
        return False
    return following[:1].islower() or following[:1].isdigit() or _first_word(following) in months()


def _first_word(text: str) -> str:
    found = re.match(r"[^\W\d_]+", text)
    return found[0].lower() if found else ""


def _bounded(sentence: str) -> Iterator[str]:
    words = " ".join(sentence.split())
    if words and len(words) <= _LONGEST_SENTENCE:
        yield words


# Days.


def _days(text: str, commitment: tuple[int, int], today: date, words: Language) -> Iterator[date]:
    """Give the days that a sentence in lower case names as when the thing is to be done."""
    for start, end, day in _named(text, today, words):
        at = words.cue_before(text, start)
        if (at >= commitment[0] or words.is_first(text, at, end, commitment[0])) and words.is_when(
            text, at, end, commitment[1]
        ):
            yield day


def _named(text: str, today: date, words: Language) -> Iterator[tuple[int, int, date]]:
    """Give all days that are named: where it begins and ends, and the day."""
    for kind, day in _spoken(today).items():
        for found in words.days(kind, text):
            yield found.start(), found.end(), day
    yield from _weekdays(text, today, words)
    for found in words.counted.finditer(text):
        number = words.number(found["number"])
        if number is not None:
            days = number * (7 if found["unit"] in words.weeks else 1)
            yield found.start(), found.end(), today + timedelta(days=days)
    for found in words.after_cue.finditer(text):
        written = written_day(text, found.end(), today)
        if written is not None:
            yield found.start(), found.end(), written
    for found in words.end_of_month.finditer(text):
        yield found.start(), found.end(), _last_of_month(_next_month(months()[found["month"]], today))


def _weekdays(text: str, today: date, words: Language) -> Iterator[tuple[int, int, date]]:
    for found in words.weekday.finditer(text):
        name = found["weekday"] or found["short"]
        day = today + timedelta(days=(words.weekday_of(name) - today.weekday() - 1) % 7 + 1)
        if (found["next"] or found["week"]) and day <= _week_end(today, 6):
            day += timedelta(days=7)  # in the week after this one, whichever was meant
        yield found.start(), found.end(), day


@cache
def _spoken(today: date) -> dict[str, date]:
    """Give the days that are named by what they are from ``today``: a week ends on its Friday."""
    friday = _week_end(today, _FRIDAY)
    if today.weekday() >= _SATURDAY:
        friday += timedelta(days=7)
    next_month = _last_of_month(today) + timedelta(days=1)
    return {
        "today": today,
        "tomorrow": today + timedelta(days=1),
        "after_tomorrow": today + timedelta(days=2),
        "this_week": friday,
        "next_week": _week_end(today, _FRIDAY) + timedelta(days=7),
        "this_month": _last_of_month(today),
        "next_month": _last_of_month(next_month),
    }


def _week_end(today: date, weekday: int) -> date:
    return today + timedelta(days=weekday - today.weekday())


def _last_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _next_month(month: int, today: date) -> date:
    return date(today.year + (month < today.month), month, 1)
