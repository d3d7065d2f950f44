"""Rule files: every mistake is told with its place and its cure, all at once; an owner's file has the last word."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.rules.rule_file import Problem, RuleFileError, check, load

if TYPE_CHECKING:
    from pathlib import Path

RULE = """
[[rule]]
id = "mine"
family = "care"
when = ['messages_in >= param.least']
param = { least = 3 }
sentence = "{name} wrote {messages_in:times}."
"""


WIDE = """
[[rule]]
id = "wide"
family = "care"
scope = "organisation"
when = ['people_cooling_60d >= 2']
sentence = "{name} of {organisation}"
"""


def problems(folder: Path, text: str) -> tuple[Problem, ...]:
    file = folder / "mine.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RuleFileError) as caught:
        check(file)
    return caught.value.problems


def problem(folder: Path, text: str) -> Problem:
    (one,) = problems(folder, text)
    return one


def changed(old: str, new: str) -> str:
    assert old in RULE
    return RULE.replace(old, new)


def load_with(folder: Path, text: str) -> dict[str, object]:
    file = folder / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return {rule.id: rule for rule in load([file])}


@pytest.mark.parametrize(
    ("text", "place", "why", "hint"),
    [
        (changed("messages_in >= param", "mesages_in >= param"), (5, 10), "undeclared", "did you mean messages_in?"),
        (changed("messages_in >= param", "their_silence_days >= param"), (5, 29), "no matching overload", "3.0"),
        (changed("messages_in >= param.least", "messages_in + 1"), (5, 10), "gives int", ""),
        (changed("messages_in >= param.least", "messages_in >= param.most"), (5, 30), "undeclared", "param.least"),
        (changed("['messages_in >= param.least']", "[3]"), (5, 1), "list of texts", ""),
        (changed('"care"', '"caring"'), (4, 1), "has to be one of", "did you mean"),
        (changed('family = "care"\n', ""), (2, 1), "family is missing", ""),
        (changed('id = "mine"', 'id = "My rule"'), (2, 1), "needs an id", "found 'My rule'"),
        (changed("{messages_in:times}", "{messages_inn:times}"), (7, 26), "names nothing", "did you mean messages_in?"),
        (changed("{messages_in:times}", "{messages_in:date}"), (7, 26), "not a date", ""),
        (changed("least = 3", "least = 3, most = [3]"), (6, 22), "param.most has to be", ""),
        (changed("least = 3", "least = 3, a-b = 4"), (6, 22), "lower-case letters", ""),
        (changed("least = 3", "least = 99999999999999999999"), (6, 11), "too large", ""),
        (RULE + "cooldown = '14 days'\n", (8, 1), "has to be a span", ""),
        (RULE + "open_for = 'always'\n", (8, 1), '"while true"', ""),
        (RULE + "open_for = 30\n", (8, 1), "open_for has to be a text", '"30d"'),
        (RULE + "cooldown = '99999999999d'\n", (8, 1), "has to be a span", ""),
        (RULE + "warmt = -3\n", (8, 1), "unknown key 'warmt'", "did you mean warmth?"),
        (RULE + "warmth = -30\n", (8, 1), "at most 10 points", ""),
        (RULE + "warmth = nan\n", (8, 1), "at most 10 points", ""),
        (RULE + "labels = 'client'\n", (8, 1), "labels has to be a list", "labels = [...]"),
        (RULE + "labels = ['client', 3]\n", (8, 1), "list of texts", ""),
        (RULE + "enabled = 'no'\n", (8, 1), "enabled has to be true or false", "without quotes"),
        (RULE + "band_at_most = 'warm'\n", (8, 1), "has to be one of", ""),
        (RULE + "silence = 1\n", (8, 1), "silence has to be true or false", ""),
        (RULE + "clear = 'days_open > 3'\n", (8, 20), "no matching overload", "3.0"),
        (RULE + "strength = 'huge'\n", (8, 13), "undeclared", ""),
        (RULE + """strength = 'messages_in > 5 ? "huge" : "weak"'\n""", (8, 31), "weak, medium, strong", "'huge'"),
        (RULE + "strength = 'last_heard_on'\n", (8, 13), "undeclared", ""),
        (changed('"care"', '"mirror"') + "warmth = 1\n", (8, 1), "never changes the contact's warmth", "leave"),
        (RULE + "scope = 'firm'\n", (8, 1), "has to be one of 'contact', 'organisation', 'practice'", ""),
        (changed("messages_in >=", "people_cooling_60d >="), (5, 10), "undeclared", 'with scope = "organisation"'),
        (WIDE + "warmth = -3\n", (8, 1), "warmth is for rules about one contact alone", "leave warmth out"),
        (WIDE + "silence = true\n", (8, 1), "silence is for rules about one contact alone", ""),
        (WIDE + "clear = 'heard_since_opened > 0'\n", (8, 10), "undeclared", ""),
        ("[rules]\nid = 'x'\n", (1, 1), "unknown table 'rules'", "[[rule]]"),
        ("\n[rule]\nid = 'x'\n", (2, 1), "list of tables", "two brackets"),
        ("\n[[rules]]\nid = 'x'\n", (2, 1), "unknown table 'rules'", "[[rule]]"),
        ("[[rule]]\nid = \n", (2, 6), "Invalid value", "quotes"),
        ("rule = 3\n", (1, 1), "list of tables", ""),
    ],
)
def test_a_mistake_is_told_with_its_place_and_its_cure(
    tmp_path: Path, text: str, place: tuple[int, int], why: str, hint: str
) -> None:
    found = problem(tmp_path, text)
    assert why in found.why
    assert hint in found.hint
    assert (found.line, found.column) == place
    assert str(found).startswith(f"{tmp_path / 'mine.toml'}:{place[0]}:{place[1]}: ")


def test_all_mistakes_of_all_rules_are_told_at_once_each_at_its_own_rule(tmp_path: Path) -> None:
    good = RULE.replace("mine", "fine") + "warmth = 3\n"
    bad = changed("messages_in >=", "messages_out_ >=") + "warmth = 30\ncooldown = 'soon'\n"
    found = problems(tmp_path, good + bad + "warmpth = 1\n")
    assert {(one.rule, one.line) for one in found} == {("mine", line) for line in (13, 16, 17, 18)}


def test_a_place_is_found_in_a_condition_of_several_lines(tmp_path: Path) -> None:
    text = changed("['messages_in >= param.least']", "['''messages_in >= param.least &&\n  nobody > 1''']")
    assert (problem(tmp_path, text).line, problem(tmp_path, text).column) == (6, 3)


def test_keys_may_stand_before_the_id(tmp_path: Path) -> None:
    text = '[[rule]]\nwarmth = 30\nfamily = "care"\nid = "mine"\nwhen = ["messages_in > 3"]\nsentence = "x"\n'
    assert problem(tmp_path, text).line == 2


def test_an_id_is_used_once_in_a_file(tmp_path: Path) -> None:
    found = problem(tmp_path, RULE + RULE)
    assert (found.line, found.why) == (9, "there is another rule of this id in the file")


def test_a_file_that_cannot_be_read_is_a_problem_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n")
    for name, why in (("nowhere.toml", "No such file"), ("latin.toml", "not UTF-8"), (".", "Is a directory")):
        with pytest.raises(RuleFileError, match=why):
            check(tmp_path / name)


def test_a_file_that_is_nested_too_deeply_is_a_problem_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "nested.toml"
    path.write_text("x = " + "[" * 3000 + "]" * 3000, encoding="utf-8")
    with pytest.raises(RuleFileError, match="nested too deeply"):
        check(path)


def test_an_owners_file_adds_a_rule(tmp_path: Path) -> None:
    rules = load_with(tmp_path, RULE)
    assert rules.keys() == {*(rule.id for rule in load()), "mine"}


def test_an_owners_file_overrides_a_rule_by_its_id(tmp_path: Path) -> None:
    rules = load_with(tmp_path, RULE.replace("mine", "put_off"))
    assert rules.keys() == {rule.id for rule in load()}
    assert "messages_in" in repr(rules["put_off"])


def test_an_owners_file_switches_a_rule_off(tmp_path: Path) -> None:
    rules = load_with(tmp_path, '[[rule]]\nid = "put_off"\nenabled = false\n')
    assert rules.keys() == {rule.id for rule in load()} - {"put_off"}


def test_switching_off_what_there_is_not_is_a_mistake(tmp_path: Path) -> None:
    found = problem(tmp_path, '[[rule]]\nid = "putt_off"\nenabled = false\n')
    assert (found.line, found.hint) == (1, "did you mean put_off?")


def test_checking_a_file_gives_its_own_rules(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(RULE + '[[rule]]\nid = "put_off"\nenabled = false\n', encoding="utf-8")
    assert [rule.id for rule in check(file)] == ["mine"]


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(RULE, encoding="utf-8")
    (rule,) = check(file)
    assert (rule.warmth, rule.cooldown, rule.open_for) == (0.0, timedelta(days=14), timedelta(days=30))
    assert (rule.labels, rule.clear, rule.silence) == (frozenset({"*"}), None, False)
    assert rule.strength.value({}) == "medium"
    assert rule.params == {"param.least": 3}


def test_the_version_changes_with_what_is_written_and_with_nothing_else(tmp_path: Path) -> None:
    def version(text: str) -> str:
        file = tmp_path / "mine.toml"
        file.write_text(text, encoding="utf-8")
        return check(file)[0].version

    reordered = "# a comment\n" + changed('family = "care"\n', "") + 'family = "care"\n'
    assert version(RULE) == version(reordered)
    assert version(RULE) != version(changed("least = 3", "least = 4"))
