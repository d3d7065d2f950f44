"""The engine: what is said as of a day stays said, and each step of warmth has a cause that may take it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.storage.histories import By
from tests.unit.history_samples import (
    CATALOGUE,
    Story,
    engine,
    findings,
    judged,
    last_day,
    on,
    stories,
)

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from keepwarm.rules.engine import Outcome

ENGINE = engine()
SECOND = timedelta(seconds=1)
LATER = st.integers(0, 120)


def told(outcome: Outcome) -> list[object]:
    """Give all that is shown of an outcome."""
    said = [(one.id, one.opened, one.cleared, one.strength, one.sentence) for one in outcome.findings]
    return [said, outcome.ledger, outcome.happenings, outcome.ping_interval_days]


def opened_up_to(outcome: Outcome, moment: datetime) -> list[object]:
    """Give the findings as they were seen at a moment: a clear that came later is not seen."""
    return [
        (
            one.id,
            one.opened,
            one.cleared if one.cleared and one.cleared <= moment else None,
            one.strength,
            one.sentence,
            one.facts,
            one.evidence,
        )
        for one in outcome.findings
        if one.opened <= moment
    ]


@settings(max_examples=40, deadline=None)
@given(stories(), st.floats(0, 1), LATER)
def test_what_was_said_as_of_a_day_is_the_beginning_of_what_is_said_later(
    story: Story, share: float, later: int
) -> None:
    history, until = story.history(), last_day(story) + later
    first, second = on(int(share * until), 17.5), on(until)
    early, late = ENGINE.judge(history, first), ENGINE.judge(history, second)
    assert early.ledger == tuple(line for line in late.ledger if line.at <= first)
    assert opened_up_to(early, first) == opened_up_to(late, first)
    assert early.happenings == late.happenings[: len(early.happenings)]


@settings(max_examples=40, deadline=None)
@given(stories(), LATER, st.floats(0, 1, exclude_max=True))
def test_until_the_next_look_nothing_changes(story: Story, later: int, share: float) -> None:
    history, now = story.history(), on(last_day(story) // 2 + later)
    outcome = ENGINE.judge(history, now)
    assert outcome.next_look is not None
    assert now < outcome.next_look <= now + timedelta(days=8)
    between = now + (outcome.next_look - SECOND - now) * share
    assert told(ENGINE.judge(history, between)) == told(outcome)
    assert ENGINE.judge(history, between).next_look == outcome.next_look


@settings(max_examples=20, deadline=None)
@given(stories(), st.randoms())
def test_the_order_in_which_things_are_stored_decides_nothing(story: Story, shuffler: random.Random) -> None:
    history, now = story.history(), on(last_day(story) + 30)
    messages, meetings = list(history.messages), list(history.meetings)
    shuffler.shuffle(messages)
    shuffler.shuffle(meetings)
    shuffled = replace(history, messages=tuple(messages), meetings=tuple(meetings))
    assert told(ENGINE.judge(shuffled, now)) == told(ENGINE.judge(history, now))


@settings(max_examples=25, deadline=None)
@given(stories())
def test_the_ledger_has_no_gap_and_no_line_that_says_nothing(story: Story) -> None:
    outcome = judged(story, last_day(story) + 60)
    assert outcome.ledger[0].cause == "first"
    for one, following in pairwise(outcome.ledger):
        assert one.at <= following.at
        assert one.after == following.before
        assert (following.before, one.band) != (following.after, following.band)
        assert 0 <= following.after <= 100
    known = {finding.id for finding in outcome.findings}
    assert {line.signal for line in outcome.ledger if line.signal} <= known


def warmth_if(story: Story, by: By, deed: str, now: datetime, *, hour: float = 9.0) -> float:
    """Give the warmth after a deed to a last meeting, done by one side or the other."""
    day = last_day(story)
    appointments = list(story.appointments)
    meeting = story.meet(day + 5, planned=day)
    if deed == "move":
        meeting.moved(day + 4, by=by, to=day + 400, hour=hour)
    else:
        {"cancel": meeting.cancelled, "decline": meeting.declined}[deed](day + 4, by=by, hour=hour)
    after = ENGINE.judge(story.history(), now).ledger[-1].after
    story.appointments = appointments
    return after


@settings(max_examples=30, deadline=None)
@given(stories(), st.integers(4, 90), st.sampled_from(["cancel", "decline", "move"]), st.sampled_from([9.0, 20.0]))
def test_what_the_contact_does_to_a_meeting_never_warms(story: Story, later: int, deed: str, hour: float) -> None:
    now = on(last_day(story) + later, 23.0)
    assert warmth_if(story, By.THEM, deed, now, hour=hour) <= warmth_if(story, By.UNKNOWN, deed, now, hour=hour)


@settings(max_examples=30, deadline=None)
@given(stories(), st.integers(4, 90), st.sampled_from(["cancel", "move"]))
def test_what_the_owner_does_to_a_meeting_never_cools(story: Story, later: int, deed: str) -> None:
    now = on(last_day(story) + later, 23.0)
    assert warmth_if(story, By.OWNER, deed, now) == warmth_if(story, By.UNKNOWN, deed, now)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.sampled_from([2.0, 30.0, 100.0]), st.integers(0, 60))
def test_moves_weigh_at_most_what_as_many_cancellations_do(times: int, notice: float, later: int) -> None:
    moving, cancelling = Story().talk(range(0, 100, 5)), Story().talk(range(0, 100, 5))
    for day in range(100, 100 + 8 * times, 8):
        moving.meet(day, planned=day - 7).moved(day, by=By.THEM, hour=14 - notice, to=400)
        cancelling.meet(day, planned=day - 7).cancelled(day, by=By.THEM, hour=14 - notice)
    now = on(100 + 8 * times + later)
    moved, cancelled = ENGINE.judge(moving.history(), now), ENGINE.judge(cancelling.history(), now)
    assert moved.ledger[-1].after >= cancelled.ledger[-1].after


def test_a_contact_of_whom_nothing_has_happened_yet_is_looked_at_when_something_does() -> None:
    story = Story().talk([10])
    assert ENGINE.judge(story.history(), on(5)).next_look == on(10)
    assert ENGINE.judge(Story().history(), on(5)).next_look is None


def test_a_meeting_to_come_is_looked_at_when_it_ends() -> None:
    story = Story().talk(range(0, 30, 7))
    story.meet(120, planned=100)
    assert ENGINE.judge(story.history(), on(120, 14.5)).next_look == on(120, 15.0)


def test_a_rule_is_asked_only_of_those_whom_it_is_meant_for() -> None:
    story = Story(labels=("client",)).talk(range(0, 100, 4))
    meant, not_meant = (
        [replace(rule, labels=frozenset({label})) for rule in CATALOGUE] for label in ("client", "prospect")
    )
    assert findings(engine(meant).judge(story.history(), on(200)), "gone_quiet")
    assert engine(not_meant).judge(story.history(), on(200)).findings == ()


def test_the_moment_and_the_findings_to_explain_by_are_those_that_were_judged() -> None:
    history = Story().talk(range(0, 100, 4)).history()
    moment, found = ENGINE.moment(history, on(200))
    assert [one.id for one in found.all()] == [one.id for one in ENGINE.judge(history, on(200)).findings]
    assert moment.now == on(200)
