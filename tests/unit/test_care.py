"""Care: courtship, adding value, moving on, and too much of a good thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.storage.histories import By
from tests.unit.history_samples import CATALOGUE, Story, engine, judged, on, only

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keepwarm.rules.finding import Finding

RULES = ("courtship", "add_value", "move_on", "too_hot")
ENGINES = {rule.id: engine((rule,)) for rule in CATALOGUE if rule.id in RULES}


def client(label: str = "client") -> Story:
    return Story(labels=(label,))


def fired(story: Story, rule: str, day: int) -> bool:
    return bool(ENGINES[rule].judge(story.history(), on(day)).findings)


def cited(finding: Finding) -> set[str]:
    return {source.ref for source in finding.evidence}


def chased(story: Story, days: Iterable[int]) -> Story:
    for day in days:
        story.you_write(day)
    return story


def test_the_rules_are_care_for_business_and_move_no_warmth() -> None:
    assert ENGINES.keys() == set(RULES)
    rules = [rule for rule in CATALOGUE if rule.id in RULES]
    assert {(rule.family, rule.warmth) for rule in rules} == {("care", 0.0)}
    assert all(rule.labels <= {"client", "prospect"} for rule in rules)


@pytest.mark.parametrize("every", [7, 30, 91])
def test_a_healthy_client_of_any_rhythm_sets_off_none_but_the_courtship(every: int) -> None:
    story = client().talk(range(0, 720, every))
    assert [rule for rule in RULES[1:] if fired(story, rule, 720)] == []


# courtship


def test_courtship_asks_what_is_unknown_of_somebody_new_and_is_over_once_notes_tell() -> None:
    story = client("prospect").talk([0, 2, 5])
    finding = only(judged(story, 6), "courtship")
    assert on(3) <= finding.opened <= on(5, 10.0)
    assert finding.strength == "weak"
    assert "their beliefs, interests, hobbies, plans, likes and dislikes" in finding.sentence
    assert "the first word is of 8 January 2024" in finding.sentence
    assert cited(finding) == {"m_00000"}
    for day, text in ((7, "Runs a marathon each year"), (8, "Liest viel"), (9, "plans a sabbatical")):
        story.note(day, text)
    assert only(judged(story, 9), "courtship").cleared is None
    story.note(10, "Loves Lisbon")
    assert only(judged(story, 11), "courtship").cleared == on(10, 12.5)


def test_courtship_is_a_stage_and_comes_once() -> None:
    short = client().talk([0, 2, 5])
    assert on(180) < (only(judged(short, 300), "courtship").cleared or on(0)) < on(190)
    lively = client().talk(range(0, 300, 5))
    assert on(56) < (only(judged(lively, 300), "courtship").cleared or on(0)) < on(60)


def test_courtship_leaves_friends_old_acquaintances_one_question_and_the_well_known_alone() -> None:
    friend = Story().talk([0, 2, 5])
    begun_before = client()
    begun_before.they_write(0, says_reply=True)
    begun_before.talk([0, 2, 5])
    one_question = client().talk([0])
    known = client()
    known.note(0, "Believes in God, reads history, sails; plans a trip to Rome")
    known.talk([1, 2, 5])
    assert [fired(story, "courtship", 100) for story in (friend, begun_before, one_question, known)] == [False] * 4


def test_courtship_does_not_take_the_beginning_of_a_mailbox_for_that_of_a_relationship() -> None:
    for day, new in ((60, True), (365, False)):
        story = client().talk(range(0, 100, 7))
        story.live_from = on(day)  # until then it had been read for the first time
        assert fired(story, "courtship", 100) is new


# add_value


def test_add_value_comes_shortly_before_the_silence_is_long() -> None:
    story = client().talk(range(0, 400, 20))  # the interval is 30 days
    finding = only(judged(story, 408), "add_value")
    assert on(380 + 24) < finding.opened < on(380 + 29)
    assert story.messages[-1].ref in cited(finding)
    assert "on 22 January 2025" in finding.sentence
    assert not fired(story, "add_value", 403)
    story.you_write(409)
    assert only(judged(story, 410), "add_value").cleared == on(409, 11.0)


def test_add_value_waits_where_something_is_owed_planned_or_unanswered_or_all_is_cold() -> None:
    cases = {name: client().talk(range(0, 400, 20)) for name in ("owed", "planned", "unanswered")}
    cases["owed"].they_write(381)
    cases["planned"].meet(420, planned=370)
    cases["unanswered"].you_write(381)
    cases["friend"] = Story().talk(range(0, 400, 20))
    cases["leave"] = client().talk(range(0, 400, 20))
    cases["leave"].away(By.THEM, 390, 15)
    cases["cold"] = client().talk(range(0, 1100, 120))
    assert [name for name, story in cases.items() if fired(story, "add_value", 409)] == []


def test_add_value_comes_at_most_once_in_sixty_days() -> None:
    story = client().talk(range(0, 400, 20)).talk([407, 434])
    found = ENGINES["add_value"].judge(story.history(), on(460)).findings
    assert [finding.opened < on(407) for finding in found] == [True]


# move_on


def _given_up_by_them() -> Story:
    return chased(client().talk([0, 10, 20]), (60, 100, 140, 180, 220))


def test_move_on_recommends_to_let_somebody_go_who_has_not_answered_for_months() -> None:
    story = _given_up_by_them()
    finding = only(judged(story, 260), "move_on")
    assert finding.rule.family == "care"
    assert {message.ref for message in story.messages[-5:-1]} <= cited(finding)
    assert "your last 4 had no answer" in finding.sentence
    story.they_write(261)
    assert only(judged(story, 262), "move_on").cleared == on(261)


def test_move_on_tells_a_prospect_who_never_answered() -> None:
    assert fired(chased(client("prospect"), (0, 20, 45, 70)), "move_on", 90)


def test_move_on_leaves_a_mother_the_warm_the_impatient_and_who_was_let_alone_alone() -> None:
    mother = chased(Story(), range(0, 400, 7))
    warm = chased(client().talk(range(0, 300, 5)), (310, 330, 350, 375))
    impatient = chased(client().talk([0, 10, 20]), (60, 64, 70, 75))
    three = chased(client().talk([0, 10, 20]), (60, 90, 150))
    ended_well = client().talk(range(0, 200, 7))
    leave = _given_up_by_them()
    leave.away(By.THEM, 55, 200)
    cases = {
        "mother": mother,
        "warm": warm,
        "impatient": impatient,
        "three": three,
        "ended": ended_well,
        "leave": leave,
    }
    assert [name for name, story in cases.items() if fired(story, "move_on", 390 if name == "warm" else 260)] == []


# too_hot


def test_too_hot_tells_a_client_who_is_written_to_on_most_weekends_for_half_a_year() -> None:
    days = [day for day in range(200) if day % 7 in (0, 2, 4, 5, 6)]
    finding = only(judged(client().talk(days), 200), "too_hot")
    assert finding.strength == "weak"
    assert "of 180 days" in finding.sentence


def test_too_hot_leaves_a_busy_project_a_friend_and_a_hectic_month_alone() -> None:
    project = client().talk([day for day in range(400) if day % 7 < 5])
    friend = Story().talk(range(200))
    hectic = client().talk(range(0, 300, 14)).talk(range(301, 361))
    assert [fired(project, "too_hot", 400), fired(friend, "too_hot", 200), fired(hectic, "too_hot", 361)] == [False] * 3
