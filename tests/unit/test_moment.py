"""What counts as a word from somebody, what waits for an answer, and what ends a silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.storage.histories import By
from keepwarm.storage.observations import MessageKind
from tests.unit.history_samples import DAY, Story, engine, on

if TYPE_CHECKING:
    from keepwarm.rules.moment import Moment

ENGINE = engine()


def after(story: Story, day: int, hour: float = 12.0) -> Moment:
    return ENGINE.moment(story.history(), on(day, hour))[0]


def test_a_message_to_more_than_ten_people_is_no_word_from_anybody() -> None:
    story = Story()
    for recipients in (10, 11, 12):
        story.they_write(recipients, recipients=recipients)
        story.you_write(recipients, recipients=recipients)
    moment = after(story, 20)
    assert (moment.pulse.messages_in, moment.pulse.messages_out) == (1, 1)
    assert [message.recipients for message in (*moment.inbound.items, *moment.outbound.items)] == [10, 10]


def test_an_invoice_or_an_automatic_answer_is_no_word() -> None:
    story = Story()
    for kind in set(MessageKind) - {MessageKind.HUMAN}:
        story.they_write(1, kind=kind)
        story.you_write(1, kind=kind)
    moment = after(story, 2)
    assert (moment.pulse.exchanges, moment.owed, moment.chasing) == (0, [], [])


def test_what_they_begin_waits_for_an_answer_until_one_comes() -> None:
    story = Story()
    first, _second = story.they_write(0), story.they_write(1)
    assert after(story, 2).owed[0] == first
    story.you_write(3)
    assert after(story, 4).owed == []


def test_a_message_of_which_the_owner_only_has_a_copy_waits_for_nobody() -> None:
    story = Story()
    story.they_write(0, direct=False)
    assert after(story, 2).owed == []


def test_thanks_that_ends_a_thread_waits_for_nobody() -> None:
    story = Story()
    for day in range(0, 60, 5):
        asked = story.you_write(day)
        story.they_write(day + 1, answers=asked)
    assert after(story, 90).owed == []


def test_somebody_whose_replies_the_owner_answers_waits_after_a_reply_too() -> None:
    story = Story()
    for day in range(0, 60, 5):
        answer = story.they_write(day + 1, answers=story.you_write(day))
        story.you_write(day + 2, answers=answer)
    last = story.they_write(61, answers=story.you_write(60))
    assert after(story, 62).owed == [last]


def test_a_meeting_answers_what_waited() -> None:
    story = Story()
    story.they_write(0)
    story.meet(1)
    assert len(after(story, 1, 14.5).owed) == 1
    assert after(story, 1, 15.0).owed == []


def test_chasing_counts_the_owners_messages_to_them_since_they_were_last_heard() -> None:
    story = Story()
    story.you_write(0)
    story.they_write(1)
    two = [story.you_write(2), story.you_write(3)]
    story.you_write(4, direct=False)
    assert after(story, 5).chasing == two
    story.meet(6)
    assert after(story, 7).chasing == []


def test_chasing_does_not_reset_the_clock_of_their_silence() -> None:
    story = Story().talk(range(0, 50, 5))
    for day in range(46, 100, 3):
        story.you_write(day)
    moment = after(story, 100, 10.0)
    assert moment.pulse.silent_days(moment.now) == (on(100) - on(45)) / DAY
    assert moment.pulse.quiet_days(moment.now) < 4


def test_a_return_counts_only_after_a_silence_that_was_a_signal() -> None:
    regular = Story().talk(range(0, 120, 4))
    assert after(regular, 121).broken_silence is None
    regular.they_write(200, 10.0)
    broken = after(regular, 201).broken_silence
    assert broken is not None
    assert broken.at == on(200, 10.0)
    assert broken.days == (on(200) - on(116)) / DAY


def test_days_are_counted_once_each() -> None:
    story = Story()
    for hour in (0.5, 9.0, 23.5):
        story.they_write(1, hour)
        story.you_write(2, hour)
    moment = after(story, 3)
    assert (len(moment.heard_days), len(moment.touch_days), moment.pulse.messages_in) == (1, 2, 3)


def test_a_change_of_a_meeting_is_no_word_from_them() -> None:
    story = Story()
    story.talk([0])
    story.meet(30, planned=20).moved(25, by=By.THEM, to=40).cancelled(35, by=By.THEM)
    moment = after(story, 50)
    assert moment.pulse.last_heard == on(0)
    assert len(moment.meetings.steps) == 3
