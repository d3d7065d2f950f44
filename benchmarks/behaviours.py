"""Behaviours: what people do to each other in the simulated practice, and what a reader of their mail would call it.

Each is played on a ``Pair`` and says what is true from when to when (``Truth``), in the script's own terms: it knows no
rule's conditions or thresholds, only what people do. ``onset`` is when it begins, in days before the end. What a script
leaves open, because people could argue about it, is disputed: it counts neither for nor against a rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import time, timedelta

from tests.practice import healthy
from tests.practice.conversation import OWNER_SIDE, THEY, Habit, Pair, Thread
from tests.practice.encounters import Encounters
from tests.practice.letters import OWNER, Letter, Mailbox, new_message_id
from tests.practice.meetings import DECLINED


@dataclass(frozen=True, slots=True)
class Truth:
    """From ``since`` to ``until`` days before the end a signal of this rule is right; unless disputed, it is due."""

    rule: str
    since: float
    until: float
    disputed: bool = False


Behaviour = Callable[[Pair, float], list[Truth]]

PROMISES = (
    "I will send you the draft by Friday.",
    "You will have the figures by the end of the week.",
    "Ich schicke Ihnen den Entwurf bis Freitag.",
    "I'll get back to you with the offer by next Monday.",
)

# What goes with a silence, whoever began it: people may argue which of the two it was.
SILENCE = ("gone_quiet", "one_sided", "slow_fade", "you_went_quiet", "you_owe_reply", "shrinking", "service_slipped")


def disputed(rules: str | tuple[str, ...], since: float, until: float) -> list[Truth]:
    """Give what may be argued about."""
    names = rules.split() if isinstance(rules, str) else rules
    return [Truth(rule, since, until, disputed=True) for rule in names]


def lively(pair: Pair) -> Habit:
    """Give the habit of two who write every week or so."""
    return Habit(every=pair.rng.uniform(6, 9), turns=(2, 4))


def steady(pair: Pair) -> Habit:
    """Give the habit of two who write every second week or so."""
    return Habit(every=pair.rng.uniform(12, 17), turns=(2, 4))


def goes_quiet(pair: Pair, onset: float) -> list[Truth]:
    """Write for long, then not at all; the owner reminds them now and then."""
    pair.keep_up(lively(pair), pair.stage.days, onset, stop=True)
    _chase(pair, onset, (0.1, 0.22, 0.4), 120)
    return [Truth("gone_quiet", onset, onset - 75), *disputed(SILENCE, onset + 14, 0)]


def comes_back(pair: Pair, onset: float) -> list[Truth]:
    """Be silent for four months, and write again as before."""
    back = onset - pair.rng.uniform(110, 140)
    pair.keep_up(lively(pair), pair.stage.days, onset, stop=True)
    _chase(pair, onset, (0.2, 0.5), 100)
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


def fades(pair: Pair, onset: float) -> list[Truth]:
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


def leaves_it_to_the_owner(pair: Pair, onset: float) -> list[Truth]:
    """Leave the owner's messages unanswered for six weeks, then go on as before."""
    pair.keep_up(lively(pair), pair.stage.days, onset, stop=True)
    _chase(pair, onset, (0.1, 0.28, 0.5, 0.7, 0.9), 45)
    pair.keep_up(lively(pair), onset - 46, 0)
    return [
        Truth("one_sided", onset - 5, onset - 46),
        *disputed((*SILENCE, "rekindled", "warming"), onset + 3, onset - 120),
    ]


def moves_again_and_again(pair: Pair, onset: float) -> list[Truth]:
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


def asks_for_later(pair: Pair, onset: float) -> list[Truth]:
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


def cancels_late(pair: Pair, onset: float) -> list[Truth]:
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


def leaves_an_invitation(pair: Pair, onset: float) -> list[Truth]:
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


def apologises_for_a_meeting(pair: Pair, onset: float) -> list[Truth]:
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


