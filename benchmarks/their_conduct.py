"""What they do: how they cool, put the owner off, and warm; and what a reader of their mail would call it."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

from benchmarks.truths import SILENCE, Said, Truth, chase, disputed, lively, meet, steady
from tests.practice.conversation import OWNER_SIDE, THEY, Habit, Pair
from tests.practice.encounters import Encounters
from tests.practice.letters import OWNER, Mailbox
from tests.practice.meetings import DECLINED


def goes_quiet(pair: Pair, onset: float) -> list[Truth | Said]:
    """Write for long, then not at all; the owner reminds them now and then."""
    pair.keep_up(lively(pair), pair.stage.days, onset, stop=True)
    chase(pair, onset, (0.1, 0.22, 0.4), 120)
    return [Truth("gone_quiet", onset, onset - 75), *disputed(SILENCE, onset + 14, 0)]


def comes_back(pair: Pair, onset: float) -> list[Truth | Said]:
    """Be silent for four months, and write again as before."""
    back = onset - pair.rng.uniform(110, 140)
    pair.keep_up(lively(pair), pair.stage.days, onset, stop=True)
    chase(pair, onset, (0.2, 0.5), 100)
    thread = pair.thread()
    at = pair.random_moment(pair.stage.day(back), THEY)
    pair.write(thread, THEY, at)
    pair.write(thread, OWNER_SIDE, at + timedelta(hours=1))
    pair.keep_up(lively(pair), back - 3, 0)
    return [
        Truth("gone_quiet", onset, back),
        Truth("rekindled", back + 2, back - 30),
        *disputed(SILENCE, onset + 14, back - 90),
        *disputed("warming", back + 1, back - 120),
    ]


def fades(pair: Pair, onset: float) -> list[Truth | Said]:
    """Answer within hours; from then on more slowly each month, in the end within days."""
    habit = Habit(every=6, they_start=0.1, turns=(2, 4), theirs=2, spread=0.4)
    pair.keep_up(habit, pair.stage.days, onset)
    for step in range(6):
        since = onset - 28 * step
        pair.keep_up(replace(habit, theirs=3.2 * 1.6**step), since, max(0, since - 28))
    end = max(0.0, onset - 168)
    if end:
        pair.keep_up(replace(habit, theirs=25), end, 0)
    return [Truth("slow_fade", onset - 14, onset - 200), *disputed("one_sided gone_quiet shrinking", onset, 0)]


def leaves_it_to_the_owner(pair: Pair, onset: float) -> list[Truth | Said]:
    """Leave the owner's messages unanswered for six weeks, then go on as before."""
    pair.keep_up(lively(pair), pair.stage.days, onset, stop=True)
    chase(pair, onset, (0.1, 0.28, 0.5, 0.7, 0.9), 45)
    pair.keep_up(lively(pair), onset - 46, 0)
    return [
        Truth("one_sided", onset - 5, onset - 46),
        *disputed((*SILENCE, "rekindled", "warming"), onset + 3, onset - 120),
    ]


def moves_again_and_again(pair: Pair, onset: float) -> list[Truth | Said]:
    """Invite, and move the meeting three or four times, each time further away."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    meetings = Encounters(pair)
    meetings.catch_ups(50, pair.stage.days, onset + 20)
    day = onset
    meeting = meetings.arrange(day, day + 12, theirs=True, clock=time(14))
    for _ in range(pair.rng.randint(3, 4)):
        asked, day = day + 2, day - pair.rng.uniform(11, 17)
        at = pair.stage.at(asked, time(11, 40))
        meetings.secretary.move(meeting, pair.stage.at(day, time(14)), at)
        meetings.accept(meeting, OWNER, at)
    meetings.catch_ups(50, day - 20, 0)
    return [Truth("put_off", onset, day - 3), *disputed("shrinking cancelled all_business", onset, day - 90)]


def asks_for_later(pair: Pair, onset: float) -> list[Truth | Said]:
    """Be invited, and ask for another time again and again; the owner moves it each time."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    meetings = Encounters(pair)
    meetings.catch_ups(50, pair.stage.days, onset + 20)
    day = onset
    meeting = meetings.arrange(day, day + 12, theirs=False, clock=time(15))
    for _ in range(3):
        asked, day = day + 2, day - pair.rng.uniform(11, 17)
        at, wish = pair.stage.at(asked, time(10, 20)), pair.stage.at(day, time(15))
        meetings.secretary.propose(meeting, pair.who.mailbox, wish, at)
        meetings.secretary.move(meeting, wish, at + timedelta(hours=2))
        meetings.accept(meeting, pair.who.mailbox, at + timedelta(hours=2))
    meetings.catch_ups(50, day - 20, 0)
    return [Truth("put_off", onset, day - 3), *disputed("shrinking all_business", onset, day - 90)]


