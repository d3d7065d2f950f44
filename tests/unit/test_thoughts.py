"""What the owner answers to the question of the evening, read line by line."""

from __future__ import annotations

import pytest

from keepwarm.connectors.own_mail import LONGEST_ANSWER
from keepwarm.storage.thoughts import LONGEST, understood


@pytest.mark.parametrize(
    ("answer", "asked", "thoughts", "unread"),
    [
        ("4 she wants the offer by Friday", 1, [(1, 4, "she wants the offer by Friday")], ""),
        ("4", 1, [(1, 4, "")], ""),
        ("4/5, fine\nand more", 1, [(1, 4, "fine\nand more")], ""),
        ("\n  5.\u00a0great", 1, [(1, 5, "great")], ""),
        ("1: 4 fine", 1, [(1, 4, "fine")], ""),
        ("3: it was so so", 1, [(1, 3, "it was so so")], ""),
        ("1: 4 fine\n2: 1", 2, [(1, 4, "fine"), (2, 1, "")], ""),
        ("2) 5 - fine\n\n#1. 3\nand so on", 2, [(1, 3, "and so on"), (2, 5, "fine")], ""),
        ("Hello,\n2: 5 fine", 2, [(2, 5, "fine")], ""),
        ("1: 2\n1: 4 no, better", 2, [(1, 4, "no, better")], ""),
        ("10: 3 x", 10, [(10, 3, "x")], ""),
        ("4 it went well", 2, [], "not_which"),
        ("it went well", 2, [], "not_numbered"),
        ("it went well", 1, [], "not_numbered"),
        ("", 1, [], "not_numbered"),
        ("7 great", 1, [], "not_numbered"),
        ("40 people came", 1, [], "not_numbered"),
        ("4.5 nearly", 1, [], "not_numbered"),
        ("1: 4 fine\n2: 9 odd\nmore", 2, [(1, 4, "fine")], "not_numbered"),
        ("3: 4 who?\nmore", 2, [], "not_asked"),
        ("1: 4 fine\n7: 2", 2, [(1, 4, "fine")], "not_asked"),
        ("2: \u0664 of another script", 2, [], "not_which"),
    ],
)
def test_a_number_from_one_to_five_and_what_else_there_is(
    answer: str, asked: int, thoughts: list[tuple[int, int, str]], unread: str
) -> None:
    read = understood(answer, asked)
    assert [(one.number, one.mood, one.text) for one in read.thoughts] == thoughts
    assert read.unread == unread


def test_of_what_is_too_long_the_beginning_is_kept_and_that_is_told() -> None:
    read = understood("4 " + "x" * LONGEST, 1)
    assert read.unread == "cut_short"
    assert read.thoughts[0].text == "x" * (LONGEST - 2)
    assert LONGEST == LONGEST_ANSWER
