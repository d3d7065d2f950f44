from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.outputs.columns import pad, spread, width, wrap
from keepwarm.outputs.desk import desk
from keepwarm.outputs.owner_dates import OwnerDates
from keepwarm.outputs.safe_text import mailbox, one_line
from keepwarm.outputs.sonar import MOST_MARKS, sonar
from keepwarm.outputs.sparkline import sparkline
from keepwarm.outputs.wording import wording
from tests.unit import views_samples as samples

ANY_TEXT = st.text(st.characters(codec=None))
SOON = OwnerDates(wording(), datetime(2026, 11, 22, 17, 0, tzinfo=UTC), "Europe/Berlin")


@given(ANY_TEXT, st.integers(1, 80))
def test_a_safe_text_is_one_line_within_its_limit_and_can_be_written(text: str, limit: int) -> None:
    safe = one_line(text, limit)
    assert len(safe) <= limit
    assert len(safe.splitlines()) <= 1
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in safe)
    safe.encode()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b2Jgone", "gone"),
        ("\x1b]8;;https://x.example\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;title\x1b\\text", "text"),
        ("two\r\nlines\u2028three", "two lines three"),
        ("\u202eevil\u2066\u200f", "evil"),
        ("a\u0300\u0301\u0302\u0303\u0304\u0305", "a\u0300\u0301\u0302"),
        ("half \ud83d", "half \ufffd"),
        ("x" * 200, "x" * 119 + "…"),
    ],
)
def test_what_steers_a_display_is_taken_out(text: str, safe: str) -> None:
    assert one_line(text) == safe


@pytest.mark.parametrize(
    ("address", "ok"),
    [
        ("ana@acme.example", True),
        ("o'k+tag@acme.example", True),
        ("a,b@acme.example", False),
        ("a@acme.example?bcc=x@y.example", False),
        ("a b@acme.example", False),
        ("no-domain", False),
        ('"q"@acme.example', False),
    ],
)
def test_only_one_plain_recipient_becomes_a_mail_link(address: str, ok: bool) -> None:
    assert (mailbox(address) == address) is ok


@given(st.text(), st.integers(8, 40))
def test_wrapped_lines_keep_their_width_and_every_word(text: str, columns: int) -> None:
    lines = wrap(text, "  ", "    ", columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_wide_and_combining_characters_are_counted_as_a_terminal_shows_them() -> None:
    assert width("陳美玲") == 6
    assert width("e\u0301") == 1
    assert pad("陳美玲", 4) == "陳… "
    assert width(spread("陳" * 50, "right")) == 76


def test_a_sparkline_has_a_fixed_scale() -> None:
    assert sparkline([0, 12, 13, 50, 99, 100]) == "▁▁▂▅██"


def test_a_year_is_drawn_as_the_means_of_fortnights() -> None:
    assert sparkline([0, 100] * 26) == "▅" * 26


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "today"),
        (1, "yesterday"),
        (2, "Friday"),
        (6, "Monday"),
        (7, "15 November"),
        (326, "31 December 2025"),
        (-3, "25 November"),
    ],
)
def test_a_day_is_said_as_one_would_say_it(days: int, said: str) -> None:
    assert SOON.ago(SOON.as_of - timedelta(days=days)) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 11, 16), date(2026, 11, 22), "16 to 22 November 2026"),
        (date(2026, 11, 30), date(2026, 12, 6), "30 November to 6 December 2026"),
        (date(2026, 12, 28), date(2027, 1, 3), "28 December 2026 to 3 January 2027"),
    ],
)
def test_a_span_names_only_what_differs(first: date, last: date, said: str) -> None:
    assert SOON.span(first, last) == said


def test_lists_and_numbers_are_said_in_the_language() -> None:
    words = wording()
    assert [words.join(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b, and c",
    ]
    assert (words.number(12480), words.spell(12), words.spell(13)) == ("12,480", "twelve", "13")


def test_a_language_without_a_catalogue_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        wording("xx")


@pytest.mark.parametrize("people", [1, 12, 13, 120, 2000])
def test_the_sonar_shows_everybody_with_a_bounded_number_of_marks(people: int) -> None:
    crowd = tuple(samples.contact(number, f"Person {number}", 50.0) for number in range(people))
    picture = sonar(desk(samples.week(crowd)))
    assert sum(cell.count for ring in picture.rings for cell in ring.cells) == people
    assert 1 <= max(len(cell.marks) for ring in picture.rings for cell in ring.cells) <= MOST_MARKS


def test_those_who_moved_most_are_named_both_ways() -> None:
    crowd = tuple(samples.contact(number, f"Person {number}") for number in range(10))
    change = {view.id: number - 4.5 for number, view in enumerate(crowd)}
    picture = sonar(desk(samples.week(crowd, week_change=change)))
    assert [mover.name for mover in picture.movers] == [f"Person {number}" for number in (9, 8, 7, 0, 1, 2)]
