"""Tunings: thresholds that are others for some contacts, without a copy of the rule."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.rules.rule_file import Problem, RuleFileError, load, read
from keepwarm.storage.histories import By
from tests.unit.history_samples import Story, engine, findings, on

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.rules.finding import Finding
    from keepwarm.rules.rule import Rule

TUNE = """
[[tune]]
rule = "gone_quiet"
labels = ["client"]
param = { silent_days = 35.0 }
"""


def loaded(folder: Path, *texts: str) -> dict[str, Rule]:
    files = []
    for number, text in enumerate(texts):
        files.append(folder / f"{number}.toml")
        files[-1].write_text(text, encoding="utf-8")
    return {rule.id: rule for rule in load(files)}


def problems(folder: Path, text: str) -> tuple[Problem, ...]:
    with pytest.raises(RuleFileError) as caught:
        loaded(folder, text)
    return caught.value.problems


def for_labels(rule: Rule, *labels: str) -> Rule:
    found = rule.for_labels(labels)
    assert found is not None
    return found


def fading(*labels: str) -> Story:
    """Somebody with a rhythm who then says nothing more, and to whom the owner goes on writing."""
    story = Story(labels=labels).talk(range(0, 160, 8))
    for day in range(155, 300, 3):
        story.you_write(day)
    return story


def quiet(rules: dict[str, Rule], story: Story) -> Finding:
    (finding,) = findings(engine(rules.values()).judge(story.history(), on(260)), "gone_quiet")
    return finding


def test_a_tuning_is_for_those_with_its_label_and_changes_only_what_it_names(tmp_path: Path) -> None:
    usual, tuned = load(), loaded(tmp_path, TUNE)
    (before,) = (rule for rule in usual if rule.id == "gone_quiet")
    client, other = for_labels(tuned["gone_quiet"], "client"), for_labels(tuned["gone_quiet"], "prospect")
    assert client.params == {**before.params, "param.silent_days": 35.0}
    assert (client.when, client.sentence.text, client.advice) == (
        tuned["gone_quiet"].when,
        before.sentence.text,
        before.advice,
    )
    assert other.params == before.params
    assert other.version == before.version


def test_a_tuned_rule_speaks_by_its_threshold_and_stores_the_parameters_it_used(tmp_path: Path) -> None:
    stricter = TUNE.replace("35.0", "35.0, chance = 0.99, hear = 0.01")
    usual = loaded(tmp_path, TUNE.replace("35.0", "49.0, chance = 0.99, hear = 0.01"))
    tuned = loaded(tmp_path, stricter)
    early, late = quiet(tuned, fading("client")), quiet(usual, fading("client"))
    assert timedelta(days=13) <= late.opened - early.opened <= timedelta(days=15)
    assert early.rule.params["param.silent_days"] == 35.0
    assert early.rule.version != late.rule.version
    everybody_else = quiet(tuned, fading("prospect"))
    assert everybody_else.rule.params["param.silent_days"] == 49.0


def test_without_labels_a_tuning_is_for_everybody(tmp_path: Path) -> None:
    tuned = loaded(tmp_path, TUNE.replace('labels = ["client"]\n', ""))
    assert for_labels(tuned["gone_quiet"]).params["param.silent_days"] == 35.0


def test_of_several_that_match_the_later_one_wins_for_what_it_names(tmp_path: Path) -> None:
    text = TUNE.replace("35.0", "35.0, chance = 0.3")
    tuned = loaded(tmp_path, text, TUNE.replace("client", "key").replace("35.0", "21.0"))["gone_quiet"]
    assert for_labels(tuned, "client").params["param.silent_days"] == 35.0
    both = for_labels(tuned, "client", "key")
    assert (both.params["param.silent_days"], both.params["param.chance"]) == (21.0, 0.3)
    assert for_labels(tuned, "key").params["param.chance"] == 0.44


def test_what_is_tuned_is_whatever_rule_is_in_force_after_all_files(tmp_path: Path) -> None:
    own = """[[rule]]
