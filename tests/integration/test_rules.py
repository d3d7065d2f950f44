"""The rules command: list, check, explain and backtest, as the owner types them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.practice.world import World

CONSULTANTS_FILE = """
[[rule]]
id = "long silence"
family = "not into you"
when = "their_silence_days > 30.0"
sentence = "{name} is silent for {their_silence_day:days}."
advise = "Call them."

[[rule]]
id = "slow"
family = "care"
when = ['their_reply_hours > 20', 'messages_in > 5 and messages_out > 5', 'unanswered_in_a_row = 3']
sentence = "{name} is slow."
warmth = "-2"
cooldown = 14

[[tune]]
rule = "gone_quite"
param = { silent_days = 35.0 }

[[tune]]
rule = "put_off"
labels = "client"
param = { move = 2, moves = "two" }
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text('[[tune]]\nrule = "gone_quiet"\nparam = { silent_days = 35.0 }\n', encoding="utf-8")
    return file


def gone_quiet(world: World) -> dict[str, Any]:
    signals = [one for one in world.keepwarm.json("signals") if one["rule"] == "gone_quiet"]
    return min(signals, key=lambda one: one["id"])


def test_every_mistake_of_a_consultants_file_is_told_at_once_with_its_place_and_a_hint(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(CONSULTANTS_FILE, encoding="utf-8")
    said = world.keepwarm.run("rules", "check", str(file), status=2).err
    for place, why, hint in (
        ("2:1", "needs an id of lower-case letters", "'long silence'"),
        ("4:1", "family is 'not into you'", "did you mean not_into_you?"),
        ("5:1", "when has to be a list", "when = [...]"),
        ("6:34", "{their_silence_day:days} names nothing", "did you mean their_silence_days?"),
        ("7:1", "unknown key 'advise'", "did you mean advice?"),
        ("12:28", "no matching overload", "3.0"),
        ("12:52", "Syntax error", "write && for and"),
        ("12:96", "Syntax error", "write == for the same as"),
        ("14:1", "warmth has to be a number", "without quotes"),
        ("15:1", "cooldown has to be a text", '"14d"'),
        ("18:1", "no rule of this id to tune", "did you mean gone_quiet?"),
        ("23:1", "labels has to be a list", "labels = [...]"),
        ("24:11", "no parameter 'move'", "did you mean moves?"),
        ("24:21", "has to be a whole number", "as 3 is"),
    ):
        (line,) = [line for line in said.splitlines() if f"own.toml:{place}: " in line]
        assert why in line
        assert hint in line


def test_a_file_is_checked_after_those_that_are_in_force(world: World, tmp_path: Path, mine: Path) -> None:
    copied = world.copy(tmp_path / "copy")
    own = tmp_path / "own.toml"
    own.write_text(
        '[[rule]]\nid = "own"\nfamily = "care"\nwhen = ["messages_in > param.many"]\nparam = { many = 9 }\n'
        'sentence = "{name}."\n',
        encoding="utf-8",
    )
    mine.write_text('[[tune]]\nrule = "own"\nparam = { many = 5 }\n', encoding="utf-8")
    assert "did you mean" not in copied.keepwarm.run("rules", "check", str(mine), status=2).err
    with copied.keepwarm.config.open("a", encoding="utf-8") as config:
        config.write(f'\n[rules]\nfiles = ["{own}"]\n')
    assert "1 tuning, all valid" in copied.keepwarm.run("rules", "check", str(mine)).out


def test_programs_are_told_of_mistakes_in_json(world: World, tmp_path: Path, mine: Path) -> None:
    bad = tmp_path / "bad.toml"
    long = "x" * 3000
    bad.write_text(
        '[[tune]]\nrule = "gone_quiet"\noff = true\nopen_for = "0d"\n'
        f'[[rule]]\nid = "own"\nfamily = "care"\nwhen = ["{long}"]\nsentence = "{long}"\n',
        encoding="utf-8",
    )
    told = json.loads(world.keepwarm.run("rules", "check", str(bad), "--json", status=2).out)
    assert told["valid"] is False
    whys = {(one["line"], one["why"]): one["hint"] for one in told["problems"]}
    assert whys[3, "unknown key 'off'"] == "enabled = false switches it off"
    assert whys[4, "open_for is 0: nothing would stay open"] == '"1d", or "while true"'
    assert {(8, "when is longer than 2,000 characters"), (9, "sentence is longer than 2,000 characters")} <= whys.keys()
    assert json.loads(world.keepwarm.run("rules", "check", str(mine), "--json").out) == {
        "file": str(mine), "valid": True, "problems": [], "rules": [], "tunings": 1, "off": []
    }  # fmt: skip


def test_a_file_can_be_checked_before_there_is_a_configuration(world: World, tmp_path: Path, mine: Path) -> None:
    nowhere = replace(world.keepwarm, config=tmp_path / "none.toml")
    assert "1 tuning, all valid" in nowhere.run("rules", "check", str(mine)).out


def test_a_tuning_judges_everybody_anew_and_is_listed(world: World, tmp_path: Path, mine: Path) -> None:
    copied = world.copy(tmp_path / "copy")
    before = gone_quiet(world)
    mine.write_text(mine.read_text("utf-8") + '[[rule]]\nid = "put_off"\nenabled = false\n', encoding="utf-8")
    with copied.keepwarm.config.open("a", encoding="utf-8") as config:
        config.write(f'\n[rules]\nfiles = ["{mine}"]\n')
    copied.keepwarm.run("sync")
    after = copied.keepwarm.json("why", before["id"])
    assert after["opened"] < before["opened"]
    assert after["params"]["param.silent_days"] == 35.0
    (row,) = [row for row in copied.keepwarm.json("rules", "list") if row["id"] == "gone_quiet"]
    assert row["param"]["silent_days"] == 49.0
    assert [(one["labels"], one["param"]) for one in row["tuned"]] == [(["*"], {"silent_days": 35.0})]
    listed = copied.keepwarm.run("rules", "list").out
    assert "Switched off: put_off" in listed
    assert "everybody" in listed


def test_rules_and_facts_are_listed_with_what_they_mean(world: World) -> None:
    listed = world.keepwarm.run("rules", "list").out
    assert "Their pace has fallen to a fraction of what it was" in listed
    facts = {row["name"]: row for row in world.keepwarm.json("rules", "facts")}
    silence = facts["their_silence_days"]
    assert (silence["type"], silence["unit"]) == ("float", "days")
    assert silence["meaning"].startswith("Days since they last wrote")


def begun(world: World) -> list[dict[str, Any]]:
    """Give every signal ever, less those that only say that another one got worse."""
    found = world.keepwarm.json("signals", "--all")
    ended = {(one["contact"]["id"], one["rule"], one["cleared"]) for one in found}
    return [one for one in found if (one["contact"]["id"], one["rule"], one["opened"]) not in ended]


def test_an_open_signal_is_explained_by_the_values_that_it_was_opened_with(world: World) -> None:
    signal = gone_quiet(world)
    who, then = signal["contact"]["id"], world.keepwarm.at(signal["opened"])
    found = then.json("rules", "explain", "gone_quiet", "--contact", who)
    assert found["speaks"]
    assert [one["code"] for one in found["reasons"]] == ["open"]
    assert [line["outcome"] for line in found["when"]] == ["holds", "holds", "holds"]
    assert found["sentence"] == signal["sentence"]
    assert [one["ref"] for one in found["evidence"]] == [one["ref"] for one in signal["evidence"]]
    assert round(found["when"][1]["facts"]["their_silence_days"], 4) == signal["facts"]["their_silence_days"]
    text = world.keepwarm.run("rules", "explain", "gone_quiet", "--contact", who).out
    assert "It speaks." in text
    assert "[holds] their_silence_days" in text
    assert signal["sentence"] in text


def test_a_rule_that_does_not_speak_is_explained_with_every_condition(world: World) -> None:
    who = gone_quiet(world)["contact"]["addresses"][0]
    found = world.keepwarm.json("rules", "explain", "warming", "--contact", who)
    assert not found["speaks"]
    assert len(found["when"]) == 4
    assert {one["code"] for one in found["reasons"]} & {"does_not_hold", "too_little_data"}
    assert "not asked" in world.keepwarm.run("rules", "explain", "warming", "--contact", who).out


def test_explaining_asks_for_one_rule_and_one_person(world: World) -> None:
    explain = ("rules", "explain")
    who = gone_quiet(world)["contact"]["addresses"][0]
    assert "Did you mean gone_quiet?" in world.keepwarm.run(*explain, "gone_quite", "--contact", who, status=2).err
    assert "Nobody is known" in world.keepwarm.run(*explain, "gone_quiet", "--contact", "nobody", status=2).err
    assert "may be any of" in world.keepwarm.run(*explain, "gone_quiet", "--contact", "a", status=2).err


def test_a_backtest_counts_the_signals_of_the_ledger_and_says_what_it_is_worth(world: World) -> None:
    found = world.keepwarm.json("rules", "backtest")
    rows = {row["rule"]: row for row in found["rules"]}
    signals = begun(world)
    assert {rule: row["signals"] for rule, row in rows.items() if row["signals"]} == {
        rule: sum(one["rule"] == rule for one in signals) for rule in {one["rule"] for one in signals}
    }
    quiet = rows["gone_quiet"]
    assert quiet["silences"] == found["silences"]["came"] > 0
    assert quiet["silences_told"] + quiet["silences_told_late"] <= quiet["silences"]
    assert (
        quiet["followed_by_silence"] + quiet["false_alarms"] + quiet["heard_from_less"] + quiet["cannot_be_told"]
        == quiet["signals"]
    )
    assert rows["you_owe_reply"]["false_alarms"] is None
    assert rows["put_off"]["false_alarms"] is None
    assert any("dismissed or confirmed nothing" in note for note in found["notes"])
    assert found["rules_of_file"] is found["difference"] is None


def test_a_backtest_of_a_file_names_what_only_one_side_says(world: World, mine: Path) -> None:
    arguments = ("rules", "backtest", "--since", "2026-01-01", "--rules", str(mine))
    found = world.keepwarm.json(*arguments)
    (difference,) = [one for one in found["difference"] if one["rule"] == "gone_quiet"]
    assert difference["later_by_days"] < 0
    assert len(difference["signals_only_in_file"]) == difference["only_in_file"]
    in_force, beside = ({row["rule"]: row for row in found[key]} for key in ("rules", "rules_of_file"))
    assert beside["gone_quiet"]["lead_days"] > in_force["gone_quiet"]["lead_days"]
    assert beside["you_owe_reply"] == in_force["you_owe_reply"]
    text = world.keepwarm.run(*arguments).out
    assert "earlier with the file" in text
    assert "What this is worth" in text


def test_a_backtest_as_of_an_earlier_day_knows_nothing_of_what_came(world: World) -> None:
    early = world.keepwarm.at("2026-06-01T12:00:00Z").json("rules", "backtest")
    signals = begun(world)
    assert {row["rule"]: row["signals"] for row in early["rules"] if row["signals"]} == {
        rule: count
        for rule in {one["rule"] for one in signals}
        if (count := sum(one["rule"] == rule and one["opened"] <= "2026-06-01T12:00:00Z" for one in signals))
    }
    assert any("a first impression" in note for note in early["notes"])


def test_a_backtest_that_cannot_be_is_told(world: World, tmp_path: Path) -> None:
    assert "is not before" in world.keepwarm.run("rules", "backtest", "--since", "2027-01-01", status=2).err
    assert "--instead" in world.keepwarm.run("rules", "backtest", "--instead", status=2).err
    missing = str(tmp_path / "none.toml")
    assert "cannot be read" in world.keepwarm.run("rules", "backtest", "--rules", missing, status=2).err


def test_the_owners_word_on_a_signal_shows_where_its_rule_is_explained_and_tried(world: World, tmp_path: Path) -> None:
    copied, signal = world.copy(tmp_path / "copy"), gone_quiet(world)
    copied.keepwarm.run("signals", "dismiss", signal["id"], "--reason", "On a journey")
    found = copied.keepwarm.json("rules", "explain", "gone_quiet", "--contact", signal["contact"]["id"])
    assert (found["speaks"], found["verdict"]["verdict"]) == (True, "dismissed")
    tested = copied.keepwarm.json("rules", "backtest")
    (row,) = [row for row in tested["rules"] if row["rule"] == "gone_quiet"]
    assert (row["dismissed"], row["confirmed"]) == (1, 0)
    assert not any("dismissed or confirmed nothing" in note for note in tested["notes"])
