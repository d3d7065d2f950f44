"""Mail between the owner and one person: threads, answers, the habits of a pair."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from tests.practice import words
from tests.practice.hours import ZONE, at_clock, before_the_rush
from tests.practice.letters import OWNER, OWNER_ALIAS, Letter, Mailbox, new_message_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from random import Random

    from tests.practice.people import Persona
    from tests.practice.stage import Stage

THEY, OWNER_SIDE = False, True
RECENT = 60  # days in which the owner leaves no thread without a last word, unless the script says so
PROMPT = 6.0  # working hours: the longest that the owner takes then


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How a pair writes when nothing is the matter."""

    every: float  # days from the start of one thread to that of the next
    they_start: float = 0.5  # share of threads
    turns: tuple[int, int] = (2, 5)  # messages in a thread
    theirs: float = 3.0  # median working hours until they answer
    ours: float = 2.5
    spread: float = 0.6  # sigma of the log-normal


@dataclass(slots=True)
class Thread:
    """A thread as it stands."""

    subject: str
    ids: list[str] = field(default_factory=list)
    last: Letter | None = None


class Pair:
    """The owner and one person."""

    def __init__(self, stage: Stage, who: Persona, *, scene: str = "", tidy: int = RECENT) -> None:
        self.stage = stage
        self.who = who
        self.tidy = timedelta(days=tidy)  # so long before the end the owner answers everything, and promptly
        self.rng: Random = stage.rng(who.address + scene)
        self.cc: tuple[Mailbox, ...] = tuple(colleague.mailbox for colleague in who.in_copy)
        self.subjects: Iterator[str] = words.subjects(self.rng)
        self._theirs = stage.working_time(owner=False)
        self._ours = stage.working_time(owner=True)

    def keep_up(self, habit: Habit, since: float, until: float, *, stop: bool = False) -> None:
        """Begin threads by habit from ``since`` to ``until`` days before the end; the last word is ours.

        With ``stop``, nothing is written after ``until``, not even the rest of a thread.
        """
        starts = list(self._starts(habit, since, until))
        limit = self._midnight(until) if stop else None
        for number, day in enumerate(starts, 1):
            first = THEY if self.rng.random() < habit.they_start else OWNER_SIDE
            turns = self.rng.randint(*habit.turns)
            recent = self.stage.end - day < self.tidy
            last_is_ours = (first == OWNER_SIDE) == (turns % 2 == 1)
            if not last_is_ours and (recent or number == len(starts) or self.rng.random() < 0.65):
                turns += 1
            self.talk(self.random_moment(day, first), first, turns, habit, limit)

    def talk(self, at: datetime, first: bool, turns: int, habit: Habit, limit: datetime | None = None) -> Thread:
        """Write a thread of ``turns`` messages by turns; nothing is written at or after ``limit``."""
        thread = self.thread()
        side, address = first, self.their_mailbox()
        for _ in range(turns):
            if limit is not None and at >= limit:
                break
            self.write(thread, side, at, theirs=address)
            side = not side
            at = self.reply_time(side, at, habit)
        return thread

    def thread(self) -> Thread:
        """Open a thread on something new."""
        return Thread(next(self.subjects))

    def write(self, thread: Thread, side: bool, at: datetime, *, theirs: Mailbox | None = None) -> None:
        """Add one message to a thread."""
        theirs = theirs or self.who.mailbox
        ours = OWNER if side == OWNER_SIDE or not self.who.alias else Mailbox(OWNER.name, OWNER_ALIAS)
        author, to = (ours, theirs) if side == OWNER_SIDE else (theirs, ours)
        self.post(thread, author, (to,), at, cc=self.cc)

    def post(
        self,
        thread: Thread,
        author: Mailbox,
        to: tuple[Mailbox, ...],
        at: datetime,
        cc: tuple[Mailbox, ...] = (),
    ) -> None:
        """Add one message by anybody to anybody to a thread."""
        text = words.text(self.rng, to=to[0].name, sender=author.name, answer=bool(thread.ids))
        if thread.last is not None:
            when = f"{thread.last.at.astimezone(ZONE):%d %b %Y at %H:%M}"
            text += words.quoted(thread.last.text, thread.last.author.name, when)
        software = "" if author == OWNER else self.who.software
        letter = Letter(
            author=author,
            to=to,
            cc=cc,
            at=at,
            subject=f"Re: {thread.subject}" if thread.ids else thread.subject,
            message_id=new_message_id(self.rng, author, software),
            references=tuple(thread.ids),
            text=text,
            html=self.rng.random() < 0.3,
            attachment=self.rng.randint(2_000, 20_000) if self.rng.random() < 0.03 else 0,
        )
        if self.stage.post(letter):
            thread.ids.append(letter.message_id)
            thread.last = letter

    def reply_time(self, side: bool, at: datetime, habit: Habit) -> datetime:
        """Give when ``side`` answers what was written at ``at``."""
        median = habit.ours if side == OWNER_SIDE else habit.theirs
        hours = self.rng.lognormvariate(math.log(median), habit.spread)
        recent = self.stage.now - at < self.tidy
        if side == OWNER_SIDE and recent:
            hours = min(hours, PROMPT)
        working = self._ours if side == OWNER_SIDE else self._theirs
        return working.after(at, hours)

    def random_moment(self, day: date, side: bool) -> datetime:
        """Give a moment of a working day of ``side``: ``day``, or the last one before it."""
        working = self._ours if side == OWNER_SIDE else self._theirs
        clock = time(self.rng.randint(9, 16), self.rng.randint(0, 59), self.rng.randint(0, 59))
        return at_clock(working.on_or_before(day), clock)

    def their_mailbox(self) -> Mailbox:
        """Give one of their mailboxes: the second one now and then, if there is one."""
        if self.who.second_address and self.rng.random() < 0.3:
            return replace(self.who.mailbox, address=self.who.second_address)
        return self.who.mailbox

    def _starts(self, habit: Habit, since: float, until: float) -> Iterator[date]:
        """Give the days on which threads begin, oldest first; counted back, so that none is overdue."""
        before, found = until + self.rng.uniform(0.3, 0.6) * habit.every, []
        while before < since:
            day = self._theirs.on_or_before(self.stage.day(before))
            found.append(before_the_rush(day))
            before += habit.every * self.rng.uniform(0.75, 1.25)
        return reversed(found)

    def _midnight(self, before: float) -> datetime:
        return at_clock(self.stage.day(before), time())
