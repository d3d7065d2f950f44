"""What only the owner's word tells: promises kept, who did not come, how somebody left a meeting, what to remember."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from benchmarks.truths import Said, Truth, disputed, steady
from tests.practice.conversation import OWNER_SIDE, THEY, Pair
from tests.practice.encounters import Encounters

if TYPE_CHECKING:
    from tests.practice.meetings import Meeting


def keeps_a_promise(pair: Pair, onset: float) -> list[Truth | Said]:
    """Promise figures within ten days, and send them on the sixth; or it is the owner who promises."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    theirs = pair.rng.random() < 0.5
    stage, who = pair.stage, pair.who.address
    due = stage.day(onset - 10).isoformat()
    written = Said(
        stage.at(onset, time(17)),
        ("promise", who, "the figures of the quarter", "--due", due, "--by", "them" if theirs else "owner"),
    )
    pair.write(pair.thread(), THEY if theirs else OWNER_SIDE, stage.at(onset - 6, time(10, 10)))
    kept = Said(stage.at(onset - 6, time(17, 30)), ("promise", "--kept"), ends=written)
    return [
        Truth("kept_promise", onset - 2, onset - 12),
        *disputed("broken_promise", onset - 10, onset - 40),
        written,
        kept,
    ]


def is_promised_in_vain(pair: Pair, onset: float) -> list[Truth | Said]:
    """Be promised something, as the owner writes down, which is never done."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    stage, due = pair.stage, onset - 8
    said = Said(
        stage.at(onset, time(17)),
        ("promise", pair.who.address, "an introduction to the chamber", "--due", stage.day(due).isoformat()),
    )
    return [Truth("broken_promise", due, due - 20), *disputed("broken_promise", due, 0), said]


def leaves_in_a_good_mood(pair: Pair, onset: float) -> list[Truth | Said]:
    """Meet, and leave very pleased, as the owner notes in the evening."""
    meeting = _meets(pair, onset)
    said = _reflects(pair, meeting, 5, "yes")
    return [Truth("good_meeting", onset, onset - 3), *disputed("good_meeting all_business", onset, 0), said]


def leaves_in_a_bad_mood(pair: Pair, onset: float) -> list[Truth | Said]:
    """Meet, and leave cross, as the owner notes in the evening."""
    meeting = _meets(pair, onset)
    said = _reflects(pair, meeting, pair.rng.randint(1, 2), "no")
    return [Truth("bad_meeting", onset, onset - 3), *disputed("bad_meeting all_business", onset, 0), said]


def does_not_come(pair: Pair, onset: float) -> list[Truth | Said]:
    """Accept, and not come; the owner says so in the evening."""
    meeting = _meets(pair, onset)
    said = Said(
        meeting.end + timedelta(hours=3),
        ("noshow", meeting.summary, "--who", pair.who.address),
    )
    return [Truth("stood_up", onset, onset - 5), *disputed("all_business shrinking stood_up", onset, 0), said]


def has_a_wedding(pair: Pair, onset: float) -> list[Truth | Said]:
    """Tell of a wedding in two months; the owner notes the day."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    wedding = onset - 60
    said = Said(
        pair.stage.at(onset, time(12)),
        ("note", pair.who.address, "the sister's wedding", "--on", pair.stage.day(wedding).isoformat()),
    )
    return [Truth("remember", wedding + 8, wedding - 1), said]


def tells_of_a_child(pair: Pair, onset: float) -> list[Truth | Said]:
    """Tell of a child that runs; the owner notes it, for the next time that they meet."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    meetings = Encounters(pair)
    meetings.catch_ups(45, pair.stage.days, onset + 20)
    meetings.arrange(onset - 30, onset - 15, theirs=False)
    said = Said(pair.stage.at(onset, time(12)), ("note", pair.who.address, "their daughter runs for the club"))
    return [Truth("remember", onset - 23, onset - 31), *disputed("all_business", onset, 0), said]


def _meets(pair: Pair, onset: float) -> Meeting:
    """Write and meet as ever, and meet on the day of the onset under a name of its own."""
    pair.keep_up(steady(pair), pair.stage.days, 0)
    meetings = Encounters(pair)
    meetings.catch_ups(50, pair.stage.days, onset + 20)
    meeting = meetings.arrange(
        onset, onset + 9, theirs=False, clock=time(14), summary=f"Sounding with {pair.who.address}"
    )
    meetings.catch_ups(50, onset - 25, 0)
    return meeting


def _reflects(pair: Pair, meeting: Meeting, mood: int, knew: str) -> Said:
    return Said(
        meeting.end + timedelta(hours=3),
        (
            "reflect", meeting.summary, "--who", pair.who.address,
            "--needs", knew, "--help-given", knew, "--mood", str(mood),
        ),
    )  # fmt: skip
