"""The mirror beside replies owed: worse service, invoices only, all business, and a bad first impression."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.rules.facts import FACTS
from keepwarm.storage.histories import By
from keepwarm.storage.observations import MessageKind
from tests.unit.history_samples import CATALOGUE, Story, engine, findings, judged, on, only

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keepwarm.rules.facts import Value
    from keepwarm.rules.finding import Finding

RULES = (
    "service_slipped",
    "service_slipped_meetings",
    "invoice_only",
    "all_business",
    "bad_first_impression",
)
ENGINES = {rule.id: engine((rule,)) for rule in CATALOGUE if rule.id in RULES}


def fired(story: Story, rule: str, day: int) -> bool:
    return bool(ENGINES[rule].judge(story.history(), on(day)).findings)


def cited(finding: Finding) -> set[str]:
    return {source.ref for source in finding.evidence}


def fact(story: Story, name: str, day: int) -> Value | None:
    return FACTS[name].compute(engine(()).moment(story.history(), on(day))[0])


def answered(story: Story, days: Iterable[int], *, after_days: int) -> Story:
    """Let the owner answer a question of Ana's so many days later each time."""
    for day in days:
        story.you_write(day + after_days, 11.0, answers=story.they_write(day, 10.0))
    return story


def test_the_rules_are_mirrors_and_move_no_warmth() -> None:
    assert ENGINES.keys() == set(RULES)
    assert {(rule.family, rule.warmth) for rule in CATALOGUE if rule.id in RULES} == {("mirror", 0.0)}


@pytest.mark.parametrize("every", [7, 30])
def test_a_healthy_client_and_a_mother_who_never_answers_set_off_none_of_them(every: int) -> None:
    healthy, mother = Story(), Story()
    for day in range(0, 720, every):
        answered(healthy, [day], after_days=0)
        healthy.meet(day + 3, planned=day, summary="Lunch" if day % 4 else "Catch-up")
        mother.you_write(day)
    assert [rule for rule in RULES for story in (healthy, mother) if fired(story, rule, 720)] == []


# service_slipped


def test_service_slipped_tells_answers_of_the_owners_that_take_ever_longer() -> None:
    story = answered(Story(), range(0, 84, 7), after_days=0)
    answered(story, range(98, 133, 7), after_days=4)
    finding = only(judged(story, 140), "service_slipped")
    answers = [message for message in story.messages if message.outbound and message.at <= finding.opened]
    assert cited(finding) == {message.ref for message in answers[-5:]}
    assert finding.opened == on(116, 11.0)  # with the third slow one
    assert "lately your answers take 4 working days, before that 1 working hour" in finding.sentence
    answered(story, range(140, 175, 7), after_days=0)
    assert only(judged(story, 176), "service_slipped").cleared is not None


def test_service_slipped_leaves_one_slow_week_and_who_is_always_slow_alone() -> None:
    once = answered(Story(), range(0, 126, 7), after_days=0)
    answered(once, [126], after_days=14)
    always = answered(Story(), range(0, 210, 14), after_days=5)
    assert not fired(once, "service_slipped", 150)
    assert not fired(always, "service_slipped", 230)


def test_service_slipped_does_not_count_the_owners_leave() -> None:
    story = answered(Story(), range(0, 84, 7), after_days=0)
    answered(story, range(98, 133, 7), after_days=4)
    assert fired(story, "service_slipped", 140)
    for day in range(98, 133, 7):
        story.away(By.OWNER, day, 4)
    assert not fired(story, "service_slipped", 140)


# service_slipped_meetings


def _met_each_month(days: int = 300) -> Story:
    story = Story().talk([0])
    for day in range(20, days, 30):
        story.meet(day)
    return story


def test_service_slipped_meetings_tells_what_the_owner_has_done_to_them() -> None:
    story = _met_each_month()
    story.meet(310).resized(306, by=By.OWNER, length=timedelta(minutes=20))
    story.meet(320).moved(320, by=By.OWNER, to=324)
    assert not fired(story, "service_slipped_meetings", 350)
    story.meet(330, planned=300).cancelled(320, by=By.OWNER)
    assert not fired(story, "service_slipped_meetings", 330)  # there is time to find another date
    finding = only(judged(story, 350), "service_slipped_meetings")
    assert cited(finding) == {"meeting-010-1", "meeting-011-1", "meeting-012-1"}
    assert "3 meetings" in finding.sentence


