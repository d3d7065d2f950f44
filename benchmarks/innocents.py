"""Those with whom nothing is the matter, beside the healthy ones of the practice: whoever calls them cold is wrong."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from benchmarks.truths import Said, Truth, disputed, lively
from tests.practice.conversation import OWNER_SIDE, THEY, Habit, Pair
from tests.practice.encounters import Encounters
from tests.practice.letters import OWNER, Letter, Mailbox, new_message_id

BUSY_QUARTER = (2, 5)  # months: February to April
AUGUST = 8
PROJECT = (480, 260)  # days before the end
LEAVES = (560, 330, 120)


def seasonal(pair: Pair) -> list[Truth | Said]:
    """Write each week from February to April, every year, and hardly at any other time.

    After the first of these seasons nobody could know that it will come again.
    """
    truths: list[Truth | Said] = []
    for year in (pair.stage.end.year - 1, pair.stage.end.year):
        first, last = (_before(pair, date(year, month, 1)) for month in BUSY_QUARTER)
        pair.keep_up(lively(pair), first, last)
        if not truths:
            told = "gone_quiet you_went_quiet"
            truths += disputed(told, last + 20, first - 365)
            truths += disputed("rekindled warming", first - 365, last - 365)
    return truths


def away_in_august(pair: Pair) -> list[Truth | Said]:
    """Write each week, but for each August; the owner knows that, and is silent, too.

    Nothing in the mail tells of it: that a ping is due may be argued about, that they have gone quiet is wrong.
    """
    habit, truths = lively(pair), list[Truth | Said]()
    begin = float(pair.stage.days)
    for year in (pair.stage.end.year - 1, pair.stage.end.year):
        away, back = _before(pair, date(year, AUGUST, 1)), _before(pair, date(year, AUGUST, 29))
        pair.keep_up(habit, begin, away, stop=True)
        truths += disputed("you_went_quiet", away, back)
        begin = back
    pair.keep_up(habit, begin, 0)
    return truths


def on_long_leaves(pair: Pair) -> list[Truth | Said]:
    """Write each week, but for three weeks of leave, three times, in which a machine answers the owner."""
    begin, habit = float(pair.stage.days), lively(pair)
    for first in LEAVES:
        pair.keep_up(habit, begin, first, stop=True)
        for later in (2, 9, 15):
            thread, at = pair.thread(), pair.stage.at(first - later, time(10, pair.rng.randint(0, 59)))
            pair.write(thread, OWNER_SIDE, at)
            _answer_by_machine(pair, thread.subject, tuple(thread.ids), at, pair.stage.day(first - 21))
        begin = first - 22
    pair.keep_up(habit, begin, 0)
    return []


def ended_well(pair: Pair) -> list[Truth | Said]:
    """Be a project of seven months that ended with thanks.

    That the mail stops is plain, and mail alone does not say that it should: a silence may be argued about.
    """
    begun, ended = PROJECT
    pair.keep_up(lively(pair), begun, ended)
    Encounters(pair).catch_ups(21, begun, ended + 8)
    thread = pair.thread()
    thread.subject = "Thank you, and all the best"
    at = pair.stage.at(ended - 4, time(15, 5))
    pair.write(thread, THEY, at)
    pair.write(thread, OWNER_SIDE, at + timedelta(hours=1))
    return [*disputed("gone_quiet you_went_quiet", ended - 10, 0)]


def has_an_assistant(pair: Pair) -> list[Truth | Said]:
    """Write to the owner, while an assistant invites the two, and moves one in four for either of them."""
    pair.keep_up(Habit(every=16, turns=(2, 4)), pair.stage.days, 0)
    assistant = Mailbox("Alex Vorzimmer", f"alex.vorzimmer@{pair.who.mailbox.domain}")
    meetings, day = Encounters(pair), float(pair.stage.days) - 20
    while day > 0:
        asked = pair.stage.at(day + 12, time(9, pair.rng.randint(0, 59)))
        meeting = meetings.secretary.invite(
            asked, pair.stage.at(day, time(11)), organizer=assistant, others=(pair.who.mailbox, OWNER), summary="Review"
        )
        for guest in (pair.who.mailbox, OWNER):
            meetings.accept(meeting, guest, asked)
        if pair.rng.random() < 0.25:
            at = meetings.shortly_before(meeting, time(11, 15))
            meetings.secretary.move(meeting, meeting.start + timedelta(days=7), at)
            for guest in (pair.who.mailbox, OWNER):
                meetings.accept(meeting, guest, at)
        day -= pair.rng.uniform(26, 34)
    return []


def in_a_group_thread(pair: Pair) -> list[Truth | Said]:
    """Be one of four who write to each other and to the owner, now the one and now the other, every week."""
    names = ("Robin Rund", "Toni Tisch", "Kim Kreis")
    others = tuple(Mailbox(name, f"{name.lower().replace(' ', '.')}@{pair.who.mailbox.domain}") for name in names)
    everybody = (pair.who.mailbox, *others, OWNER)
    day = float(pair.stage.days)
    while day > 0:
        thread, at = pair.thread(), pair.random_moment(pair.stage.day(day), THEY)
        for _ in range(pair.rng.randint(3, 6)):
            author = pair.rng.choice([one for one in everybody if thread.last is None or one != thread.last.author])
            rest = tuple(one for one in everybody if one != author)
            pair.post(thread, author, rest[:1], at, cc=rest[1:])
            at += timedelta(hours=pair.rng.uniform(0.5, 4))
        day -= pair.rng.uniform(6, 9)
    return []


def _before(pair: Pair, day: date) -> float:
    return float((pair.stage.end - day).days)


def _answer_by_machine(pair: Pair, subject: str, references: tuple[str, ...], at: datetime, back: date) -> None:
    pair.stage.post(
        Letter(
            author=pair.who.mailbox,
            to=(OWNER,),
            at=at + timedelta(seconds=5),
            subject=f"Automatic reply: {subject}",
            message_id=new_message_id(pair.rng, pair.who.mailbox, pair.who.software),
            references=references,
            text=f"I am out of the office until {back:%d %B %Y}.\n",
            extra=(("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")),
        )
    )
