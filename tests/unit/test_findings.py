"""A finding opens once for the same thing, stays while it is news, and shows what it rests on."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from keepwarm.rules.rule import Strength
from keepwarm.storage.histories import By, PromiseFact
from tests.unit.history_samples import (
    CATALOGUE,
    HOUR,
    Story,
    engine,
    findings,
    judged,
    last_day,
    on,
    only,
    rules_of,
    stories,
)

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.rules.finding import Finding

RULE = """
[[rule]]
id = "mine"
family = "care"
when = [{when}]
sentence = "{{name}} wrote {{messages_in:times}}."
{more}
"""


def found(folder: Path, story: Story, day: int, when: str, more: str = "") -> list[Finding]:
    """Judge a story by a rule of one's own."""
    rules = rules_of(folder, RULE.format(when=when, more=more))
    return findings(engine(rules).judge(story.history(), on(day)), "mine")


@settings(max_examples=40, deadline=None)
@given(stories())
def test_whatever_happens_findings_are_what_they_claim_to_be(story: Story) -> None:
    history, until = story.history(), on(last_day(story) + 100)
    outcome = engine().judge(history, until)
    happened = {(one.ref, one.at) for one in (*history.messages, *history.others)}
    happened |= {(revision.ref, revision.at) for one in history.meetings for revision in one.revisions}
    promises = [one for one in history.others if isinstance(one, PromiseFact)]
    happened |= {(one.ref, max(one.at, one.kept_at)) for one in promises if one.kept_at}
    assert len({one.id for one in outcome.findings}) == len(outcome.findings)
    for one in outcome.findings:
        assert one.opened <= (one.cleared or until) <= until
        assert one.strength in tuple(Strength)
        assert "unknown number" not in one.sentence
        assert one.evidence
        assert {(source.ref, source.at) for source in one.evidence} <= happened
        assert all(source.at <= one.opened for source in one.evidence)
    for rule in CATALOGUE:
        of_rule = [one for one in outcome.findings if one.rule is rule]
        assert all(
            earlier.cleared and (later.worse_than == earlier.id or earlier.cleared + rule.cooldown <= later.opened)
            for earlier, later in pairwise(of_rule)
        )


def test_without_a_clear_it_is_over_when_the_conditions_no_longer_hold(tmp_path: Path) -> None:
    story = Story().talk([0])
    (one,) = found(tmp_path, story, 30, "'their_silence_days < 10.0'", 'open_for = "while true"')
    assert (one.opened, one.cleared) == (on(0), on(11, 5.0))


def test_a_finding_stays_open_so_long_after_its_newest_evidence(tmp_path: Path) -> None:
    more = 'open_for = "20d"\ncooldown = "0d"'
    one_day, two_days = Story(), Story()
    for story, days in ((one_day, (10,)), (two_days, (10, 25))):
        story.talk([0])
        for day in days:
            story.meet(day + 5, planned=0).moved(day, by=By.THEM, to=day + 300)
    (short,) = found(tmp_path, one_day, 100, "'moved_by_them_60d >= 1'", more)
    (longer,) = found(tmp_path, two_days, 100, "'moved_by_them_60d >= 1'", more)
    assert short.cleared == on(31, 5.0)
    assert longer.cleared == on(46, 5.0)


def test_the_same_thing_is_not_told_again_until_something_new_happened(tmp_path: Path) -> None:
    story = Story().talk([0])
    story.meet(15, planned=0).moved(10, by=By.THEM, to=300)
    more = 'open_for = "5d"\ncooldown = "0d"'
    assert len(found(tmp_path, story, 70, "'moved_by_them_60d >= 1'", more)) == 1
    story.meet(45, planned=0).moved(40, by=By.THEM, to=300)
    assert [one.opened for one in found(tmp_path, story, 100, "'moved_by_them_60d >= 1'", more)] == [
        on(10, 9),
        on(40, 9),
    ]


def test_a_fact_that_names_no_evidence_is_not_told_again_without_news_either(tmp_path: Path) -> None:
    story = Story()
    for day in (0, 1):
        story.they_write(day)
    more = 'open_for = "5d"\ncooldown = "5d"'
    assert len(found(tmp_path, story, 100, "'messages_in >= 2'", more)) == 1
    story.they_write(60)
    assert [one.opened for one in found(tmp_path, story, 100, "'messages_in >= 2'", more)] == [on(1), on(60)]


def test_a_rule_that_has_just_cleared_rests_for_its_cooldown(tmp_path: Path) -> None:
    story = Story().talk(range(0, 40, 4))
    conditions = "'their_silence_days < 2.0'"
    restless = found(tmp_path, story, 39, conditions, 'cooldown = "0d"')
    rested = found(tmp_path, story, 39, conditions, 'cooldown = "8d"')
    assert len(restless) == 9  # a weekend, when nobody looks, hides one end
    assert [one.opened for one in rested] == [on(day) for day in (0, 12, 24, 36)]


