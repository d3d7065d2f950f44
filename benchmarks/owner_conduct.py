"""What the owner does to them: lets them wait, puts them off, promises; and what a reader of the mail would call it."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

from benchmarks.truths import SILENCE, Said, Truth, disputed, steady
from tests.practice.conversation import OWNER_SIDE, THEY, Habit, Pair, Thread
from tests.practice.encounters import Encounters
from tests.practice.letters import OWNER, Letter, new_message_id

PROMISES = (
    "I will send you the draft by Friday.",
    "You will have the figures by the end of the week.",
    "Ich schicke Ihnen den Entwurf bis Freitag.",
    "I'll get back to you with the offer by next Monday.",
)


def waits_for_the_owner(pair: Pair, onset: float) -> list[Truth | Said]:
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


def asks_again(pair: Pair, onset: float) -> list[Truth | Said]:
    """Ask on within a thread, and get no answer for three weeks, from an owner who always answered such."""
    habit = Habit(every=pair.rng.uniform(11, 14), they_start=1.0, turns=(4, 4))
    pair.keep_up(habit, pair.stage.days, onset + 4)
    thread = pair.thread()
    pair.write(thread, THEY, pair.stage.at(onset + 1, time(9, 30)))
    pair.write(thread, OWNER_SIDE, pair.stage.at(onset + 1, time(11)))
    pair.write(thread, THEY, pair.stage.at(onset, time(10, 20)))
    pair.write(thread, OWNER_SIDE, pair.stage.at(onset - 21, time(11)))
    pair.keep_up(habit, onset - 24, 0)
    return [
        Truth("you_owe_reply", onset, onset - 21),
        *disputed("you_went_quiet service_slipped gone_quiet", onset, onset - 120),
    ]


def was_forgotten(pair: Pair, onset: float) -> list[Truth | Said]:
    """Hear from the owner each month and answer; then the owner forgets for four months."""
    monthly = Habit(every=30, they_start=0.1, turns=(2, 3))
    pair.keep_up(monthly, pair.stage.days, onset)
    thread = pair.thread()
    pair.write(thread, OWNER_SIDE, pair.stage.at(onset - 120, time(11, 5)))
    pair.write(thread, THEY, pair.stage.at(onset - 121, time(16, 15)))
    pair.keep_up(monthly, onset - 130, 0)
    return [Truth("you_went_quiet", onset - 20, onset - 120), *disputed(SILENCE, onset, onset - 200)]


def is_put_off_by_the_owner(pair: Pair, onset: float) -> list[Truth | Said]:
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


def is_served_worse(pair: Pair, onset: float) -> list[Truth | Said]:
    """Be answered within two hours for long; then within two or three days.

    Where the owner began and they answered, the owner lets it rest now and then: who owes whom may be argued about.
    """
    pair.tidy = timedelta(0)  # the owner is not prompt any more
    habit = Habit(every=7, they_start=0.9, turns=(2, 2), ours=2, spread=0.4)
    pair.keep_up(habit, pair.stage.days, onset)
    pair.keep_up(replace(habit, ours=22), onset, 0)
    return [
        Truth("service_slipped", onset, onset - 120),
        *disputed("service_slipped favouritism", onset, 0),
        *disputed("you_owe_reply", pair.stage.days, 0),
    ]


def gets_invoices_only(pair: Pair, onset: float) -> list[Truth | Said]:
    """Get mail from the owner for long; then invoices and nothing else, for half a year."""
    pair.keep_up(steady(pair), pair.stage.days, onset, stop=True)
    for month in range(6):
        _invoice(pair, onset - 10 - 30 * month, month)
    return [Truth("invoice_only", onset - 30, onset - 175), *disputed(SILENCE, onset + 14, 0)]


def loses_the_lunches(pair: Pair, onset: float) -> list[Truth | Said]:
    """Have lunch or coffee every month; then only business is left."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    meetings, day = Encounters(pair), float(pair.stage.days) - 10
    while day > 0:
        title = pair.rng.choice(("Lunch", "Coffee", "Lunch together")) if day > onset else "Project meeting"
        meetings.arrange(day, day + 8, theirs=pair.rng.random() < 0.5, summary=title)
        day -= pair.rng.uniform(24, 34)
    return [Truth("all_business", onset - 30, onset - 170)]


def meets_a_slow_owner(pair: Pair, onset: float) -> list[Truth | Said]:
    """Be new, ask first, and be answered after four days, again and again.

    That somebody is new is known only from shortly before the first reading on: so it begins late.
    """
    onset = min(onset, 170.0)
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


def is_promised_something(pair: Pair, onset: float) -> list[Truth | Said]:
    """Be promised a draft within the week, and hear nothing of the owner's for a month."""
    pair.keep_up(steady(pair), pair.stage.days, onset + 3, stop=True)
    _promise(pair, onset)
    pair.keep_up(steady(pair), onset - 30, 0)
    return [Truth("broken_promise", onset, onset - 30), *disputed(SILENCE, onset, onset - 90)]


def gets_what_was_promised(pair: Pair, onset: float) -> list[Truth | Said]:
    """Be promised a draft within the week, and get it."""
    pair.keep_up(steady(pair), pair.stage.days, onset + 3)
    thread = _promise(pair, onset)
    pair.write(thread, OWNER_SIDE, pair.stage.at(onset - 2, time(15)))
    pair.keep_up(steady(pair), onset - 4, 0)
    return []


def waits_longer_than_the_big_ones(pair: Pair, _onset: float) -> list[Truth | Said]:
    """Be a small client, and wait a day and more for each answer, while others wait for two hours."""
    pair.tidy = timedelta(0)
    pair.keep_up(Habit(every=17, they_start=0.95, turns=(2, 2), ours=15, spread=0.4), pair.stage.days, 0)
    return [
        Truth("favouritism", pair.stage.days - 60, 0),
        *disputed("you_owe_reply bad_first_impression", pair.stage.days, 0),
    ]


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