id = "gone_quiet"
family = "care"
when = ['their_silence_days > param.silent_days']
param = { silent_days = 10.0 }
sentence = "{name} is silent."
"""
    tuned = for_labels(loaded(tmp_path, TUNE, own)["gone_quiet"], "client")
    assert tuned.family == "care"
    assert tuned.params == {"param.silent_days": 35.0}


def test_more_than_thresholds_can_be_tuned(tmp_path: Path) -> None:
    more = 'warmth = 0\ncooldown = "8w"\nopen_for = "while true"\nadvice = "Call."\n'
    tuned = for_labels(loaded(tmp_path, f'[[tune]]\nrule = "cancelled"\n{more}')["cancelled"])
    assert (tuned.warmth, tuned.cooldown, tuned.open_for, tuned.advice) == (0.0, timedelta(weeks=8), None, "Call.")
    outcome = engine([tuned]).judge(cancelling().history(), on(40))
    assert [one.rule.id for one in outcome.findings] == ["cancelled"]
    assert not any(line.signal for line in outcome.ledger)


def cancelling() -> Story:
    story = Story(labels=("client",)).talk(range(0, 30, 5))
    story.meet(31).cancelled(31, by=By.THEM)
    return story


def test_a_rule_is_switched_off_for_one_label_and_on_again_for_another(tmp_path: Path) -> None:
    text = '[[tune]]\nrule = "put_off"\nenabled = false\n[[tune]]\nrule = "put_off"\nlabels = ["key"]\nenabled = true\n'
    rule = loaded(tmp_path, text)["put_off"]
    assert rule.for_labels(("client",)) is None
    assert rule.for_labels(()) is None
    assert for_labels(rule, "client", "key")


def test_a_whole_number_does_for_a_fraction(tmp_path: Path) -> None:
    tuned = for_labels(loaded(tmp_path, TUNE.replace("35.0", "35"))["gone_quiet"], "client")
    assert tuned.params["param.silent_days"] == 35.0
    assert isinstance(tuned.params["param.silent_days"], float)


def test_a_rule_that_is_switched_off_may_stay_tuned(tmp_path: Path) -> None:
    assert "gone_quiet" not in loaded(tmp_path, TUNE + '[[rule]]\nid = "gone_quiet"\nenabled = false\n')


def test_the_fingerprint_changes_with_any_tuning_and_the_version_of_those_it_is_for(tmp_path: Path) -> None:
    (before,) = (rule for rule in load() if rule.id == "gone_quiet")
    rule = loaded(tmp_path, TUNE)["gone_quiet"]
    other = loaded(tmp_path, TUNE.replace("35.0", "34.0"))["gone_quiet"]
    assert len({before.fingerprint, rule.fingerprint, other.fingerprint}) == 3
    assert len({one.tuned_for(("client",)).version for one in (before, rule, other)}) == 3
    assert len({one.tuned_for(("prospect",)).version for one in (before, rule, other)}) == 1


def test_a_files_tunings_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(TUNE, encoding="utf-8")
    (tuning,) = read([file]).tunings(str(file))
    assert (tuning.rule, tuning.line) == ("gone_quiet", 2)


@pytest.mark.parametrize(
    ("text", "place", "why", "hint"),
    [
        (TUNE.replace("gone_quiet", "gone_quite"), (3, 1), "no rule of this id to tune", "did you mean gone_quiet?"),
        (TUNE.replace("gone_quiet", "xyzzy"), (3, 1), "no rule of this id to tune", "rules list"),
        (TUNE.replace('rule = "gone_quiet"\n', ""), (2, 1), "rule is missing", ""),
        (TUNE.replace("silent_days", "silent_day"), (5, 11), "no parameter 'silent_day'", "did you mean silent_days?"),
        (TUNE.replace("silent_days", "xyzzy"), (5, 11), "no parameter 'xyzzy'", "it has chance"),
        (TUNE.replace("35.0", '"35"'), (5, 11), "has to be a number, as 49.0 is", ""),
        (TUNE.replace("35.0", "true"), (5, 11), "has to be a number", ""),
        (TUNE.replace("35.0", "nan"), (5, 11), "has to be a number", ""),
        (TUNE.replace("gone_quiet", "put_off").replace("silent_days = 35.0", "moves = 2.5"), (5, 11), "whole", ""),
        (TUNE.replace("param = { silent_days = 35.0 }\n", ""), (2, 1), "nothing that it tunes", "param"),
        (TUNE.replace('["client"]', '"client"'), (4, 1), "labels has to be a list", "labels = [...]"),
        (TUNE.replace('["client"]', "[]"), (4, 1), "labels is empty", "everybody"),
        (TUNE.replace("param =", "params ="), (5, 1), "unknown key 'params'", "did you mean param?"),
        (TUNE + "warmth = -30\n", (6, 1), "at most 10 points", ""),
        ('[[tune]]\nrule = "you_moved_it"\nwarmth = -1\n', (3, 1), "never changes the contact's warmth", ""),
        (TUNE + "cooldown = 14\n", (6, 1), "cooldown has to be a text", '"14d"'),
        (TUNE + 'open_for = "always"\n', (6, 1), "while true", ""),
        (TUNE + 'when = ["messages_in > 3"]\n', (6, 1), "unknown key 'when'", ""),
        ("\n[tune]\nrule = 'put_off'\n", (2, 1), "[[tune]] has to be a list of tables", "two brackets"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_its_cure(
    tmp_path: Path, text: str, place: tuple[int, int], why: str, hint: str
) -> None:
    (found,) = problems(tmp_path, text)
    assert why in found.why
    assert hint in found.hint
    assert (found.line, found.column) == place


def test_mistakes_of_rules_and_tunings_are_told_at_once_each_at_its_own_table(tmp_path: Path) -> None:
    text = (
        TUNE.replace("silent_days", "silence")
        + '[[rule]]\nid = "mine"\nfamily = "caring"\nwhen = ["messages_in > 3"]\nsentence = "x"\n'
        + TUNE.replace("gone_quiet", "gone_quit")
    )
    assert sorted((one.line, one.rule) for one in problems(tmp_path, text)) == [
        (5, "gone_quiet"),
        (8, "mine"),
        (13, "gone_quit"),
    ]


@pytest.mark.parametrize(
    "value", ["3", "-1e400", "true", "[]", "[[1]]", "{ a = 2024-01-01 }", "2024-01-01", '"\\u0000"']
)
@pytest.mark.parametrize("table", ["rule", "tune"])
def test_whatever_stands_in_a_file_is_a_mistake_and_no_crash(tmp_path: Path, table: str, value: str) -> None:
    keys = ("id", "rule", "title", "family", "labels", "when", "clear", "param", "strength", "sentence", "advice",
            "warmth", "cooldown", "open_for", "silence", "band_at_most")  # fmt: skip
    lines = [f"[[{table}]]", *(f"{key} = {value}" for key in keys)]
    found = problems(tmp_path, "\n".join(lines))
    assert {problem.line for problem in found} >= {1 + lines.index(f"family = {value}")}
    assert all(1 <= problem.line <= len(lines) for problem in found)


def test_a_label_that_nobody_can_have_is_a_mistake(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, TUNE.replace('"client"', '"Not a label!"'))
    assert "is no label" in problem.why
    assert problem.line == 4
