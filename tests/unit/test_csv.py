"""CSV: what a spreadsheet, DuckDB and pandas read is what was meant, and nothing in it is run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.outputs import csv_tables
from keepwarm.outputs.csv_text import harmless, joined, table
from keepwarm.storage.meeting_parts import MeetingPart
from keepwarm.storage.verdicts import Judgement, Verdict
from keepwarm.storage.warmth_weeks import WarmthWeek
from tests.unit import views_samples as samples

if TYPE_CHECKING:
    from collections.abc import Iterable

PART = MeetingPart(
    meeting_id="mt_1",
    title='Review, "final"',
    start=samples.AS_OF,
    end=samples.AS_OF + timedelta(hours=1),
    all_day=False,
    cancelled=True,
    organised_by="contact",
    moved=2,
    contact_id="c_1",
    contact_name="Ana",
    declined=False,
)
WEEK = WarmthWeek(contact_id="c_1", name="Ana", week="2026-W47", ends=date(2026, 11, 22), warmth=38.0, band="cool")


def read(pieces: Iterable[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(pieces), newline=""), strict=True))


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\u200b=", "\x1b[31m=", "\uff1d", "\uff0b"]
)
def test_a_text_that_begins_as_a_formula_gets_an_apostrophe(start: str) -> None:
    shown = harmless(f'{start}HYPERLINK("http://evil.example")')
    assert shown.startswith("'")
    (row,) = read(table(("text",), [(f"{start}cmd|' /C calc'!A0",)]))
    assert row["text"].startswith("'")


def test_numbers_stay_numbers() -> None:
    (row,) = read(table(("a", "b", "c", "d", "e"), [(-4.5, -3, True, False, None)]))
    assert row == {"a": "-4.5", "b": "-3", "c": "true", "d": "false", "e": ""}


def test_lines_end_as_rfc_4180_says_and_commas_quotes_and_breaks_stay_in_their_cell() -> None:
    text = "".join(table(("a", "b"), [('x, "y"\r\nz', "ü 陳"), ("\ud83d", "b")]))
    assert text == 'a,b\r\n"x, ""y"" z",ü 陳\r\n\ufffd,b\r\n'
    text.encode()


def test_several_values_in_a_cell_can_be_told_apart() -> None:
    assert joined(["a@x.example", 'b;"c"@x.example']) == 'a@x.example; b,"c"@x.example'


def test_a_large_table_comes_in_pieces_of_whole_lines() -> None:
    pieces = list(table(("n",), ((number,) for number in range(1000))))
    assert len(pieces) > 4
    assert all(piece.endswith("\r\n") for piece in pieces if piece)
    assert "".join(pieces).split("\r\n")[1:-1] == [str(number) for number in range(1000)]


def test_the_columns_are_the_published_ones() -> None:
    documented = {
        "contacts": csv_tables.CONTACTS,
        "signals": csv_tables.SIGNALS,
        "warmth": csv_tables.WARMTH,
        "meetings": csv_tables.MEETINGS,
    }
    assert {name: ", ".join(columns) for name, columns in documented.items()} == {
        "contacts": "id, name, addresses, organisation, labels, warmth, band, trend, last_in, last_out, next_meeting, "
        "ping_interval_days, open_signals",
        "signals": "id, rule, family, contact_id, contact_name, strength, opened, cleared, historical, verdict, "
        "verdict_at, sentence, evidence",
        "warmth": "contact_id, contact_name, week, week_ends, warmth, band",
        "meetings": "meeting_id, title, start, end, all_day, cancelled, organised_by, moved, contact_id, "
        "contact_name, declined",
    }


def test_contacts_are_ordered_by_id_and_say_what_the_sonar_says() -> None:
    rows = read(csv_tables.contacts([samples.JO, samples.MEI, samples.ANA]))
    assert [row["id"] for row in rows] == sorted(one.id for one in (samples.JO, samples.MEI, samples.ANA))
    assert tuple(rows[0]) == csv_tables.CONTACTS
    assert rows[0]["open_signals"] == "put_off; one_sided; you_owe_reply"
    assert (rows[0]["warmth"], rows[0]["trend"], rows[0]["next_meeting"]) == ("38.0", "-17.0", "")
    assert rows[1]["next_meeting"] == "2026-11-24T09:00:00Z"
    assert rows[2]["name"] == "陳美玲"


def test_a_hostile_name_does_no_harm() -> None:
    eve = samples.contact(9, "=2+5" + samples.HOSTILE, addresses=("=cmd@x.example",), labels=("@a", "b"))
    (row,) = read(csv_tables.contacts([eve]))
    assert row["name"].startswith("'=2+5Eve")
    assert (row["addresses"], row["labels"]) == ("'=cmd@x.example", "'@a; b")
    assert "\x1b" not in row["name"]


def test_signals_are_ordered_by_their_opening_and_name_the_owners_word() -> None:
    said = Verdict(signal_id="x", judgement=Judgement.CONFIRMED, at=datetime(2026, 11, 20, tzinfo=UTC))
    found = [replace(one, verdict=said) for one in samples.busy_signals()]
    rows = read(csv_tables.signals(found))
    assert [row["opened"] for row in rows] == sorted(row["opened"] for row in rows)
    assert tuple(rows[0]) == csv_tables.SIGNALS
    assert {(row["verdict"], row["verdict_at"]) for row in rows} == {("confirmed", "2026-11-20T00:00:00Z")}
    assert {row["evidence"] for row in rows if row["rule"] == "put_off"} == {"2"}
    assert rows == read(csv_tables.signals(reversed(found)))


def test_warmth_and_meetings_have_a_line_each() -> None:
    assert read(csv_tables.warmth([WEEK])) == [
        {"contact_id": "c_1", "contact_name": "Ana", "week": "2026-W47", "week_ends": "2026-11-22", "warmth": "38.0",
         "band": "cool"}
    ]  # fmt: skip
    (row,) = read(csv_tables.meetings([PART]))
    assert tuple(row) == csv_tables.MEETINGS
    assert (row["title"], row["moved"], row["cancelled"], row["declined"]) == ('Review, "final"', "2", "true", "false")
