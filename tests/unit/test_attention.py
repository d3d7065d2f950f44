"""Attention: what the owner gives a contact, by month of the owner's calendar."""

from __future__ import annotations

from datetime import timedelta

from keepwarm.storage.histories import By
from keepwarm.storage.observations import MessageKind
from tests.unit.history_samples import Story, judged, on


def test_messages_meetings_and_waits_are_counted_by_month() -> None:
    story = Story()  # day 0 is the 8th of January
    story.you_write(1, 12.0, answers=story.they_write(1, 10.0))
    story.you_write(3, 10.0, answers=story.they_write(1, 15.0))
    story.you_write(4)
    story.meet(10, length=timedelta(minutes=90))
    story.meet(30)
    january, february = judged(story, 60).attention
    assert (january.month, january.messages, january.meeting_hours) == ("2024-01", 3, 1.5)
    assert january.reply_hours == (2.0, 13.0)
    assert (january.slowest, january.slowest_at) == ("m_00003", on(3))
    assert (january.heard_first, january.heard_last) == (on(1), on(10, 15.5))
    assert (february.month, february.messages, february.meeting_hours) == ("2024-02", 0, 1.0)


def test_crowds_robots_and_meetings_that_fell_through_are_no_attention() -> None:
    story = Story()
    story.you_write(1, recipients=11)
    story.you_write(2, kind=MessageKind.INVOICE)
    story.meet(5).cancelled(4, by=By.THEM)
    assert judged(story, 60).attention == ()


def test_time_away_is_no_wait() -> None:
    story = Story()
    story.away(By.OWNER, 2, 5)
    story.you_write(7, 10.0, answers=story.they_write(1, 17.0))
    (january,) = judged(story, 60).attention
    assert january.reply_hours == (2.0,)


def test_somebody_can_be_judged_from_the_eighth_message_on_if_both_have_written() -> None:
    story = Story()
    for day in range(1, 8):
        story.you_write(day)
    assert judged(story, 60).judged_since is None
    story.they_write(8)
    assert judged(story, 60).judged_since == on(8)
    one_way = Story()
    for day in range(1, 20):
        one_way.they_write(day)
    assert judged(one_way, 60).judged_since is None


def test_what_is_known_as_of_a_day_is_the_beginning_of_what_is_known_later() -> None:
    story = Story().talk(range(0, 200, 3))
    whole = judged(story, 300).attention
    for day in (10, 60, 130):
        part = judged(story, day).attention
        assert part[:-1] == whole[: len(part) - 1]
        assert part[-1].messages <= whole[len(part) - 1].messages
