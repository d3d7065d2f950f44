"""What a server answers, read into values: any order, any spelling, and nothing that breaks the reading."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.connectors.imap_fetch import (
    HEADER,
    PART,
    STRUCTURE,
    Answer,
    Row,
    answer_of,
    complete,
    internal_date,
    invitation_answer_of,
    responses,
    uid_set,
    usual_row,
)
from keepwarm.connectors.imap_structure import CalendarPart, calendar_part
from keepwarm.connectors.imap_values import MAX_NESTING, BrokenAnswerError, pairs, values


def row(*pieces: bytes | tuple[bytes, bytes]) -> Row:
    answer = answer_of(pieces)
    assert answer is not None
    return Row.of(answer)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'1 (a "b \\" \\\\ c" NIL (2 ()))', [b"1", [b"a", b'b " \\ c', None, [b"2", []]]]),
        (b'"NIL"', [b"NIL"]),
        (b"nil", [None]),
        (b'BODY[HEADER.FIELDS ("From" To)]<0> x', [b'BODY[HEADER.FIELDS ("From" To)]<0>', b"x"]),
        (b"", []),
    ],
)
def test_text_is_read_into_values(text: bytes, expected: list[object]) -> None:
    assert values([text]) == expected


def test_a_literal_stands_where_its_length_stood() -> None:
    assert values([(b"1 (a {4}", b') "('), (b" b ~{1}", b"x"), b")"]) == [b"1", [b"a", b') "(', b"b", b"x"]]


@pytest.mark.parametrize("text", [b"(", b")", b'"open', b"(" * (MAX_NESTING + 1) + b")" * (MAX_NESTING + 1)])
def test_what_breaks_the_grammar_is_told(text: bytes) -> None:
    with pytest.raises(BrokenAnswerError):
        values([text])


@given(st.lists(st.one_of(st.binary(max_size=40), st.binary(max_size=20).map(lambda text: (b"{3}", text)))))
def test_any_bytes_give_values_or_a_broken_answer(pieces: list[bytes | tuple[bytes, bytes]]) -> None:
    with suppress(BrokenAnswerError):
        assert isinstance(values(pieces), list)


@pytest.mark.parametrize("items", [b"a", [b"a"], [None, b"a"], None])
def test_names_without_values_are_no_pairs(items: object) -> None:
    with pytest.raises(BrokenAnswerError):
        pairs(items)  # type: ignore[arg-type]


def test_items_are_read_in_any_order_and_spelling() -> None:
    expected = Row(5, b"From: a@b.c\r\n\r\n", datetime(2026, 3, 1, 8, tzinfo=UTC), 12, is_draft=True)
    date = b'" 1-Mar-2026 10:00:00 +0200"'
    literal = (b'1 (BODY[HEADER.FIELDS ("FROM")]<0> {15}', b"From: a@b.c\r\n\r\n")
    assert row(literal, b" uid 5 rfc822.size 12 internaldate " + date + rb" flags (\Seen \DRAFT))") == expected
    turned = (
        b"1 (INTERNALDATE " + date + rb" FLAGS (\Draft) UID 5 RFC822.SIZE 12 BODY[HEADER] {15}",
        literal[1],
    )
    assert row(turned, b")") == expected


def test_what_is_nil_or_missing_stays_unknown() -> None:
    assert row(b"1 (UID 5 BODY[HEADER.FIELDS (FROM)]<0> NIL)") == Row(5, b"", None, 0, is_draft=False)


def test_an_answer_without_a_uid_was_not_asked_for() -> None:
    assert answer_of([rb"1 (FLAGS (\Seen))"]) is None


def test_responses_end_with_the_text_behind_their_last_literal() -> None:
    first: list[bytes | tuple[bytes, bytes]] = [(b"1 (X {1}", b"a"), (b" Y {1}", b"b"), b")"]
    assert list(responses([*first, b"2 (UID 3)"])) == [first, [b"2 (UID 3)"]]


def test_an_answer_in_pieces_is_put_together_and_a_second_one_ignored() -> None:
    keys = frozenset((b"FLAGS", HEADER))
    told = [
        Answer(1, {b"FLAGS": []}),
        Answer(9, {b"FLAGS": [], HEADER: b"unasked"}),
        Answer(1, {HEADER: b"one"}),
        Answer(1, {b"FLAGS": [], HEADER: b"again"}),
        Answer(2, {HEADER: b"no flags"}),
        Answer(3, {b"FLAGS": []}),
    ]
    found = list(complete(told, (1, 2, 3), keys))
    assert [(answer.uid, answer.items[HEADER]) for answer in found] == [(1, b"one"), (2, b"no flags")]


@pytest.mark.parametrize(
    ("uids", "expected"), [((), ""), ((4,), "4"), ((1, 2, 3, 5, 7, 8), "1:3,5,7:8"), ((1, 3), "1,3")]
)
def test_neighbouring_uids_are_written_as_a_range(uids: tuple[int, ...], expected: str) -> None:
    assert uid_set(uids) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b" 1-Jul-2026 00:30:00 +0200", datetime(2026, 6, 30, 22, 30, tzinfo=UTC)),
        (b"01-jul-2026 00:30:00 -0030", datetime(2026, 7, 1, 1, tzinfo=UTC)),
        (b"31-Feb-2026 00:00:00 +0000", None),
        (b"01-Mai-2026 00:00:00 +0000", None),
        (b"01-Jan-0001 00:00:00 +0100", None),
        (b"01-Jan-2026 00:00:00 +9900", None),
        (b"garbage", None),
        (None, None),
    ],
)
def test_the_servers_time_is_read_or_unknown(text: bytes | None, expected: datetime | None) -> None:
    assert internal_date(text) == expected


def part_of(structure: bytes) -> CalendarPart | None:
    return calendar_part(values([structure])[0])


PLAIN = b'("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 5 1)'
TNEF = b'("APPLICATION" "ms-tnef" ("NAME" "winmail.dat") NIL NIL "BASE64" 9)'
SEALED = CalendarPart("", "", 0, "; name=winmail.dat")
CALENDAR = b'("TEXT" "CALENDAR" ("method" "REQUEST") NIL NIL "BASE64" 400 8)'


@pytest.mark.parametrize(
    ("structure", "expected"),
    [
        (PLAIN, None),
        (CALENDAR, CalendarPart("1", "base64", 400, "; method=request")),
        (b"(" + PLAIN + CALENDAR + b' "alternative")', CalendarPart("2", "base64", 400, "; method=request")),
        (
            b"((" + PLAIN + CALENDAR + b' "alternative")' + PLAIN + b' "mixed")',
            CalendarPart("1.2", "base64", 400, "; method=request"),
        ),
        (b'("message" "rfc822" NIL NIL NIL "7bit" 9 NIL ' + CALENDAR + b" 3)", None),
        (b'("text" "calendar")', CalendarPart("1", "", 0)),
        (b'(("application" "x" ("name" "TEXT CALENDAR")) "mixed")', None),
        (b"(" * 12 + CALENDAR + b' "mixed")' * 12, None),
        (b"()", None),
        (b"NIL", None),
        (b"(" + PLAIN + TNEF + b' "mixed")', CalendarPart("2", "base64", 9, SEALED.parameters, sealed=True)),
        (b"(" + TNEF + CALENDAR + b' "mixed")', CalendarPart("2", "base64", 400, "; method=request")),
        (
            b'("text" "calendar" ("charset" "utf-16" "name" "a;b\r\n" "x") NIL NIL "7bit" 5 1)',
            CalendarPart("1", "7bit", 5, "; charset=utf-16"),
        ),
    ],
)
def test_the_calendar_part_is_found_by_the_structure(structure: bytes, expected: CalendarPart | None) -> None:
    assert part_of(structure) == expected


def test_a_part_is_told_from_the_header() -> None:
    answer = answer_of([(b"1 (UID 5 BODY[2.1]<0> {1}", b"x"), b" BODY[HEADER.FIELDS (FROM)]<0> NIL)"])
    assert answer is not None
    assert (answer.items[PART], answer.items[HEADER]) == (b"x", None)


WORDS = st.sampled_from(
    [PLAIN, TNEF, CALENDAR, b"(", b")", b" ", b'"', b"\\", b"{3}", b'"a(b"', b"NIL", b'"mixed"', b'"x" "y"', b'("s"']
)


@given(st.lists(WORDS, max_size=12).map(b"".join))
def test_a_structure_that_need_not_be_read_has_no_invitation(structure: bytes) -> None:
    pieces = [b"1 (UID 5 BODYSTRUCTURE (" + structure + b"))"]
    quick = invitation_answer_of_or_none(pieces)
    with suppress(BrokenAnswerError):
        slow = answer_of(pieces)
        assert (quick and quick.uid) == (slow and slow.uid)
        assert quick is None or calendar_part(quick.items[STRUCTURE]) == calendar_part(slow.items[STRUCTURE])


def invitation_answer_of_or_none(pieces: list[bytes]) -> Answer | None:
    with suppress(BrokenAnswerError):
        return invitation_answer_of(pieces)
    return None


ROW_WORDS = st.sampled_from(
    [
        b"UID 7",
        b'INTERNALDATE " 1-Jul-2026 00:30:00 +0200"',
        b"RFC822.SIZE 12",
        rb"FLAGS (\Seen \Draft)",
        b"FLAGS ()",
        b"MODSEQ (9)",
        b"X 1",
        b'X "FLAGS (a)"',
        b"BODY[HEADER]",
    ]
)


@given(st.lists(ROW_WORDS, max_size=8))
def test_a_row_that_looks_as_usual_is_read_as_any_other(words: list[bytes]) -> None:
    def read(text: bytes) -> Answer | None:
        with suppress(BrokenAnswerError):
            return answer_of([(b"3 (" + b" ".join([*words, text]), b"From: a@b.c\r\n"), b")"])
        return None

    usual, unusual = read(b"BODY[HEADER.FIELDS (FROM)]<0> {13}"), read(b"body[header.fields (from)]<0> {13}")
    assert usual == unusual


def test_both_ways_of_reading_a_row_are_taken() -> None:
    row_text = rb'3 (UID 7 FLAGS (\Seen) INTERNALDATE " 1-Jul-2026 00:30:00 +0200" RFC822.SIZE 12 BODY[HEADER] {1}'
    assert usual_row([(row_text, b"x"), b")"]) == answer_of([(row_text.replace(b"HEADER", b"header"), b"x"), b")"])
    assert usual_row([(row_text.replace(b"UID 7", b"X 7"), b"x"), b")"]) is None
