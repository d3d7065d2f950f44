"""Signs that take long to show: shorter answers, a group instead of one, beginnings that stop, too much closeness."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

from benchmarks.truths import SILENCE, Said, Truth, chase, disputed, lively, of_length, slower, steady, write_text
from tests.practice.conversation import OWNER_SIDE, THEY, Habit, Pair
from tests.practice.encounters import Encounters
from tests.practice.hours import at_clock
from tests.practice.letters import OWNER, Mailbox


def writes_briefer(pair: Pair, onset: float) -> list[Truth | Said]:
    """Answer at length whatever the owner begins; from then on in a line."""
    _answer_at_length(pair, pair.stage.days, onset, (16, 40))
    _answer_at_length(pair, onset, 0, (1, 1))
    return [Truth("shrinking", onset, onset - 140), *disputed("shrinking", onset - 140, 0)]


def writes_fuller(pair: Pair, onset: float) -> list[Truth | Said]:
    """Answer in a line whatever the owner begins; from then on at length."""
    _answer_at_length(pair, pair.stage.days, onset, (1, 2))
    _answer_at_length(pair, onset, 0, (16, 40))
    return [Truth("warming", onset, onset - 140), *disputed("warming", onset - 140, 0)]


def answers_faster(pair: Pair, onset: float) -> list[Truth | Said]:
    """Answer after a working day or two; from then on within the hour."""
    habit = Habit(every=8, they_start=0.2, turns=(2, 3), theirs=14, spread=0.4)
    pair.keep_up(habit, pair.stage.days, onset)
    pair.keep_up(slower(habit, theirs=1.2), onset, 0)
    return [Truth("warming", onset, onset - 120), *disputed("warming", onset - 120, 0)]


def writes_to_a_group(pair: Pair, onset: float) -> list[Truth | Said]:
    """Write to the owner alone; from then on to two colleagues, too."""
    colleagues = _colleagues(pair)
    day = float(pair.stage.days)
    while day > 0:
        thread, at = pair.thread(), pair.random_moment(pair.stage.day(day), THEY)
        others = colleagues if day < onset else ()
        pair.post(thread, pair.who.mailbox, (OWNER, *others), at)
        pair.post(thread, OWNER, (pair.who.mailbox,), at + timedelta(hours=pair.rng.uniform(1, 3)), cc=others)
        day -= pair.rng.uniform(6, 9)
    return [Truth("shrinking", onset, onset - 110), *disputed("shrinking handed_down", onset, 0)]


def meets_in_a_group(pair: Pair, onset: float) -> list[Truth | Said]:
    """Call meetings of two; from then on with two colleagues."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    meetings, day = Encounters(pair), float(pair.stage.days) - 10
    while day > 0:
        others = _colleagues(pair) if day < onset else ()
        asked = pair.stage.at(day + 8, time(9, 30))
        meeting = meetings.secretary.invite(
            asked, pair.stage.at(day, time(14)), organizer=pair.who.mailbox, others=(OWNER, *others), summary="Review"
        )
        for guest in (OWNER, *others):
            meetings.accept(meeting, guest, asked)
        day -= pair.rng.uniform(19, 25)
    return [Truth("shrinking", onset, onset - 130), *disputed("shrinking all_business", onset, 0)]


def lets_the_owner_begin(pair: Pair, onset: float) -> list[Truth | Said]:
    """Begin most threads; from then on none, but answer as ever."""
    habit = Habit(every=4.5, they_start=0.65, turns=(2, 4))
    pair.keep_up(habit, pair.stage.days, onset)
    pair.keep_up(replace(habit, they_start=0.0), onset, 0)
    return [Truth("one_sided", onset, onset - 130), *disputed("one_sided shrinking", onset - 130, 0)]


def never_answers_again(pair: Pair, onset: float) -> list[Truth | Said]:
    """Write for long, then not at all; the owner goes on writing for seven months."""
    onset = max(onset, 300.0)  # so that there is time for all of them
    pair.keep_up(lively(pair), pair.stage.days, onset, stop=True)
    chase(pair, onset, tuple(0.05 + 0.1 * number for number in range(10)), 210)
    return [
        Truth("move_on", onset - 60, onset - 240),
        Truth("gone_quiet", onset, onset - 75),
        *disputed((*SILENCE, "move_on"), onset + 14, 0),
    ]


def is_too_close(pair: Pair, onset: float) -> list[Truth | Said]:
    """Be a client of many mails, and from then on a friend of evenings and weekends, too, nearly every day."""
    pair.keep_up(lively(pair), pair.stage.days, onset)
    pair.keep_up(Habit(every=3, turns=(3, 5), theirs=1, ours=1), onset, 0)
    day = onset
    while day > 0:
        date = pair.stage.day(day)
        if date.weekday() >= 5 and pair.rng.random() < 0.75:
            thread, at = pair.thread(), at_clock(date, time(19, pair.rng.randint(0, 59)))
            pair.write(thread, THEY, at)
            pair.write(thread, OWNER_SIDE, at + timedelta(minutes=25))
        day -= 1
    return [Truth("too_hot", onset - 60, 0), *disputed("warming too_hot", onset, 0)]


def is_let_down(pair: Pair, onset: float) -> list[Truth | Said]:
    """Meet each second week; from then on the owner cuts or calls off two of three on the day itself."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    meetings, day = Encounters(pair), float(pair.stage.days) - 10
    number = 0
    while day > max(onset - 130, 0):
        meeting = meetings.arrange(day, day + 8, theirs=False, clock=time(15))
        if day < onset and (number := number + 1) % 3:
            meetings.secretary.cancel(meeting, meeting.start - timedelta(hours=pair.rng.uniform(1, 5)))
        day -= pair.rng.uniform(12, 16)
    if day > 0:
        meetings.catch_ups(14, day, 0)
    return [
        Truth("service_slipped", onset, onset - 140),
        Truth("you_moved_it", onset, onset - 140),
        *disputed("service_slipped shrinking you_moved_it all_business", onset, onset - 250),
    ]


def _answer_at_length(pair: Pair, since: float, until: float, sentences: tuple[int, int]) -> None:
    """Let the owner begin each week, and them answer in so many sentences, quoting what they answer."""
    day = since - 3
    while day > until:
        thread, at = pair.thread(), pair.random_moment(pair.stage.day(day), OWNER_SIDE)
        pair.write(thread, OWNER_SIDE, at)
        answered = at + timedelta(minutes=pair.rng.randint(30, 300))
        text = of_length(pair, pair.rng.randint(*sentences))
        write_text(pair, thread, pair.who.mailbox, (OWNER,), answered, text)
        day -= pair.rng.uniform(6, 9)


def _colleagues(pair: Pair) -> tuple[Mailbox, ...]:
    domain = pair.who.mailbox.domain
    return Mailbox("Robin Vertret", f"robin.vertret@{domain}"), Mailbox("Toni Mit", f"toni.mit@{domain}")
