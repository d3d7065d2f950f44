"""Failure 55: out-of-office and holidays are counted as coldness; replies are measured around the clock.

Time in which either side was away, or the owner's country had holidays, opens no signal and cools nobody; after the
same *counted* time the signals come as they always did. Seen in chatwoot#3446 and freescout#4307.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.rules.warmth import base, terms
from keepwarm.storage.histories import By
from keepwarm.storage.observations import MessageKind
from tests.unit.history_samples import (
    BERLIN,
    DAY,
    DAY_0,
    WORKING,
    Story,
    engine,
    findings,
    judged,
    on,
    only,
)

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.rules.engine import Outcome
    from keepwarm.storage.histories import History

LAST = 175
BOTH = pytest.mark.parametrize("by", [By.THEM, By.OWNER])


def regular() -> Story:
    """They write every five days, up to day 175."""
    return Story().talk(range(0, LAST + 1, 5))


def slow(away: int) -> Story:
    """The answers come within the hour; the last five, so many days later."""
    story = Story()
    for day in range(0, 84, 7):
        story.they_write(day, 11.0, answers=story.you_write(day, 10.0))
    for day in range(98, 98 + 5 * 14, 14):
        story.they_write(day + away, 11.0, answers=story.you_write(day, 10.0))
    return story


def warmth_on(history: History, day: int, hour: float = 12.0) -> float:
    moment = engine().moment(history, on(day, hour))[0]
    return base(moment.pulse, moment.now)


def opened(outcome: Outcome, rule: str) -> datetime:
    return only(outcome, rule).opened


@BOTH
def test_nobody_has_gone_quiet_while_somebody_was_away(by: By) -> None:
    plain, away = regular(), regular()
    away.away(by, LAST + 2, 40)
    assert findings(judged(plain, LAST + 50), "gone_quiet")
    assert not findings(judged(away, LAST + 50), "gone_quiet")
    later = opened(judged(away, LAST + 140), "gone_quiet") - opened(judged(plain, LAST + 140), "gone_quiet")
    assert timedelta(days=40) <= later <= timedelta(days=48)  # looked at on weekdays, on Mondays after sixty days


@BOTH
def test_nobody_cools_while_somebody_is_away_and_afterwards_it_goes_on_where_it_stood(by: By) -> None:
    plain, away = regular().history(), regular()
    away.away(by, LAST + 2, 40)
    left, back = (warmth_on(away.history(), LAST + 2 + day, 0.0) for day in (0, 40))
    assert left == pytest.approx(back, abs=1e-9)
    for day in range(LAST + 3, LAST + 60, 4):
        assert warmth_on(away.history(), day + 40) == pytest.approx(warmth_on(plain, day), abs=1e-9)
    lines = [line.after for line in judged(away, LAST + 60).ledger if line.at > on(LAST + 3)]
    assert lines == sorted(lines, reverse=True)


@BOTH
def test_who_answers_after_an_absence_is_no_slow_fade(by: By) -> None:
    story = slow(7)
    assert findings(judged(story, 180), "slow_fade")
    for day in range(98, 98 + 5 * 14, 14):
        story.away(by, day, 7, hour=10.5)
    assert not findings(judged(story, 180), "slow_fade")


def test_the_owner_owes_nothing_while_away_and_does_afterwards() -> None:
    story = Story()
    story.they_write(1, 9.0)
    story.away(By.OWNER, 1, 20, hour=9.5)
    assert findings(judged(Story(messages=story.messages), 20), "you_owe_reply")
    assert not findings(judged(story, 20), "you_owe_reply")
    assert opened(judged(story, 40), "you_owe_reply") > on(21)


def test_an_owner_on_leave_has_not_gone_quiet() -> None:
    story = Story()
    for day in range(0, 140, 7):
        story.they_write(day, 11.0, answers=story.you_write(day, 10.0))
    assert findings(judged(story, 160), "you_went_quiet")
    story.away(By.OWNER, 134, 25)
    assert not findings(judged(story, 160), "you_went_quiet")
    assert opened(judged(story, 190), "you_went_quiet") >= on(133 + 14 + 25)


def test_the_holidays_of_the_country_are_no_silence() -> None:
    off = replace(WORKING, holidays=frozenset(DAY_0 + timedelta(days=LAST + 2 + day) for day in range(40)))
    assert not findings(engine(working=off).judge(regular().history(), on(LAST + 50)), "gone_quiet")
    assert findings(engine(working=off).judge(regular().history(), on(LAST + 140)), "gone_quiet")


def test_an_absence_that_becomes_known_late_is_taken_out_of_what_has_passed_and_only_from_then_on() -> None:
    story = regular()
    quiet = opened(judged(story, LAST + 60), "gone_quiet")
    story.away(By.THEM, LAST + 2, 70, known=LAST + 60)
    before, after = judged(story, LAST + 59, 23.0), judged(story, LAST + 64)
    assert opened(after, "gone_quiet") == quiet  # what was said stays said
    assert after.ledger[-1].after > before.ledger[-1].after + 5
    assert [line.cause for line in after.ledger if line.at > on(LAST + 60, 0.0)][:2] == ["time", "away"]
    assert before.ledger == after.ledger[: len(before.ledger)]


def test_an_automatic_answer_is_neither_a_word_nor_an_answer() -> None:
    story = regular()
    asked = story.you_write(LAST + 1)
    story.they_write(LAST + 1, 11.1, answers=asked, kind=MessageKind.OUT_OF_OFFICE)
    moment = engine().moment(story.history(), on(LAST + 2))[0]
    assert (moment.pulse.last_heard, moment.chasing) == (on(LAST), [asked])


def test_who_comes_back_after_leave_as_ever_is_not_warming() -> None:
    story = Story().talk(range(0, 150, 5)).talk(range(255, 300, 5))
    story.away(By.THEM, 147, 107)
    assert not findings(judged(story, 290), "warming")


def test_a_sentence_that_shows_days_says_that_some_were_left_out() -> None:
    story = regular()
    story.away(By.THEM, LAST + 2, 30)
    moment = engine().moment(story.history(), on(LAST + 40))[0]
    said = [term.sentence for term in terms(moment.pulse, moment.now)]
    assert "Neither of you has written for 10 days, absences and holidays left out" in said
    plain = engine().moment(regular().history(), on(LAST + 40))[0]
    assert "left out" not in " ".join(term.sentence for term in terms(plain.pulse, plain.now))
    lines = judged(story, LAST + 45).ledger
    assert "absences and holidays left out, without a word" in lines[-1].sentence


def test_who_is_back_is_told_by_the_day_of_the_last_word_before() -> None:
    story = regular()
    story.away(By.THEM, LAST + 2, 30)
    story.they_write(LAST + 130)
    finding = only(judged(story, LAST + 131), "rekindled")
    assert f"since {on(LAST).astimezone(BERLIN):%-d %B %Y}" in finding.sentence
    assert finding.facts["broken_silence_days"] == pytest.approx((on(LAST + 130) - on(LAST)) / DAY - 30, abs=0.1)
