"""A backtest counts what was said at the time, and holds it against what came."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given, settings

from keepwarm.rules.backtest import Backtest
from keepwarm.rules.finding import whole
from keepwarm.rules.rivals import MOST_LISTED, Rivals
from keepwarm.rules.rule_file import read
from keepwarm.rules.silences import heard
from keepwarm.storage.histories import By
from tests.unit.history_samples import CATALOGUE, WORKING, Story, engine, judged, last_day, on, rules_of, stories

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from keepwarm.rules.backtest import Tally
    from keepwarm.rules.engine import Outcome
    from keepwarm.rules.rivals import Difference
    from keepwarm.rules.rule import Rule


def tallies(
    story: Story, until: datetime, *, rules: Sequence[Rule] = CATALOGUE, since: datetime | None = None, **verdicts: str
) -> dict[str, Tally]:
    test = Backtest(rules, until, since=since, verdicts=verdicts)
    history = story.history()
    test.add(engine(rules).judge(history, until), heard(history, WORKING, until), history.labels)
    return test.tallies


def told(outcome: Outcome, since: datetime, until: datetime) -> list[object]:
    """Give what opened in (since, until], as it was said then."""
    return [
        (one.id, one.opened, one.strength, one.sentence, one.facts, one.evidence)
        for one in outcome.findings
        if since < one.opened <= until
    ]


@settings(max_examples=10, deadline=None)
@given(stories())
def test_one_replay_says_what_was_said_week_by_week(story: Story) -> None:
    history, until = story.history(), last_day(story) + 80
    weeks = [on(day, 7.0) for day in range(-35, until + 35, 35)]
    at_the_end = engine().judge(history, weeks[-1])
    for before, week in pairwise(weeks):
        assert told(engine().judge(history, week), before, week) == told(at_the_end, before, week)
    counted = tallies(story, weeks[-1], since=weeks[3])
    for rule, tally in counted.items():
        assert tally.signals == sum(
            one.rule.id == rule and one.opened >= weeks[3] for one in whole(at_the_end.findings)
        )


def test_a_silence_that_came_is_told_before_its_sixtieth_day_or_late() -> None:
    story = Story().talk(range(0, 160, 8))
    quiet = tallies(story, on(300))["gone_quiet"]
    (signal,) = (one for one in whole(judged(story, 300).findings) if one.rule.id == "gone_quiet")
    assert (quiet.signals, quiet.silences, quiet.told_late, quiet.ends) == (1, 1, 0, {"followed": 1})
    (lead,) = quiet.leads
    assert lead.after_last_word == (signal.opened - on(152)).total_seconds() / 86400
    assert round(lead.before_it_came + lead.after_last_word, 6) == 60
    assert quiet.false_alarms == 0


def test_a_rule_that_speaks_after_the_sixtieth_day_has_told_late(tmp_path: Path) -> None:
    text = '[[tune]]\nrule = "gone_quiet"\nparam = { at_least_days = 70 }\n'
    late = tallies(Story().talk(range(0, 160, 8)), on(300), rules=tuned(tmp_path, text))["gone_quiet"]
    assert (late.leads, late.told_late, late.lead_before_it_came()) == ([], 1, None)


def tuned(folder: Path, text: str) -> tuple[Rule, ...]:
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return read([file]).in_force


def after_a_signal(back: int, *days: int) -> Tally:
    """Let them be silent long enough for a signal, and come back so many days later, on some days."""
    story = Story().talk(range(0, 160, 8))
    opened = next(one.opened for one in whole(judged(story, 300).findings) if one.rule.id == "gone_quiet")
    first = (opened - on(0)).days + 1
    story.talk(first + day for day in days)
    return tallies(story, on(first + back))["gone_quiet"]


def test_a_signal_is_a_false_alarm_only_if_they_were_soon_heard_from_at_their_usual_pace() -> None:
    assert after_a_signal(40, 2, 8, 16, 24).ends == {"false": 1}
    assert after_a_signal(40, 2).ends == {"neither": 1}
    assert after_a_signal(8, 2).ends == {"open": 1}
    assert after_a_signal(4).ends == {"open": 1}


def test_a_silence_that_has_ended_does_not_vouch_for_a_later_signal() -> None:
    story = Story().talk(range(0, 160, 8)).talk(range(230, 320, 4)).talk(range(370, 420, 4))
    quiet = tallies(story, on(420))["gone_quiet"]
    assert (quiet.signals, quiet.silences) == (2, 1)
    assert quiet.ends == {"followed": 1, "false": 1}


def test_what_is_said_of_meetings_is_followed_by_a_silence_that_begins_soon_and_is_never_called_false() -> None:
    def moving(until: int) -> Tally:
        story = Story().talk(range(0, until, 6))
        for day in (100, 101, 102):
            story.meet(day + 5, planned=90).moved(day, by=By.THEM, to=900)
        return tallies(story, on(until + 120))["put_off"]

    soon, later = moving(130), moving(220)
    assert soon.ends == {"followed": 1}
    assert soon.leads[0].after_last_word < 0
    assert later.ends == {"open": 1}
    assert soon.false_alarms is later.false_alarms is None


def test_of_what_the_owner_does_no_silence_is_said() -> None:
    mirror = tallies(Story().talk(range(0, 160, 8)), on(300))["you_owe_reply"]
    assert (mirror.is_about_them, mirror.false_alarms, mirror.ends) == (False, None, {})


def test_silences_count_for_a_rule_only_where_it_is_in_force(tmp_path: Path) -> None:
    text = '[[tune]]\nrule = "gone_quiet"\nenabled = false\n[[tune]]\nrule = "gone_quiet"\nlabels = ["client"]\n'
    rules = tuned(tmp_path, text + "enabled = true\n")
    client, other = (Story(labels=labels).talk(range(0, 160, 8)) for labels in (("client",), ()))
    assert tallies(client, on(300), rules=rules)["gone_quiet"].silences == 1
    assert tallies(other, on(300), rules=rules)["gone_quiet"].silences == 0


def test_the_owners_verdicts_are_counted() -> None:
    story = Story().talk(range(0, 160, 8))
    (signal,) = (one for one in whole(judged(story, 300).findings) if one.rule.id == "gone_quiet")
    found = tallies(story, on(300), **{signal.id: "dismissed"})
    assert found["gone_quiet"].verdicts == {"dismissed": 1}
    assert found["one_sided"].verdicts == {}


def compared(story: Story, until: int, first: Sequence[Rule], second: Sequence[Rule]) -> tuple[Difference, ...]:
    rivals, history = Rivals(lambda _moment: True), story.history()
    one, other = (engine(rules).judge(history, on(until)).findings for rules in (first, second))
    rivals.add("c_ana", "Ana", one, other)
    return rivals.differences()


def test_the_same_rules_differ_in_nothing() -> None:
    assert compared(Story().talk(range(0, 160, 8)), 300, CATALOGUE, CATALOGUE) == ()


def test_what_both_say_on_another_day_is_a_shift_and_no_other_signal(tmp_path: Path) -> None:
    earlier = tuned(tmp_path, '[[tune]]\nrule = "gone_quiet"\nparam = { silent_days = 35 }\n')
    (one,) = compared(Story().talk(range(0, 160, 8)), 300, CATALOGUE, earlier)
    assert (one.rule, one.same, one.first_only_count, one.second_only_count) == ("gone_quiet", 0, 0, 0)
    assert one.shift is not None
    assert -15 < one.shift < -13


def test_what_only_one_side_says_is_listed_with_whom_and_when(tmp_path: Path) -> None:
    without = tuned(tmp_path, '[[rule]]\nid = "gone_quiet"\nenabled = false\n')
    story = Story().talk(range(0, 160, 8))
    (lost,) = (one for one in compared(story, 300, CATALOGUE, without) if one.rule == "gone_quiet")
    (gained,) = (one for one in compared(story, 300, without, CATALOGUE) if one.rule == "gone_quiet")
    assert (lost.first_only_count, lost.second_only_count) == (1, 0)
    assert lost.first_only == gained.second_only
    assert lost.first_only[0].contact == "Ana"
    assert "gone quiet" in lost.first_only[0].sentence


def test_however_many_differ_so_many_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    (rule,) = rules_of(
        tmp_path,
        '[[rule]]\nid = "mine"\nfamily = "care"\nwhen = ["their_silence_days < 1.0"]\ncooldown = "0d"\n'
        'sentence = "{name} wrote on {last_heard_on:date}."\n',
    )
    history, rivals = Story().talk(range(0, 300, 3)).history(), Rivals(lambda _moment: True)
    outcome, nothing = engine([rule]).judge(history, on(300)), engine([]).judge(history, on(300))
    contacts = MOST_LISTED // len(outcome.findings) + 2
    for number in range(contacts):
        rivals.add(f"c_{number}", f"Ana {number}", outcome.findings, nothing.findings)
    (one,) = rivals.differences()
    assert one.first_only_count == contacts * len(outcome.findings) > MOST_LISTED
    assert len(one.first_only) == MOST_LISTED