def test_a_finding_is_cleared_by_its_clear_alone(tmp_path: Path) -> None:
    story = Story().talk([0])
    more = """clear = 'wrote_since_opened > 0 && days_open >= 2.0'\nopen_for = "while true\""""
    (still,) = found(tmp_path, story, 50, "'their_silence_days >= 10.0'", more)
    story.you_write(15)
    (over,) = found(tmp_path, story, 50, "'their_silence_days >= 10.0'", more)
    assert still.cleared is None
    assert (over.opened, over.cleared) == (on(10, 5.0) + 24 * HOUR, on(15, 11.0))


def test_a_rule_does_not_fire_on_too_little_data(tmp_path: Path) -> None:
    story = Story().talk([0])
    assert found(tmp_path, story, 50, "'chance_of_drop < 2.0'") == []
    assert found(tmp_path, story, 50, "'!(chance_of_drop < 2.0)'") == []
    assert len(found(tmp_path, story, 50, "'chance_of_drop < 2.0 || messages_in == 1'")) == 1


@pytest.mark.parametrize(
    ("strength", "said"),
    [
        ("strong", "strong"),
        ('messages_in > 1 ? "strong" : "weak"', "weak"),
        ('chance_of_drop > 0.5 ? "strong" : "weak"', "medium"),
        ('"weak" + "strong"', "medium"),
        ("string(messages_in)", "medium"),
    ],
)
def test_a_strength_is_weak_medium_or_strong_and_nothing_else(tmp_path: Path, strength: str, said: str) -> None:
    (one,) = found(tmp_path, Story().talk([0]), 1, "'messages_in >= 1'", f"strength = '{strength}'")
    assert one.strength == said


def test_a_real_touch_clears_what_it_answers() -> None:
    story = Story().talk([0, 2])
    for day in (7, 11, 15):
        story.you_write(day)
    story.they_write(30)
    assert only(judged(story, 31), "one_sided").cleared == on(30)
    assert only(judged(story, 40), "you_owe_reply").opened > on(30)
    story.meet(45, planned=44)
    # The owner's invitation is a word to them already.
    assert only(judged(story, 46), "you_owe_reply").cleared == on(44, 8.0)


def test_a_sentence_about_silence_states_what_the_evidence_shows() -> None:
    story = Story().talk(range(0, 180, 5))
    for day in range(180, 240, 6):
        story.you_write(day)
    finding = only(judged(story, 250), "gone_quiet")
    newest = max(source.at for source in finding.evidence)
    assert newest == on(175)
    assert f"since {newest.day} {newest:%B %Y}" in finding.sentence
    assert finding.facts["their_silence_days"] == pytest.approx((finding.opened - newest) / (24 * HOUR), abs=1e-3)


def test_the_band_is_at_most_cool_while_a_silence_is_a_signal() -> None:
    story = Story().talk(range(0, 360, 2))
    story.they_write(420)
    lines = judged(story, 421).ledger
    capped = [line for line in lines if on(408) < line.at < on(420)]
    assert capped
    assert {line.band for line in capped} <= {"cool", "cold"}
    assert max(line.after for line in capped) > 45
    assert lines[-1].band == "close"


def test_what_got_worse_is_told_again_once_and_more_strongly(tmp_path: Path) -> None:
    story = Story().talk([0])
    more = 'strength = \'their_silence_days >= 20.0 ? "strong" : "weak"\'\nopen_for = "while true"\nwarmth = -3'
    rules = rules_of(
        tmp_path, RULE.format(when="'their_silence_days >= 5.0'", more=more + "\nclear = 'heard_since_opened > 0'")
    )
    outcome = engine(rules).judge(story.history(), on(60))
    first, second = outcome.findings
    assert (first.strength, second.strength) == ("weak", "strong")
    assert (first.cleared, second.opened, second.cleared) == (on(21, 5.0), on(21, 5.0), None)
    assert second.worse_than == first.id
    assert second.id != first.id
    assert [change.cause for change in outcome.ledger].count("mine") == 1  # it is the same thing, and costs once


def test_what_gets_better_and_worse_again_while_it_is_open_is_not_told_again(tmp_path: Path) -> None:
    story = Story().talk([0, 30])
    more = 'strength = \'their_silence_days >= 20.0 ? "strong" : "weak"\'\nopen_for = "while true"'
    rules = rules_of(tmp_path, RULE.format(when="'messages_in >= 1'", more=more))
    outcome = engine(rules).judge(story.history(), on(70))
    assert [one.strength for one in outcome.findings] == ["weak", "strong"]