def meets_less(pair: Pair, onset: float) -> list[Truth]:
    """Meet for an hour every second week; then for half an hour, and ever more rarely."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    meetings = Encounters(pair)
    _meet(meetings, 14, pair.stage.days, onset, 60)
    _meet(meetings, 30, onset, 0, 25)
    return [Truth("shrinking", onset, onset - 150), *disputed("all_business", onset, 0)]


def hands_down(pair: Pair, onset: float) -> list[Truth]:
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


def warms(pair: Pair, onset: float) -> list[Truth]:
    """Be polite for long; then start threads, answer at once, and invite."""
    pair.keep_up(Habit(every=17, they_start=0.15, turns=(2, 3), theirs=14), pair.stage.days, onset)
    pair.keep_up(Habit(every=4.5, they_start=0.8, turns=(3, 5), theirs=1.2), onset, max(0, onset - 70))
    if onset > 70:
        pair.keep_up(Habit(every=6, they_start=0.6, turns=(2, 4), theirs=2), onset - 70, 0)
    meetings = Encounters(pair)
    for before in (onset - 15, onset - 32):
        meetings.arrange(before, before + 12, theirs=True)
    return [Truth("warming", onset, onset - 70), *disputed("warming gone_quiet", onset - 70, onset - 160)]


def introduces_somebody(pair: Pair, onset: float) -> list[Truth]:
    """Write to the owner and a friend of another firm at once; the two go on by themselves."""
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
    return [Truth("referral", onset + 1, onset - 20)]


def waits_for_the_owner(pair: Pair, onset: float) -> list[Truth]:
    """Ask something and get an answer after three weeks, from an owner who used to answer within hours."""
    pair.keep_up(steady(pair), pair.stage.days, onset + 4)
    thread, at = pair.thread(), pair.stage.at(onset, time(10, 20))
    pair.write(thread, THEY, at)
    pair.write(thread, OWNER_SIDE, pair.stage.at(onset - 21, time(11)))
    pair.keep_up(steady(pair), onset - 24, 0)
    return [
        Truth("you_owe_reply", onset, onset - 21),
        *disputed("you_went_quiet service_slipped gone_quiet favouritism", onset, onset - 120),
    ]


def was_forgotten(pair: Pair, onset: float) -> list[Truth]:
    """Hear from the owner each month and answer; then the owner forgets for four months."""
    monthly = Habit(every=30, they_start=0.1, turns=(2, 3))
    pair.keep_up(monthly, pair.stage.days, onset)
    thread = pair.thread()
    pair.write(thread, OWNER_SIDE, pair.stage.at(onset - 120, time(11, 5)))
    pair.write(thread, THEY, pair.stage.at(onset - 121, time(16, 15)))
    pair.keep_up(monthly, onset - 130, 0)
    return [Truth("you_went_quiet", onset - 20, onset - 120), *disputed(SILENCE, onset, onset - 200)]


def is_put_off_by_the_owner(pair: Pair, onset: float) -> list[Truth]:
    """Be moved by the owner once and cancelled on once, without having asked for either."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    meetings = Encounters(pair)
    meetings.catch_ups(45, pair.stage.days, onset + 20)
    moved = meetings.arrange(onset, onset + 12, theirs=False, clock=time(14))
    at = meetings.shortly_before(moved, time(16, 10))
    meetings.secretary.move(moved, pair.stage.at(onset - 14, time(14)), at)
    meetings.accept(moved, pair.who.mailbox, at)
    cancelled = meetings.arrange(onset - 28, onset - 18, theirs=False, clock=time(11))
    meetings.secretary.cancel(cancelled, meetings.shortly_before(cancelled, time(17, 20)))
    meetings.catch_ups(45, onset - 50, 0)
    return [
        Truth("you_moved_it", onset + 2, onset - 40),
        *disputed("service_slipped shrinking all_business", onset, onset - 150),
    ]


def is_served_worse(pair: Pair, onset: float) -> list[Truth]:
    """Be answered within two hours for long; then within two or three days."""
    pair.tidy = timedelta(0)  # the owner is not prompt any more
    habit = Habit(every=7, they_start=0.9, turns=(2, 2), ours=2, spread=0.4)
    pair.keep_up(habit, pair.stage.days, onset)
    pair.keep_up(replace(habit, ours=22), onset, 0)
    return [Truth("service_slipped", onset, onset - 120), *disputed("you_owe_reply favouritism", onset, 0)]


def gets_invoices_only(pair: Pair, onset: float) -> list[Truth]:
    """Get mail from the owner for long; then invoices and nothing else, for half a year."""
    pair.keep_up(steady(pair), pair.stage.days, onset, stop=True)
    for month in range(6):
        _invoice(pair, onset - 10 - 30 * month, month)
    return [Truth("invoice_only", onset - 30, onset - 175), *disputed(SILENCE, onset + 14, 0)]


def loses_the_lunches(pair: Pair, onset: float) -> list[Truth]:
    """Have lunch or coffee every month; then only business is left."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    meetings, day = Encounters(pair), float(pair.stage.days) - 10
    while day > 0:
        title = pair.rng.choice(("Lunch", "Coffee", "Lunch together")) if day > onset else "Project meeting"
        meetings.arrange(day, day + 8, theirs=pair.rng.random() < 0.5, summary=title)
        day -= pair.rng.uniform(24, 34)
    return [Truth("all_business", onset - 30, onset - 170)]


def meets_a_slow_owner(pair: Pair, onset: float) -> list[Truth]:
    """Be new, ask first, and be answered after four days, again and again."""
    day = onset
    for _ in range(4):
        thread, at = pair.thread(), pair.stage.at(day, time(9, 40))
        pair.write(thread, THEY, at)
        pair.write(thread, OWNER_SIDE, pair.stage.at(day - pair.rng.uniform(5, 7), time(16)))
        day -= 12
    return [
        Truth("bad_first_impression", onset, onset - 45),
        *disputed("you_owe_reply you_went_quiet gone_quiet", onset, 0),
    ]


def is_promised_something(pair: Pair, onset: float) -> list[Truth]:
    """Be promised a draft within the week, and hear nothing of the owner's for a month."""
    pair.keep_up(steady(pair), pair.stage.days, onset + 3, stop=True)
    _promise(pair, onset)
    pair.keep_up(steady(pair), onset - 30, 0)
    return [Truth("broken_promise", onset, onset - 30), *disputed(SILENCE, onset, onset - 90)]