def test_service_slipped_meetings_leaves_theirs_what_was_put_right_and_what_is_no_worse_alone() -> None:
    theirs, in_time, always = _met_each_month(), _met_each_month(), Story().talk([0])
    for day in (310, 320, 330):
        theirs.meet(day).moved(day, by=By.THEM, to=day + 4)
        in_time.meet(day).moved(day - 3, by=By.OWNER, to=day + 4)
    in_time.meet(340).cancelled(335, by=By.OWNER)
    in_time.meet(345, planned=336)
    for day in range(20, 350, 25):
        always.meet(day).moved(day, by=By.OWNER, to=day + 2)
    assert not any(fired(story, "service_slipped_meetings", 360) for story in (theirs, in_time, always))


def test_service_slipped_meetings_does_not_count_who_is_out_of_office() -> None:
    story = _met_each_month()
    for day in (310, 320, 330):
        story.meet(day).cancelled(day, by=By.OWNER).out_of_office()
    assert not fired(story, "service_slipped_meetings", 360)


# invoice_only


def _invoiced(story: Story, days: Iterable[int]) -> Story:
    for day in days:
        story.you_write(day, 17.0, kind=MessageKind.INVOICE)
    return story


def test_invoice_only_tells_an_owner_who_sends_nothing_else() -> None:
    story = _invoiced(answered(Story(), range(0, 100, 10), after_days=0), range(40, 250, 30))
    finding = only(judged(story, 200), "invoice_only")
    assert on(90 + 75) < finding.opened <= on(90 + 92)
    invoices = [one.ref for one in story.messages if one.kind is MessageKind.INVOICE and one.at <= finding.opened]
    last_word = [one.ref for one in story.messages if one.outbound and one.kind is MessageKind.HUMAN][-1]
    assert cited(finding) == {*invoices[-3:], last_word}
    assert "three times, the last one on 16 June 2024" in finding.sentence
    story.you_write(210)
    assert only(judged(story, 211), "invoice_only").cleared == on(210, 11.0)


def test_invoice_only_leaves_those_alone_who_get_anything_else() -> None:
    cases = {name: answered(Story(), range(0, 100, 10), after_days=0) for name in ("wrote", "met", "noted", "invited")}
    cases["wrote"].you_write(150, direct=False)
    cases["met"].meet(150, by=By.THEM)
    cases["noted"].log(150, "call")
    cases["invited"].meet(300, planned=150)
    cases["one invoice"] = _invoiced(answered(Story(), range(0, 100, 10), after_days=0), [130])
    cases["never anything else"] = Story()
    cases["never anything else"].they_write(0)
    for name in cases.keys() - {"one invoice"}:
        _invoiced(cases[name], range(30, 220, 30))
    assert [name for name, story in cases.items() if fired(story, "invoice_only", 200)] == []


def test_invoice_only_does_not_count_the_owners_leave() -> None:
    story = _invoiced(answered(Story(), range(0, 100, 10), after_days=0), range(30, 250, 30))
    story.away(By.OWNER, 110, 60)
    assert not fired(story, "invoice_only", 200)
    assert fired(story, "invoice_only", 240)


def test_an_invoice_to_the_owner_is_none_of_the_owners() -> None:
    story = answered(Story(), range(0, 100, 10), after_days=0)
    for day in range(30, 220, 30):
        story.they_write(day, kind=MessageKind.INVOICE)
    assert fact(story, "invoices_sent_90d", 200) == 0


# all_business: catch-ups


def _catch_ups(*titles: str | None) -> Story:
    story = Story().talk([0])
    for number, title in enumerate(titles):
        story.meet(20 + 30 * number, summary=title)
    return story


def test_all_business_tells_catch_ups_with_business_in_the_title() -> None:
    story = _catch_ups("Catch-up", "Catch-up: Q3 budget", "Catch-up", "Catch-up about the offer", "Catch-up")
    finding = only(judged(story, 150), "all_business")
    assert cited(finding) >= {"meeting-001-0", "meeting-003-0"}
    assert finding.opened == on(110, 15.0)
    assert finding.sentence.endswith("business in the title of 2 of 4 catch-ups within 180 days.")


def test_all_business_leaves_a_fifth_calls_and_projects_alone() -> None:
    fifth = _catch_ups("Catch-up", "Catch-up: Q3 budget", "Catch-up", "Catch-up", "Catch-up")
    calls = _catch_ups(*["Weekly: budget", "Conference call: offer"] * 3)
    project = _catch_ups(*["Project review", "Planning"] * 3)
    unknown = _catch_ups(*[None] * 6)
    assert [fired(story, "all_business", 220) for story in (fifth, calls, project, unknown)] == [False] * 4
    unknown.messages.clear()
    assert fact(unknown, "catch_ups_180d", 220) is None


