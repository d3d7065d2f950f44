"""Facts about somebody new: how soon the owner answered, and what is still unknown of them.

Absent where the beginning is not on record: where the first message goes on with something, it began before that; and
where it lies long before Keepwarm was there: whoever stands at the beginning of a mailbox need not have been new.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.facts.fact import as_days_pass, as_hours_are_worked, fact, next_event
from keepwarm.rules.facts.silence import source_of
from keepwarm.rules.moment import FAR
from keepwarm.rules.phrases import phrases_of, words_of
from keepwarm.rules.sources import Source, of_message
from keepwarm.rules.timeline import MEETINGS, MESSAGES, NOTHING
from keepwarm.storage.histories import NoteFact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.moment import Moment
    from keepwarm.storage.histories import MessageFact

TOUCHES = MESSAGES | MEETINGS

COUNTED_DAYS = 365.0
"""Ages are counted up to a year: nobody is new after that, and rules need not look again."""

LOOKED_BACK = timedelta(days=182)
"""A beginning longer before the first complete read is none that could still be told."""

NOTE_READ = 2_000  # characters
TOPICS = ("beliefs", "interests", "hobbies", "plans", "likes", "dislikes")
"""What a courtship finds out."""


def _on_record(moment: Moment) -> bool:
    first, at = moment.beginning.first, moment.beginning.at
    if first is None or at is None or not moment.beginning.known:
        return False
    live_since = moment.history.live_since.get(source_of(first).stream)
    return live_since is not None and at >= live_since - LOOKED_BACK


def _age(moment: Moment, since: datetime | None) -> float | None:
    if since is None or not _on_record(moment):
        return None
    return min((moment.now - since) / timedelta(days=1), COUNTED_DAYS)


def _until_a_year_old(moment: Moment) -> datetime:
    age = _age(moment, moment.beginning.at)
    return FAR if age is None or age >= COUNTED_DAYS else moment.now


def _until_a_year_mutual(moment: Moment) -> datetime:
    age = _age(moment, moment.beginning.mutual_at)
    return FAR if age is None or age >= COUNTED_DAYS else moment.now


def _first_word(moment: Moment) -> Sequence[Source]:
    first = moment.beginning.first
    return [source_of(first)] if first is not None else []


@fact(
    float,
    "days",
    cites=_first_word,
    until=_until_a_year_old,
    by=TOUCHES,
    grows=as_days_pass,
    raised_by=NOTHING,
    lowered_by=NOTHING,
)
def days_known(moment: Moment) -> float | None:
    """Days since the first message or meeting, at most 365; only where that is on record."""
    return _age(moment, moment.beginning.at)


@fact(str, "date", cites=_first_word, until=next_event, by=TOUCHES)
def known_since(moment: Moment) -> str | None:
    """The day of the first message or meeting, where that is on record."""
    at = moment.beginning.at
    return moment.working.local_day(at).isoformat() if at and _on_record(moment) else None


# The first answers.


def _first_waits(moment: Moment) -> list[tuple[float, MessageFact]]:
    """Give how many working hours the first messages of theirs waited: up to three answered ones, or one that waits."""
    found = [(answer.hours, answer.answers) for answer in moment.beginning.answers]
    if not found and moment.owed:
        found.append((moment.time.hours_between(moment.owed[0].at, moment.now), moment.owed[0]))
    return found


def _first_answers(moment: Moment) -> Sequence[Source]:
    found = [of_message(message) for answer in moment.beginning.answers for message in (answer.message, answer.answers)]
    if not found:
        found = [of_message(message) for message in moment.owed[:1]]
    return sorted(found, key=lambda source: source.at, reverse=True)


def _while_none_waits(moment: Moment) -> datetime:
    return moment.now if moment.owed and not moment.beginning.answers else FAR


@fact(
    float,
    "working hours",
    cites=_first_answers,
    until=_while_none_waits,
    by=TOUCHES,
    grows=as_hours_are_worked,
)
def first_answer_hours(moment: Moment) -> float | None:
    """Working hours that the first message of theirs that you answered waited, or has waited until now."""
    waits = _first_waits(moment)
    return waits[0][0] if waits and _on_record(moment) else None


@fact(float, "working hours", cites=_first_answers, until=next_event, by=TOUCHES)
def first_answers_median_hours(moment: Moment) -> float | None:
    """Median time of your first two or three answers to them."""
    hours = sorted(answer.hours for answer in moment.beginning.answers)
    return hours[len(hours) // 2] if len(hours) > 1 and _on_record(moment) else None


@fact(str, "date", cites=_first_answers, until=next_event, by=TOUCHES)
def longest_first_wait_since(moment: Moment) -> str | None:
    """The day of that one of these messages of theirs which waited longest for you."""
    waits = _first_waits(moment)
    if not waits or not _on_record(moment):
        return None
    return moment.working.local_day(max(waits, key=lambda wait: wait[0])[1].at).isoformat()


# What is still unknown.


def _notes(moment: Moment) -> Sequence[NoteFact]:
    return [note for note in moment.others[NoteFact].items if isinstance(note, NoteFact)]


def _unknown(moment: Moment) -> list[str]:
    known = phrases_of("keepwarm.rules.topic_words")
    notes = [words_of(note.text, NOTE_READ) for note in _notes(moment)]
    return [topic for topic in TOPICS if not any(known[topic].are_in(words) for words in notes)]


@fact(
    float,
    "days",
    cites=_first_word,
    until=_until_a_year_mutual,
    by=TOUCHES,
    grows=as_days_pass,
    raised_by=NOTHING,
    lowered_by=NOTHING,
)
def courtship_days(moment: Moment) -> float | None:
    """Days since both of you had written, or you had met, for the first time; at most 365."""
    return _age(moment, moment.beginning.mutual_at)


@fact(int, "exchanges", until=next_event, by=TOUCHES)
def exchanges_both_ways(moment: Moment) -> int:
    """How often both of you have written or met so far: the number of the one who did less."""
    pulse = moment.pulse
    return min(pulse.messages_in, pulse.messages_out) + pulse.meetings_held


@fact(int, "topics", until=next_event)
def unknown_topics(moment: Moment) -> int | None:
    """Of how many of six topics (beliefs, interests, hobbies, plans, likes, dislikes) no note of yours tells."""
    return len(_unknown(moment)) if _on_record(moment) else None


@fact(str, "", until=next_event)
def unknown_about(moment: Moment) -> str | None:
    """Those topics, as a list."""
    if not _on_record(moment) or not (unknown := _unknown(moment)):
        return None
    *most, last = unknown
    return f"{', '.join(most)} and {last}" if most else last
