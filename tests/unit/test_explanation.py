"""An explanation shows every condition with its values, and why the rule speaks or does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.rules.explanation import Answer, explain
from keepwarm.rules.rule import Scope
from keepwarm.rules.rule_file import read
from keepwarm.storage.histories import By
from tests.unit.history_samples import CATALOGUE, Story, engine, findings, on

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from keepwarm.rules.explanation import Explanation
    from keepwarm.rules.rule import Rule

RULE = """
[[rule]]
id = "mine"
family = "care"
when = ['messages_in >= param.least', 'messages_out >= 2', 'their_silence_days >= 3.0', 'chance_of_drop >= 0.0']
param = { least = 3 }
sentence = "{name} wrote {messages_in:times}, with a chance of {chance_of_drop:percent}."
"""


def explained(rules: tuple[Rule, ...], rule_id: str, story: Story, at: datetime) -> Explanation:
    moment, found = engine([rule for rule in rules if rule.enabled]).moment(story.history(), at)
    (rule,) = (rule for rule in rules if rule.id == rule_id)
    return explain(rule, moment, found)


def of_file(folder: Path, text: str) -> tuple[Rule, ...]:
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return read([file]).everything


def codes(found: Explanation) -> list[str]:
    return [reason.code for reason in found.reasons]


def moved(*days: int) -> Story:
    story = Story().talk([0])
    for day in days:
        story.meet(day + 5, planned=0).moved(day, by=By.THEM, to=300)
    return story


def test_every_condition_is_shown_those_after_the_first_that_fails_too(tmp_path: Path) -> None:
    story = Story().talk([0, 1])
    found = explained(of_file(tmp_path, RULE), "mine", story, on(2))
    assert [line.answer for line in found.when] == [Answer.FAILS, Answer.HOLDS, Answer.FAILS, Answer.UNKNOWN]
    assert [line.missing for line in found.when] == [(), (), (), ("chance_of_drop",)]
    values = {one.name: one.value for line in found.when for one in line.names}
    assert values["messages_in"] == 2
    assert values["param.least"] == 3
    assert values["chance_of_drop"] is None
    assert codes(found) == ["does_not_hold", "too_little_data"]
    assert "2 of its 4 conditions do not hold" in found.reasons[0].sentence
    assert "chance_of_drop" in found.reasons[1].sentence
    assert found.sentence == "Ana wrote twice, with a chance of an unknown number."


def test_a_condition_that_holds_whatever_is_missing_is_not_short_of_data(tmp_path: Path) -> None:
    either = RULE.replace("'chance_of_drop >= 0.0'", "'chance_of_drop >= 0.0 || messages_in > 0'")
    found = explained(of_file(tmp_path, either), "mine", Story().talk([0]), on(2))
    assert (found.when[3].answer, found.when[3].missing) == (Answer.HOLDS, ())


def test_values_are_those_of_the_moment_and_of_nothing_later() -> None:
    story = Story().talk(range(0, 200, 4))
    cut = Story().talk(range(0, 100, 4))
    now, then = (explained(CATALOGUE, "gone_quiet", one, on(99)) for one in (story, cut))
    assert now.when == then.when
    assert now.evidence == then.evidence


def test_an_open_signal_says_since_when_and_what_would_clear_it() -> None:
    story = Story().talk(range(0, 160, 4))
    found = explained(CATALOGUE, "gone_quiet", story, on(230))
    (signal,) = findings(engine().judge(story.history(), on(230)), "gone_quiet")
    assert found.speaks
    assert codes(found) == ["open"]
    assert found.reasons[0].at == signal.opened
    assert [one.id for one in found.past] == [signal.id]
    assert found.clear is not None
    assert found.clear.answer is Answer.FAILS
    assert {one.name: one.value for one in found.clear.names} == {"heard_since_opened": 0}
    assert found.evidence == signal.evidence


def test_an_open_signal_that_is_news_for_a_time_says_for_how_long() -> None:
    found = explained(CATALOGUE, "put_off", moved(10, 11, 12), on(20))
    assert codes(found) == ["open"]
    assert "until 19 February 2024 at the latest" in found.reasons[0].sentence


def test_what_would_clear_is_not_asked_where_nothing_is_open() -> None:
    found = explained(CATALOGUE, "gone_quiet", Story().talk(range(0, 160, 4)), on(160))
    assert not found.speaks
    assert found.clear is not None
    assert found.clear.answer is None


def test_after_it_has_cleared_it_says_when_and_until_when_it_rests() -> None:
    story = Story().talk(range(0, 160, 4))
    story.they_write(230)
    found = explained(CATALOGUE, "gone_quiet", story, on(233))
    assert codes(found) == ["cooling_down", "does_not_hold", "cleared"]
    assert found.reasons[0].at == on(244)
    assert found.reasons[-1].at == on(230)
    assert codes(explained(CATALOGUE, "gone_quiet", story, on(246))) == ["does_not_hold", "cleared"]


def test_what_was_told_and_is_no_news_any_more_is_not_told_again() -> None:
    found = explained(CATALOGUE, "put_off", moved(10, 11, 12), on(60))
    assert all(line.answer is Answer.HOLDS for line in found.when)
    assert codes(found) == ["told_already", "too_old", "cleared"]
    assert found.reasons[0].at == on(12, 9.0)
    assert found.reasons[1].at == on(12, 9.0)


def test_what_comes_true_between_two_looks_waits_for_the_next(tmp_path: Path) -> None:
    rules = of_file(tmp_path, RULE.replace(", 'chance_of_drop >= 0.0'", "").replace("= 3 }", "= 1 }"))
    story = Story().talk([0, 4])  # the second is a Friday
    found = explained(rules, "mine", story, on(7, 12.0))
    assert codes(found) == ["at_the_next_look"]
    assert found.reasons[0].at == on(8, 5.0)
    assert explained(rules, "mine", story, on(8, 6.0)).speaks


def test_a_rule_that_is_not_for_them_says_so_and_is_explained_all_the_same(tmp_path: Path) -> None:
    rules = of_file(tmp_path, RULE + 'labels = ["client"]\n')
    found = explained(rules, "mine", Story(labels=("friend",)).talk([0, 1]), on(2))
    assert codes(found)[0] == "not_for_these_labels"
    assert "client" in found.reasons[0].sentence
    assert "friend" in found.reasons[0].sentence
    assert len(found.when) == 4


def test_a_rule_that_is_switched_off_says_so_and_where(tmp_path: Path) -> None:
    story = Story(labels=("client",)).talk(range(0, 160, 4))
    off = of_file(tmp_path, '[[rule]]\nid = "gone_quiet"\nenabled = false\n')
    for_them = of_file(tmp_path, '\n[[tune]]\nrule = "gone_quiet"\nlabels = ["client"]\nenabled = false\n')
    for rules, where in ((off, "own.toml"), (for_them, "own.toml, line 2")):
        found = explained(rules, "gone_quiet", story, on(230))
        assert codes(found) == ["switched_off"]
        assert where in found.reasons[0].sentence
        assert all(line.answer is Answer.HOLDS for line in found.when)


def test_a_tuned_rule_is_explained_with_the_parameters_that_are_meant_for_them(tmp_path: Path) -> None:
    rules = of_file(
        tmp_path,
        '[[tune]]\nrule = "gone_quiet"\nlabels = ["client"]\nparam = { at_least_days = 21, silent_days = 35 }\n',
    )
    client, other = (
        explained(rules, "gone_quiet", Story(labels=labels).talk(range(0, 160, 4)), on(170))
        for labels in (("client",), ())
    )
    shown = [{one.name: one.value for line in found.when for one in line.names} for found in (client, other)]
    assert [values["param.silent_days"] for values in shown] == [35.0, 49.0]


def test_every_rule_of_the_catalogue_can_be_explained_of_somebody_of_whom_nothing_is_known() -> None:
    for rule in (one for one in CATALOGUE if one.scope is Scope.CONTACT):
        found = explained(CATALOGUE, rule.id, Story(), on(0))
        assert not found.speaks
        assert {"does_not_hold", "too_little_data"} & set(codes(found))
