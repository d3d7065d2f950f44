"""Judging goes on from what was found before: with a new message, or as time passes, it says what judging anew says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.rules.engine import Engine
from keepwarm.rules.found import Found, FoundSignal
from keepwarm.rules.warmth import Bands
from tests.unit.history_samples import CATALOGUE, WORKING, Story, engine, last_day, on, stories, without_state
from tests.unit.test_courses import full_stories

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.rules.engine import Outcome
    from keepwarm.rules.finding import Finding
    from keepwarm.storage.histories import History

HOUR = 23.5


def stored(finding: Finding) -> FoundSignal:
    """Give what is kept of a finding: of one that is over very little."""
    told = FoundSignal(
        id=finding.id,
        rule=finding.rule.id,
        key=finding.key,
        opened=finding.opened,
        cleared=finding.cleared,
        strength=finding.strength,
    )
    if finding.cleared is not None:
        return told
    return replace(
        told,
        sentence=finding.sentence,
        facts=json.loads(json.dumps(finding.facts)),
        historical=finding.historical,
        evidence=finding.evidence,
    )


def kept(outcome: Outcome, since: datetime) -> Found:
    """Give what is kept of an outcome, through JSON."""
    waiting = json.loads(json.dumps(outcome.waiting))
    return Found(since=since, waiting=waiting, signals=tuple(stored(one) for one in outcome.findings))


def put_together(before: Outcome, more: Outcome) -> Outcome:
    """Give the outcome of both: what had been found, gone on with, and what has come since."""
    later = {one.id: one for one in more.findings}
    old = [later.pop(one.id, one) for one in before.findings]
    return replace(
        more,
        findings=tuple(sorted([*old, *later.values()], key=lambda one: (one.opened, one.rule.id))),
        ledger=(*before.ledger, *more.ledger),
        happenings=(*before.happenings, *more.happenings),
    )


def as_known(history: History, now: datetime) -> History:
    """Take away what nobody can have read by then; plans are known for long."""
    return replace(history, messages=tuple(one for one in history.messages if one.at <= now))


def walked(story: Story, days: list[int]) -> tuple[Outcome, Outcome, int]:
    """Judge a story bit by bit, up to these days; give what came of it, of judging anew, and how often it went on."""
    history, judge, often = story.history(), engine(), 0
    now = on(days[0], HOUR)
    told = last = judge.judge(as_known(history, now), now)
    for day in days[1:]:
        since, now = now, on(day, HOUR)
        more = judge.go_on(as_known(history, now), kept(told, since), now) if last.waiting else None
        if more is None:
            told = last = judge.judge(as_known(history, now), now)
        else:
            often += 1
            told, last = put_together(told, more), more
    return told, judge.judge(as_known(history, now), now), often


@settings(max_examples=60, deadline=None)
@given(full_stories(), st.data())
def test_going_on_says_what_judging_anew_says(story: Story, data: st.DataObject) -> None:
    last = last_day(story) + 40
    days = sorted(data.draw(st.sets(st.integers(1, last), min_size=2, max_size=6)))
    found, anew, _ = walked(story, days)
    assert without_state(found) == without_state(anew)
    assert found == anew


@settings(max_examples=30, deadline=None)
@given(stories(), st.integers(1, 30))
def test_what_was_found_is_gone_on_with_as_messages_come_in(story: Story, step: int) -> None:
    days = list(range(1, last_day(story) + 40, max(step, 1 + last_day(story) // 12)))
    found, anew, often = walked(story, days) if len(days) > 1 else walked(story, [1, 2])
    assert found == anew
    judged_first = next((number for number, day in enumerate(days) if _known_by(story, day)), len(days))
    assert often >= len(days) - 1 - judged_first, "nothing came in late, so there was no reason to judge anew"


def test_with_other_rules_or_their_order_changed_it_is_judged_anew() -> None:
    story = Story().talk(range(0, 60, 7))
    history, since, now = story.history(), on(50), on(60)
    found = kept(engine().judge(as_known(history, since), since), since)
    assert engine().go_on(history, found, now) is not None
    turned = Engine(tuple(reversed(CATALOGUE)), WORKING, Bands())
    fewer = Engine(CATALOGUE[1:], WORKING, Bands())
    assert turned.go_on(history, found, now) is None
    assert fewer.go_on(history, found, now) is None


def _known_by(story: Story, day: int) -> bool:
    return any(message.at <= on(day, HOUR) for message in story.history().messages)
