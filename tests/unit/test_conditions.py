"""Conditions are checked when they are loaded, and an answer that is no answer never counts as true."""

from __future__ import annotations

import pytest

from keepwarm.rules.conditions import ConditionError, Vocabulary

WORDS = Vocabulary({"moves": int, "silence": float, "rhythm": bool, "since": str, "param.most": int})


def mistake(text: str, result: type = bool) -> ConditionError:
    with pytest.raises(ConditionError) as caught:
        WORDS.compile(text, result)
    return caught.value


def test_an_unknown_name_is_told_with_its_place_and_the_nearest_name() -> None:
    error = mistake("silence > 3.0 && moves_ > 1")
    assert (error.line, error.column) == (1, 18)
    assert error.hint == "did you mean moves?"


def test_a_name_that_is_like_no_other_points_to_the_list() -> None:
    assert "rules facts" in mistake("qqqqqq > 1").hint


def test_a_whole_number_is_no_fraction() -> None:
    assert "write 3.0 instead of 3" in mistake("silence > 3").hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("moves > 1 and rhythm", "&&"),
        ("moves > 1 OR rhythm", "||"),
        ("not rhythm", "!"),
        ("moves = 3", "=="),
        ("moves => 3", ">="),
        ("moves =< 3", "<="),
        ("moves <> 3", "!="),
        ("moves > 1 & rhythm", "&&"),
        ("rhythm == True", "written small"),
        ("silence > 14d", "the number alone"),
        ("silence > 14 days", "the number alone"),
        ("silence > 50%", "0.5"),
        ("silence > 1,5", "a point"),
        ("moves > '3'", "quotes"),
        ("since == 'a and b = c' && moves >", ""),
    ],
)
def test_what_one_writes_by_habit_is_told_how_it_is_written_here(text: str, hint: str) -> None:
    error = mistake(text)
    assert hint in error.hint if hint else error.hint == ""


def test_every_mistake_of_an_expression_is_told_but_none_that_another_brought_about() -> None:
    error = mistake("mooves > 1 && silenc > 3.0 && moves > 1.0")
    assert [one.column for one in (error, *error.following)] == [1, 15, 37]
    assert mistake("moves > > 1 && (silence").following == ()


@pytest.mark.parametrize(
    ("text", "result", "needed"),
    [("moves", bool, "true or false"), ("moves > 1", str, "a text"), ("since", float, "a number")],
)
def test_an_expression_gives_what_is_asked_for(text: str, result: type, needed: str) -> None:
    assert f"{needed} is needed" in str(mistake(text, result))


@pytest.mark.parametrize("text", ["", "moves >", "moves > 1)", "[", "'open", "a.b.c > 1", "moves > 1 &&"])
def test_nonsense_is_a_mistake_and_no_crash(text: str) -> None:
    assert str(mistake(text))


@pytest.mark.parametrize(
    ("text", "known", "value"),
    [
        ("moves / 0 > 1", {"moves": 1}, None),
        ("9223372036854775807 + moves > 0", {"moves": 1}, None),
        ("moves > 1", {}, None),
        ("moves > 1 || silence > 3.0", {"silence": 5.0}, True),
        ("silence > 3.0 || moves > 1", {"silence": 5.0}, True),
        ("moves > 1 || silence > 3.0", {"silence": 1.0}, None),
        ("moves > 1 && silence > 3.0", {"silence": 1.0}, False),
        ("moves > 1 && silence > 3.0", {"silence": 5.0}, None),
        ("moves >= param.most", {"moves": 3, "param.most": 3}, True),
        ("rhythm", {"rhythm": False}, False),
    ],
)
def test_what_is_absent_or_fails_is_neither_true_nor_false(
    text: str, known: dict[str, float], value: bool | None
) -> None:
    assert WORDS.compile(text, bool).value(known) is value


def test_the_names_are_those_of_facts_and_parameters_outside_texts() -> None:
    condition = WORDS.compile("since == 'moves' && rhythm && silence > 1.0 && silence < double(param.most)", bool)
    assert condition.names == ("since", "rhythm", "silence", "param.most")
