"""Promises: broken, kept, and the innocent who have done what they said, or of whom nobody can say otherwise.

Day 0 is a Monday, so day 4 is a Friday.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from keepwarm.rules.working_time import WorkingTime
from keepwarm.storage.histories import By
from keepwarm.storage.observations import MessageKind
from tests.unit.history_samples import BERLIN, Story, engine, findings, judged, on, only

if TYPE_CHECKING:
    from collections.abc import Callable

FRIDAY, MONDAY, TUESDAY = 4, 7, 8


def broken(story: Story, day: int) -> bool:
    return bool(findings(judged(story, day), "broken_promise"))


# Written down.


def test_a_promise_is_broken_once_a_working_day_has_passed_after_its_day() -> None:
    story = Story().talk([0])
    story.promise(0, due=FRIDAY, text="The draft")
    story.they_write(MONDAY, 15.0)  # so that it is looked at in the middle of that day, too
    assert not broken(story, MONDAY)
    finding = only(judged(story, TUESDAY), "broken_promise")
    assert finding.opened == on(TUESDAY, 5.0)
    assert "On 8 January 2024 you promised Ana “The draft” by 12 January 2024" in finding.sentence
    assert [source.kind for source in finding.evidence] == ["promise"]
    assert (finding.rule.family, finding.rule.warmth, finding.strength) == ("mirror", 0.0, "medium")


def test_what_you_wrote_down_is_kept_once_you_say_so_and_by_no_mail() -> None:
    story = Story().talk([0])
    story.promise(0, due=FRIDAY, kept=10)
    story.you_write(9)
    finding = only(judged(story, 20), "broken_promise")
    assert finding.cleared == on(10, 13.0)


@pytest.mark.parametrize("kept", [2, FRIDAY, MONDAY])
def test_a_promise_that_was_kept_by_the_working_day_after_was_never_broken(kept: int) -> None:
    story = Story().talk([0])
    story.promise(0, due=FRIDAY, kept=kept)
    assert not broken(story, 30)


def test_holidays_and_the_owners_absence_put_it_off() -> None:
    story = Story().talk([0])
    story.promise(0, due=FRIDAY)
    closed = WorkingTime(zone=BERLIN, holidays=frozenset({date(2024, 1, 15)}))  # that Monday
    assert findings(engine(working=closed).judge(story.history(), on(TUESDAY)), "broken_promise") == []
    assert findings(engine(working=closed).judge(story.history(), on(TUESDAY + 1)), "broken_promise")
    story.away(By.OWNER, 5, 14)
    assert not broken(story, 19)
    assert broken(story, 23)


def test_a_promise_for_a_day_far_ahead_is_not_missed_in_a_silence() -> None:
    story = Story().talk([0])
    story.promise(0, due=200, kept=None)  # a Friday, long after anything else happened
    finding = only(judged(story, 230), "broken_promise")
    assert finding.opened == on(204, 5.0)


def test_a_promise_that_was_written_down_long_after_its_day_is_a_strong_finding_at_once() -> None:
    story = Story().talk([0])
    story.promise(40, due=FRIDAY)
    assert only(judged(story, 40, 18.0), "broken_promise").strength == "strong"


def test_of_two_promises_each_is_told_and_neither_for_longer_than_it_is_true() -> None:
    story = Story().talk([0])
    story.promise(0, due=FRIDAY, kept=20, text="The draft")
    story.promise(1, due=FRIDAY, kept=14, text="The numbers")
    numbers, draft = findings(judged(story, 40), "broken_promise")
    assert "The numbers" in numbers.sentence
    assert numbers.cleared == on(14, 13.0)
    assert "The draft" in draft.sentence
    assert draft.cleared == on(20, 13.0)


def test_another_one_that_is_broken_later_is_told_though_the_first_still_is() -> None:
    story = Story().talk([0])
    story.promise(0, due=FRIDAY, text="The draft")
    story.promise(1, due=18, text="The numbers")
    draft, numbers = findings(judged(story, 40), "broken_promise")
    assert ("The draft" in draft.sentence, "The numbers" in numbers.sentence) == (True, True)
    assert (draft.cleared is None, numbers.cleared is None) == (False, True)


def test_their_promise_is_asked_about_and_not_held_against_anybody() -> None:
    story = Story().talk([0])
    story.promise(0, due=FRIDAY, by=By.THEM, text="The contract")
    asked = only(judged(story, 30), "ask_promise")
    assert "Ana promised you “The contract” by 12 January 2024" in asked.sentence
    assert asked.cleared == on(22, 5.0)
    assert not broken(story, 30)
    assert not findings(judged(story, 7), "ask_promise")


# Found in the owner's own mail.


def test_a_promise_in_a_mail_is_broken_if_nothing_of_the_owners_followed() -> None:
    story = Story().talk([0])
    mail = story.you_write(1, promised=FRIDAY)
    story.they_write(2)
    assert not broken(story, MONDAY)
    finding = only(judged(story, 30), "broken_promise")
    assert finding.opened == on(TUESDAY, 5.0)
    assert "you promised Ana something by 12 January 2024" in finding.sentence
    assert [source.ref for source in finding.evidence] == [mail.ref]


def _mail(story: Story) -> None:
    story.you_write(3)


def _late_mail(story: Story) -> None:
    story.you_write(MONDAY)


def _to_many(story: Story) -> None:
    story.you_write(3, recipients=40, direct=False)


def _invoice(story: Story) -> None:
    story.you_write(3, kind=MessageKind.INVOICE)


def _call(story: Story) -> None:
    story.log(3, "call")


def _meeting(story: Story) -> None:
    story.meet(3, planned=0)


def _invitation(story: Story) -> None:
    story.meet(60, planned=3)


@pytest.mark.parametrize("touch", [_mail, _late_mail, _to_many, _invoice, _call, _meeting, _invitation])
def test_any_touch_of_the_owners_may_have_been_it(touch: Callable[[Story], None]) -> None:
    story = Story().talk([0])
    story.you_write(1, promised=FRIDAY)
    touch(story)
    assert not broken(story, 40)


def test_a_machines_answer_or_what_they_propose_keeps_no_promise() -> None:
    story = Story().talk([0])
    story.you_write(1, promised=FRIDAY)
    story.you_write(2, kind=MessageKind.OUT_OF_OFFICE)
    story.meet(60, planned=3, by=By.THEM)
    assert broken(story, 20)


def test_it_is_over_with_the_owners_next_word() -> None:
    story = Story().talk([0])
    story.you_write(1, promised=FRIDAY)
    story.you_write(15)
    assert only(judged(story, 20), "broken_promise").cleared == on(15, 11.0)


def test_the_last_word_of_several_counts() -> None:
    story = Story().talk([0])
    story.you_write(1, promised=FRIDAY)
    story.you_write(3, promised=11)
    assert not broken(story, 12)
    assert "by 19 January 2024" in only(judged(story, 20), "broken_promise").sentence


def test_who_was_only_copied_was_promised_nothing() -> None:
    story = Story().talk([0])
    story.you_write(1, promised=FRIDAY, direct=False)
    assert not broken(story, 30)


# Kept.


@pytest.mark.parametrize(("by", "who"), [(By.OWNER, "you"), (By.THEM, "they")])
def test_a_promise_that_was_kept_in_time_warms_whoever_made_it(by: By, who: str) -> None:
    story = Story().talk([0])
    story.promise(0, due=FRIDAY, by=by, kept=MONDAY, text="The draft")
    outcome = judged(story, MONDAY, 18.0)
    finding = only(outcome, "kept_promise")
    assert f"What {who} had promised was kept in time: “The draft”" in finding.sentence
    assert (finding.opened, finding.rule.warmth) == (on(MONDAY, 13.0), 2)
    assert "kept_promise" in [change.cause for change in outcome.ledger]
    assert not findings(outcome, "broken_promise")


def test_late_is_not_kept_and_neither_is_what_was_only_followed_by_a_mail() -> None:
    story = Story().talk([0])
    story.promise(0, due=FRIDAY, kept=TUESDAY)
    story.you_write(1, promised=FRIDAY)
    story.you_write(2)
    assert not findings(judged(story, 30), "kept_promise")


def test_many_kept_promises_warm_no_more_than_one_in_a_month() -> None:
    story = Story().talk([0])
    for day in range(10):
        story.promise(day, due=day + 3, kept=day + 1)
    assert len(findings(judged(story, 30), "kept_promise")) == 1