def gets_what_was_promised(pair: Pair, onset: float) -> list[Truth]:
    """Be promised a draft within the week, and get it."""
    pair.keep_up(steady(pair), pair.stage.days, onset + 3)
    thread = _promise(pair, onset)
    pair.write(thread, OWNER_SIDE, pair.stage.at(onset - 2, time(15)))
    pair.keep_up(steady(pair), onset - 4, 0)
    return []


def waits_longer_than_the_big_ones(pair: Pair, _onset: float) -> list[Truth]:
    """Be a small client, and wait a day and more for each answer, while others wait for two hours."""
    pair.tidy = timedelta(0)
    pair.keep_up(Habit(every=17, they_start=0.95, turns=(2, 2), ours=15, spread=0.4), pair.stage.days, 0)
    return [
        Truth("favouritism", pair.stage.days - 100, 0),
        *disputed("you_owe_reply bad_first_impression", pair.stage.days, 0),
    ]


def cools_with_colleagues(pair: Pair, onset: float) -> list[Truth]:
    """Go quiet within some days of two colleagues, who do the same."""
    begun = onset - pair.rng.uniform(0, 18)
    return [Truth("going_cold_account", onset, onset - 80), *goes_quiet(pair, begun)]


HEALTHY: dict[str, Callable[[Pair], None]] = {
    "weekly": healthy.weekly,
    "fortnightly": healthy.fortnightly,
    "fortnightly with meetings": healthy.fortnightly_with_meetings,
    "monthly": healthy.monthly,
    "monthly with a meeting": healthy.monthly_with_meeting,
    "four times a year": healthy.quarterly,
    "a mother": healthy.mother,
    "three weeks of leave": healthy.on_leave,
    "a writer of newsletters": healthy.writes_a_newsletter,
}

TROUBLED: dict[str, Behaviour] = {
    "goes quiet": goes_quiet,
    "comes back": comes_back,
    "fades": fades,
    "leaves it to the owner": leaves_it_to_the_owner,
    "moves again and again": moves_again_and_again,
    "asks for later": asks_for_later,
    "cancels late": cancels_late,
    "leaves an invitation": leaves_an_invitation,
    "apologises for a meeting": apologises_for_a_meeting,
    "meets less": meets_less,
    "hands down": hands_down,
    "warms": warms,
    "introduces somebody": introduces_somebody,
    "waits for the owner": waits_for_the_owner,
    "was forgotten": was_forgotten,
    "is put off by the owner": is_put_off_by_the_owner,
    "is served worse": is_served_worse,
    "gets invoices only": gets_invoices_only,
    "loses the lunches": loses_the_lunches,
    "meets a slow owner": meets_a_slow_owner,
    "is promised something": is_promised_something,
    "gets what was promised": gets_what_was_promised,
    "waits longer than the big ones": waits_longer_than_the_big_ones,
}


def _chase(pair: Pair, onset: float, parts: tuple[float, ...], days: float) -> None:
    """Let the owner write without an answer, at these parts of the time after the onset."""
    thread = pair.thread()
    for part in parts:
        day = onset - part * days
        if day > 1:
            pair.write(thread, OWNER_SIDE, pair.random_moment(pair.stage.day(day), OWNER_SIDE))


def _meet(meetings: Encounters, every: float, since: float, until: float, minutes: int) -> None:
    day = since - every / 2
    while day > until:
        meetings.arrange(day, day + 9, theirs=meetings.rng.random() < 0.5, minutes=minutes)
        day -= every * meetings.rng.uniform(0.85, 1.15)


def _invoice(pair: Pair, before: float, number: int) -> None:
    pair.stage.post(
        Letter(
            author=OWNER,
            to=(pair.who.mailbox,),
            at=pair.stage.at(before, time(17, 30)),
            subject=f"Invoice 2026-{number + 1:03d}",
            message_id=new_message_id(pair.rng, OWNER, ""),
            text="Please find our invoice attached.\n\nKind regards,\nSam\n",
            attachment=30_000,
        )
    )


def _promise(pair: Pair, before: float) -> Thread:
    """Let the owner promise something, in a mail of their own."""
    thread = pair.thread()
    letter = Letter(
        author=OWNER,
        to=(pair.who.mailbox,),
        at=pair.stage.at(before, time(10, 40)),
        subject=thread.subject,
        message_id=new_message_id(pair.rng, OWNER, ""),
        text=f"Hi {pair.who.name.split()[0]},\n\n{pair.rng.choice(PROMISES)}\n\nBest,\nSam\n",
    )
    if pair.stage.post(letter):
        thread.ids.append(letter.message_id)
        thread.last = letter
    return thread