# all_business: informal touches


def _lunches(*days: int, title: str | None = "Lunch") -> Story:
    story = Story()
    for day in days:
        story.meet(day, summary=title)
    return story


def test_all_business_tells_lunches_that_are_no_more() -> None:
    story = _lunches(20, 65, 110, 155).talk(range(0, 300, 14))
    finding = only(judged(story, 290), "all_business")
    assert on(155 + 90) < finding.opened <= on(155 + 92)
    assert cited(finding) >= {"meeting-001-0", "meeting-002-0", "meeting-003-0"}
    assert finding.sentence.endswith("all business: no lunch, coffee or the like since 11 June 2024.")
    story.meet(291, summary="Coffee")
    assert only(judged(story, 292), "all_business").cleared == on(284, 8.0)  # when it was planned


def test_all_business_leaves_those_alone_with_whom_it_is_as_ever() -> None:
    cases = {
        "rare": _lunches(20, 120, 230, 340).talk(range(0, 500, 14)),
        "by chance": _lunches(20, 45, 60, 155).talk(range(0, 300, 14)),
        "one week": _lunches(20, 22, 24).talk(range(0, 300, 14)),
        "planned": _lunches(20, 65, 110, 155).talk(range(0, 300, 14)),
        "by mail": _lunches(20, 65, 110, 155).talk(range(0, 300, 14)),
        "logged": _lunches(20, 65, 110, 155).talk(range(0, 300, 14)),
        "silent": _lunches(20, 65, 110, 155).talk(range(0, 160, 14)),
        "no titles": _lunches(20, 65, 110, 155, title=None).talk(range(0, 300, 14)),
    }
    cases["planned"].meet(300, planned=200, summary="Lunch")
    cases["by mail"].they_write(201, answers=cases["by mail"].you_write(200, subject="Lunch?"), subject="Re: Lunch?")
    cases["logged"].log(200, "walk")
    assert [name for name, story in cases.items() if fired(story, "all_business", 280)] == []


def test_all_business_does_not_count_a_long_leave() -> None:
    story = _lunches(20, 65, 110, 155).talk(range(0, 300, 14))
    story.away(By.THEM, 170, 60)
    assert not fired(story, "all_business", 280)


def test_informal_touches_are_compared_with_the_year_before() -> None:
    story = _lunches(*range(20, 400, 45), 380, 390).talk([0])
    assert fact(story, "informal_touches_90d", 400) == 4
    usual = fact(story, "informal_touches_usual", 400)
    assert isinstance(usual, float)
    assert 1.9 < usual < 2.2
    assert fact(story, "informal_touches_usual", 200) is None


# bad_first_impression


def test_bad_first_impression_tells_a_first_answer_that_took_two_days() -> None:
    story = Story()
    asked = story.they_write(0)
    story.you_write(2, 12.0, answers=asked)
    finding = only(judged(story, 3), "bad_first_impression")
    assert cited(finding) == {asked.ref}
    assert on(1, 14.5) < finding.opened < on(2, 12.0)
    assert "their message of 8 January 2024" in finding.sentence
    assert only(judged(story, 80), "bad_first_impression").cleared is not None


def test_bad_first_impression_tells_a_quick_first_answer_and_two_slow_ones() -> None:
    story = Story()
    for day, later in ((0, 0), (7, 3), (14, 3)):
        story.you_write(day + later, 11.0, answers=story.they_write(day))
    assert not fired(story, "bad_first_impression", 9)
    finding = only(judged(story, 18), "bad_first_impression")
    assert "15 January 2024" in finding.sentence


def test_bad_first_impression_leaves_the_quick_the_old_and_those_who_were_away_alone() -> None:
    quick, weekend, leave = Story(), Story(), Story()
    answered(quick, [0, 7, 14], after_days=1)
    weekend.you_write(7, 11.0, answers=weekend.they_write(4, 17.0))
    leave.you_write(14, 11.0, answers=leave.they_write(1))
    leave.away(By.OWNER, 1, 12)
    old = answered(Story(), [100], after_days=0)
    answered(old, [200], after_days=5)
    begun_before = Story()
    begun_before.you_write(5, answers=begun_before.they_write(0, parent=4711))
    cases = (quick, weekend, leave, old, begun_before)
    assert [fired(story, "bad_first_impression", 250) for story in cases] == [False] * 5
    assert [findings(judged(story, 20), "bad_first_impression") for story in cases] == [[]] * 5