def cancels_late(pair: Pair, onset: float) -> list[Truth | Said]:
    """Cancel or decline some hours before, twice within a few weeks."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    meetings = Encounters(pair)
    meetings.catch_ups(50, pair.stage.days, onset + 20)
    for before in (onset, onset - pair.rng.uniform(12, 25)):
        theirs = pair.rng.random() < 0.5
        meeting = meetings.arrange(before, before + 9, theirs=theirs, clock=time(14, 30))
        at = meeting.start - timedelta(hours=pair.rng.uniform(2, 6))
        if theirs:
            meetings.secretary.cancel(meeting, at)
        else:
            meetings.secretary.answer(meeting, pair.who.mailbox, DECLINED, at)
            meetings.secretary.cancel(meeting, at + timedelta(minutes=50))
    meetings.catch_ups(50, onset - 50, 0)
    return [
        Truth("cancelled", onset + 1, onset - 40),
        *disputed("shrinking all_business cancelled", onset + 3, onset - 100),
    ]


def leaves_an_invitation(pair: Pair, onset: float) -> list[Truth | Said]:
    """Answer each invitation, but for one that is left until it has passed, while nothing else is heard."""
    pair.keep_up(steady(pair), pair.stage.days, onset + 13, stop=True)
    meetings = Encounters(pair)
    for before in range(int(onset) + 30, int(onset) + 200, 45):
        meetings.arrange(before, before + 12, theirs=False)
    at = pair.stage.at(onset + 9, time(9, pair.rng.randint(0, 59)))
    meetings.secretary.invite(
        at, pair.stage.at(onset, time(15)), organizer=OWNER, others=(meetings.them,), summary="Plans for next year"
    )
    pair.keep_up(steady(pair), onset - 12, 0)
    return [
        Truth("unanswered_invitation", onset, onset - 10),
        *disputed((*SILENCE, "all_business"), onset + 13, onset - 100),
    ]


def apologises_for_a_meeting(pair: Pair, onset: float) -> list[Truth | Said]:
    """Accept a meeting, not come, and be sorry by mail within the hour."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    meetings = Encounters(pair)
    meetings.catch_ups(50, pair.stage.days, onset + 20)
    meeting = meetings.arrange(onset, onset + 9, theirs=False, clock=time(14))
    thread = pair.thread()
    thread.subject = pair.rng.choice(("Sorry I missed our call", "Sorry for missing our meeting"))
    wrote = meeting.start + timedelta(minutes=pair.rng.randint(25, 55))
    pair.write(thread, THEY, wrote)
    pair.write(thread, OWNER_SIDE, wrote + timedelta(hours=1))
    meetings.catch_ups(50, onset - 40, 0)
    return [Truth("ask_no_show", onset + 1, onset - 3), *disputed("all_business shrinking", onset + 3, 0)]


def meets_less(pair: Pair, onset: float) -> list[Truth | Said]:
    """Meet for an hour every second week; then for half an hour, and ever more rarely."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    meetings = Encounters(pair)
    meet(meetings, 14, pair.stage.days, onset, 60)
    meet(meetings, 30, onset, 0, 25)
    return [Truth("shrinking", onset, onset - 150), *disputed("shrinking all_business", onset, 0)]


def hands_down(pair: Pair, onset: float) -> list[Truth | Said]:
    """Let a colleague answer, in Cc at first, then not at all."""
    pair.keep_up(lively(pair), pair.stage.days, onset, stop=True)
    colleague = Mailbox("Robin Vertret", f"robin.vertret@{pair.who.mailbox.domain}")
    day = onset
    while day > max(0.0, onset - 110):
        thread, at = pair.thread(), pair.random_moment(pair.stage.day(day), OWNER_SIDE)
        pair.write(thread, OWNER_SIDE, at)
        copied = (pair.who.mailbox,) if day > onset - 60 else ()
        answered = at + timedelta(hours=pair.rng.uniform(2, 7))
        pair.post(thread, colleague, (OWNER,), answered, cc=copied)
        pair.post(thread, OWNER, (colleague,), answered + timedelta(hours=1), cc=copied)
        day -= pair.rng.uniform(6, 9)
    return [Truth("handed_down", onset, onset - 75), *disputed(SILENCE, onset + 14, 0)]


def warms(pair: Pair, onset: float) -> list[Truth | Said]:
    """Be polite for long; then start threads, answer at once, and invite."""
    pair.keep_up(Habit(every=17, they_start=0.15, turns=(2, 3), theirs=14), pair.stage.days, onset)
    pair.keep_up(Habit(every=4.5, they_start=0.8, turns=(3, 5), theirs=1.2), onset, max(0, onset - 70))
    if onset > 70:
        pair.keep_up(Habit(every=6, they_start=0.6, turns=(2, 4), theirs=2), onset - 70, 0)
    meetings = Encounters(pair)
    for before in (onset - 15, onset - 32):
        meetings.arrange(before, before + 12, theirs=True)
    return [Truth("warming", onset, onset - 70), *disputed("warming gone_quiet", onset - 70, onset - 160)]


def introduces_somebody(pair: Pair, onset: float) -> list[Truth | Said]:
    """Write to the owner and a friend of another firm at once; the two go on by themselves.

    Nobody thanks for it: whether that is owed may be argued about.
    """
    pair.keep_up(steady(pair), pair.stage.days, 0)
    friend = Mailbox("Alex Neu", f"alex.neu@{pair.who.mailbox.domain.partition('.')[0]}-friends.example")
    thread, at = pair.thread(), pair.stage.at(onset, time(10, 15))
    thread.subject = "Introduction: Alex, Sam"
    pair.post(thread, pair.who.mailbox, (OWNER, friend), at)
    for _ in range(pair.rng.randint(2, 3)):
        at += timedelta(days=1)
        pair.post(thread, OWNER, (friend,), at)
        at += timedelta(hours=3)
        pair.post(thread, friend, (OWNER,), at)
    return [Truth("referral", onset + 1, onset - 20), *disputed("you_owe_reply", onset, onset - 40)]


def cools_with_colleagues(pair: Pair, onset: float) -> list[Truth | Said]:
    """Go quiet within some days of two colleagues, who do the same."""
    begun = onset - pair.rng.uniform(0, 18)
    return [Truth("going_cold_account", onset, onset - 80), *goes_quiet(pair, begun)]
