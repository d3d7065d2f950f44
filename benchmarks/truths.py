"""What a behaviour says of itself: what is true of a pair from when to when, and what the owner says of it.

All of it is in the script's own terms. It knows no rule's conditions or thresholds, only what people do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.practice import words
from tests.practice.conversation import OWNER_SIDE, Habit, Pair, Thread
from tests.practice.hours import ZONE
from tests.practice.letters import OWNER, Letter, new_message_id

if TYPE_CHECKING:
    from datetime import datetime

    from tests.practice.encounters import Encounters
    from tests.practice.letters import Mailbox


@dataclass(frozen=True, slots=True)
class Truth:
    """From ``since`` to ``until`` days before the end a signal of this rule is right; unless disputed, it is due."""

    rule: str
    since: float
    until: float
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A command that the owner gives at a time; with ``ends`` it names what an earlier one had written down."""

    at: datetime
    command: tuple[str, ...]
    ends: Said | None = None


Behaviour = Callable[[Pair, float], list[Truth | Said]]
"""Plays a pair; ``onset`` is when it begins, in days before the end, a working day of the owner's."""

# What goes with a silence, whoever began it: people may argue which of the two it was.
SILENCE = ("gone_quiet", "one_sided", "slow_fade", "you_went_quiet", "you_owe_reply", "shrinking", "service_slipped")


def disputed(rules: str | tuple[str, ...], since: float, until: float) -> list[Truth]:
    """Give what may be argued about: it counts neither for nor against a rule."""
    names = rules.split() if isinstance(rules, str) else rules
    return [Truth(rule, since, until, disputed=True) for rule in names]


def lively(pair: Pair) -> Habit:
    """Give the habit of two who write every week or so."""
    return Habit(every=pair.rng.uniform(6, 9), turns=(2, 4))


def steady(pair: Pair) -> Habit:
    """Give the habit of two who write every second week or so."""
    return Habit(every=pair.rng.uniform(12, 17), turns=(2, 4))


def chase(pair: Pair, onset: float, parts: tuple[float, ...], days: float) -> None:
    """Let the owner write without an answer, at these parts of the time after the onset."""
    thread = pair.thread()
    for part in parts:
        day = onset - part * days
        if day > 1:
            pair.write(thread, OWNER_SIDE, pair.random_moment(pair.stage.day(day), OWNER_SIDE))


def meet(meetings: Encounters, every: float, since: float, until: float, minutes: int) -> None:
    """Meet every so many days, whoever invites."""
    day = since - every / 2
    while day > until:
        meetings.arrange(day, day + 9, theirs=meetings.rng.random() < 0.5, minutes=minutes)
        day -= every * meetings.rng.uniform(0.85, 1.15)


def write_text(pair: Pair, thread: Thread, author: Mailbox, to: tuple[Mailbox, ...], at: datetime, text: str) -> None:
    """Add a mail with this text to a thread; what it answers is quoted below."""
    if thread.last is not None:
        when = f"{thread.last.at.astimezone(ZONE):%d %b %Y at %H:%M}"
        text += words.quoted(thread.last.text, thread.last.author.name, when)
    letter = Letter(
        author=author,
        to=to,
        at=at,
        subject=f"Re: {thread.subject}" if thread.ids else thread.subject,
        message_id=new_message_id(pair.rng, author, "" if author == OWNER else pair.who.software),
        references=tuple(thread.ids),
        text=text,
    )
    if pair.stage.post(letter):
        thread.ids.append(letter.message_id)
        thread.last = letter


def of_length(pair: Pair, sentences: int) -> str:
    """Give a mail of so many sentences."""
    told = " ".join(pair.rng.choice(words.SENTENCES) for _ in range(sentences))
    return f"Hi Sam,\n\n{told}\n\nBest,\n{pair.who.name.split()[0]}\n"


def slower(habit: Habit, *, theirs: float = 0.0, ours: float = 0.0) -> Habit:
    """Give a habit with other times to answer, where given."""
    return replace(habit, theirs=theirs or habit.theirs, ours=ours or habit.ours)
