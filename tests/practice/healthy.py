"""Scripts of those with whom nothing is the matter: whoever calls them cold is wrong."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING

from tests.practice import words
from tests.practice.conversation import OWNER_SIDE, THEY, Habit
from tests.practice.encounters import Encounters
from tests.practice.hours import at_clock
from tests.practice.letters import OWNER, Letter, new_message_id

if TYPE_CHECKING:
    from datetime import datetime

    from tests.practice.conversation import Pair

WEEKLY = Habit(every=7, turns=(2, 4))
FORTNIGHTLY = Habit(every=15, turns=(2, 4))
MONTHLY = Habit(every=28, turns=(2, 5))
QUARTERLY = Habit(every=85, turns=(2, 4), theirs=12, ours=10)
LEAVE = (44, 24)  # days before the end, first and last
LEAVE_SUBJECT = "Automatic reply: "
HOLIDAY_TEXT = "Thank you for your mail. I am on leave and will read it when I am back.\n"


def weekly(pair: Pair) -> None:
    """Mail each week, a meeting every month or so."""
    pair.keep_up(WEEKLY, pair.stage.days, 0)
    Encounters(pair).catch_ups(40, pair.stage.days, -12)


def weekly_with_series(pair: Pair) -> None:
    """Mail each week and a weekly call, in which nothing was disturbed for long; invoices each month."""
    pair.keep_up(WEEKLY, pair.stage.days, 0)
    Encounters(pair).weekly_call(pair.rng.uniform(300, 380), pair.rng.randrange(5))
    invoices(pair)


def fortnightly(pair: Pair) -> None:
    """Mail every second week."""
    pair.keep_up(FORTNIGHTLY, pair.stage.days, 0)


def fortnightly_with_meetings(pair: Pair) -> None:
    """Mail every second week, and meetings."""
    fortnightly(pair)
    Encounters(pair).catch_ups(30, pair.stage.days, -14)


def monthly(pair: Pair) -> None:
    """Mail once a month, and that is how it should be."""
    pair.keep_up(MONTHLY, pair.stage.days, 0)


def monthly_with_meeting(pair: Pair) -> None:
    """Mail and a meeting each month, an invoice after it."""
    monthly(pair)
    Encounters(pair).catch_ups(30, pair.stage.days, -20, minutes=90)
    invoices(pair)


def quarterly(pair: Pair) -> None:
    """Be a friend from whom one hears four times a year."""
    pair.keep_up(QUARTERLY, pair.stage.days, 0)


def mother(pair: Pair) -> None:
    """Get a line from the owner each Sunday, and answer every second one."""
    first = pair.rng.randint(1, 7)
    for number, before in enumerate(range(first, pair.stage.days, 7)):
        sunday = pair.stage.day(before)
        sunday -= timedelta(days=(sunday.weekday() + 1) % 7)
        at = at_clock(sunday, time(17, pair.rng.randint(0, 59)))
        thread = pair.thread()
        pair.write(thread, OWNER_SIDE, at)
        if number % 2:
            pair.write(thread, THEY, at + timedelta(minutes=pair.rng.randint(30, 170)))


def on_leave(pair: Pair) -> None:
    """Write each week, but for three weeks of leave, in which a machine answers."""
    first, last = LEAVE
    pair.keep_up(WEEKLY, pair.stage.days, first + 1, stop=True)
    for before in (first - 5, first - 13):
        thread = pair.thread()
        at = pair.stage.at(before, time(10, 40))
        pair.write(thread, OWNER_SIDE, at)
        _answer_by_machine(pair, thread.subject, thread.ids, at + timedelta(seconds=4))
    pair.keep_up(WEEKLY, last, 0)


def ended_well(pair: Pair) -> None:
    """Be a project of half a year that ended with thanks, long ago; the owner answered them."""
    pair.keep_up(WEEKLY, 330, 152)
    Encounters(pair).catch_ups(21, 330, 160)
    thread = pair.thread()
    thread.subject = "Thank you, and all the best"
    at = pair.stage.at(140, time(15, 5))
    pair.write(thread, THEY, at)
    pair.write(thread, OWNER_SIDE, at + timedelta(hours=1))


def in_copy(pair: Pair) -> None:
    """Say nothing: a colleague in Cc of another's mails."""


def writes_a_newsletter(pair: Pair) -> None:
    """Write a letter to many every Friday, under their own name, through a mailing list."""
    for before in range(1, pair.stage.days):
        day = pair.stage.day(before)
        if day.weekday() == 4:
            _newsletter(pair, at_clock(day, time(7, 0)), number=day.isocalendar().week)


def _newsletter(pair: Pair, at: datetime, number: int) -> None:
    domain = pair.who.mailbox.domain
    pair.stage.post(
        Letter(
            author=pair.who.mailbox,
            to=(OWNER,),
            at=at,
            subject=f"Letter {number}: {next(pair.subjects)}",
            message_id=new_message_id(pair.rng, pair.who.mailbox, ""),
            text=words.text(pair.rng, to="you", sender=pair.who.name, answer=False) * 3,
            html=True,
            extra=(
                ("List-Id", f"Letters by {pair.who.name} <letters.{domain}>"),
                ("List-Unsubscribe", f"<https://{domain}/leave?u=4711>"),
                ("Precedence", "bulk"),
            ),
        )
    )


def _answer_by_machine(pair: Pair, subject: str, references: list[str], at: datetime) -> None:
    pair.stage.post(
        Letter(
            author=pair.who.mailbox,
            to=(OWNER,),
            at=at,
            subject=LEAVE_SUBJECT + subject,
            message_id=new_message_id(pair.rng, pair.who.mailbox, pair.who.software),
            references=tuple(references),
            text=HOLIDAY_TEXT,
            extra=(("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")),
        )
    )


def invoices(pair: Pair) -> None:
    """Send an invoice on the first working day of each month."""
    stage = pair.stage
    for months in range(14):
        year, month = divmod(stage.end.year * 12 + stage.end.month - 1 - months, 12)
        day = stage.working_time(owner=True).on_or_after(date(year, month + 1, 1))
        number = 10 * (month + 1) + pair.rng.randrange(10)
        stage.post(
            Letter(
                author=OWNER,
                to=(pair.who.mailbox,),
                at=at_clock(day, time(17, 30)),
                subject=f"Invoice {year}-{number:03d}",
                message_id=new_message_id(pair.rng, OWNER, ""),
                text="Please find our invoice attached.\n\nKind regards,\nSam\n",
                attachment=30_000,
            )
        )
