"""Failure 44: quiet days are made up from two maxima, while they wrote weekly; a sentence states what is shown."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from keepwarm.rules.meetings import held
from keepwarm.storage.histories import By, TouchFact
from tests.unit.history_samples import BERLIN, Story, findings, judged, last_day, on, only, stories

if TYPE_CHECKING:
    from keepwarm.rules.finding import Finding

SAYS_SINCE = {"gone_quiet": "last_heard_on", "rekindled": "silent_since"}


def heard(story: Story) -> list[date]:
    """Give the days on which they wrote, met the owner, or were called."""
    wrote = [one.at for one in story.messages if not one.outbound]
    met = [one.revision.end for fact in story.history().meetings for one in held(fact)]
    called = [one.at for one in story.others if isinstance(one, TouchFact) and one.mutual]
    return sorted(at.astimezone(BERLIN).date() for at in (*wrote, *met, *called))


def silence_told(finding: Finding) -> tuple[date, date]:
    """Give the first and the last day of the silence that a finding speaks of, without the word that ended it."""
    since = date.fromisoformat(str(finding.facts[SAYS_SINCE[finding.rule.id]]))
    return since, finding.opened.astimezone(BERLIN).date()


@settings(max_examples=25, deadline=None)
@given(stories())
def test_nothing_is_heard_in_a_silence_that_is_told(story: Story) -> None:
    outcome = judged(story, last_day(story) + 80)
    days = heard(story)
    for finding in outcome.findings:
        if finding.rule.id in SAYS_SINCE:
            since, until = silence_told(finding)
            assert since in days
            assert [day for day in days if since < day < until] == []


def test_who_writes_weekly_was_never_quiet_however_long_the_owner_was() -> None:
    story = Story().talk(range(0, 60, 7))
    for day in range(63, 200, 7):
        story.they_write(day)
    story.you_write(199)
    for day in range(203, 240, 7):
        story.they_write(day)
    outcome = judged(story, 240)
    assert not findings(outcome, "gone_quiet")
    assert not findings(outcome, "rekindled")


def test_a_return_names_the_day_since_which_there_was_nothing() -> None:
    story = Story().talk(range(0, 180, 5))
    story.meet(190, planned=189)
    for day in (200, 230):
        story.you_write(day)
    story.they_write(290)
    assert "since 16 July 2024" in only(judged(story, 291), "rekindled").sentence  # they met on that day


@pytest.mark.parametrize("by", [By.OWNER, By.OTHER, By.UNKNOWN])
def test_what_others_did_is_no_part_of_what_is_said_of_them(by: By) -> None:
    story = Story().talk([0])
    meeting = story.meet(105, planned=90)
    for day, to in ((95, 112), (98, 119), (100, 130)):
        meeting.moved(day, by=by, to=to)
    meeting.moved(103, by=By.THEM, to=140)
    assert findings(judged(story, 110), "put_off") == []


def test_too_little_is_told_as_nothing() -> None:
    outcome = judged(Story().talk([0, 5]), 200)
    assert [one.rule.id for one in outcome.findings if one.opened > on(0)] == []
