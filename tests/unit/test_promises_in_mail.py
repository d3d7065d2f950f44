"""Promises found in what the owner wrote: sentences that are one, and many that are none, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.connectors.promises import LONGEST, promised_due

if TYPE_CHECKING:
    from datetime import tzinfo

BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)


def due(text: str, sent: datetime = TUESDAY, zone: tzinfo = BERLIN) -> str | None:
    found = promised_due(text, sent, zone)
    return found.isoformat() if found else None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I will send you the draft by Friday.", "2026-11-27"),
        ("I'll get back to you tomorrow", "2026-11-25"),
        ("You will have it by 3 December.", "2026-12-03"),
        ("Bis Freitag schicke ich Ihnen den Entwurf.", "2026-11-27"),
        ("Ich melde mich morgen.", "2026-11-25"),
        ("Sie bekommen das Angebot am Montag.", "2026-11-30"),
        ("Ich werde Ihnen die Unterlagen bis zum 3.12. schicken.", "2026-12-03"),
        ("Ich schicke es dir bis Ende der Woche.", "2026-11-27"),
        ("I'll call you next week.", "2026-12-04"),
        ("We will deliver the report in two weeks.", "2026-12-08"),
        ("I\N{RIGHT SINGLE QUOTATION MARK}ll send it no later than Thursday.", "2026-11-26"),
        ("By end of next week I will send you the numbers.", "2026-12-04"),
        ("Morgen rufe ich Sie an.", "2026-11-25"),
        ("Das Angebot schicke ich Ihnen am 3. Dezember.", "2026-12-03"),
        ("I'll have it ready for you by 2026-12-01.", "2026-12-01"),
        ("I will send the slides on Tuesday.", "2026-12-01"),
        ("I'll send it next Friday.", "2026-12-04"),
        ("Wir liefern bis Ende November.", "2026-11-30"),
        ("In zwei Tagen gebe ich Ihnen Bescheid.", "2026-11-26"),
        ("I'll let you know by the end of the month.", "2026-11-30"),
        ("Let me get back to you on Thursday.", "2026-11-26"),
        ("Will send it over tomorrow.", "2026-11-25"),
        ("Thanks!\nI will send you the\ndraft by Friday.\nBest\nSam", "2026-11-27"),
        ("Ich gebe Ihnen spätestens übermorgen Rückmeldung.", "2026-11-26"),
        ("Am Montag erhalten Sie von mir den Entwurf.", "2026-11-30"),
        ("Du bekommst das am Mittwoch.", "2026-11-25"),
        ("I'll send you the contract today.", "2026-11-24"),
        ("I will send the draft by Friday, 4 December.", "2026-12-04"),
        ("Nächste Woche melde ich mich bei Ihnen.", "2026-12-04"),
        ("Tomorrow I will call you.", "2026-11-25"),
        ("I will call you on Friday.", "2026-11-27"),
        ("Ich schicke Ihnen bis Freitag nächster Woche alles.", "2026-12-04"),
        ("I will send you the draft within a week.", "2026-12-01"),
        ("I'll email you the figures by Wed.", "2026-11-25"),
        ("Ich schicke es bis Mo., spätestens.", "2026-11-30"),
    ],
)
def test_a_promise_is_found_with_its_day(text: str, day: str) -> None:
    assert due(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "I will not send it by Friday.",
        "I won't be able to send it by Friday.",
        "If you agree, I will send it by Friday.",
        "Wenn Sie einverstanden sind, schicke ich es bis Freitag.",
        "Shall I send it by Friday?",
        "Could you send me the draft by Friday?",
        "Ich schaffe es nicht bis Freitag.",
        "Soll ich es bis Freitag schicken?",
        "Könnten Sie mir bis Freitag schicken, was fehlt?",
        "Thanks for our call on Monday, I will send you the notes.",
        "As discussed on Monday, I will send you the draft.",
        "Wie am Montag besprochen schicke ich Ihnen den Entwurf.",
        "I will be in Berlin on Friday.",
        "I'll send you the notes from Monday.",
        "I'll send you the agenda for Friday.",
        "Guten Morgen! Ich schicke Ihnen den Entwurf.",
        "Ich schicke dir das Protokoll vom Montag.",
        "She will send it by Friday.",
        "Sie schickt es bis Freitag.",
        "Bitte schicken Sie es mir bis Freitag.",
        "I will send you the draft.",
        "See you on Friday.",
        "Tom bekommt das am Montag.",
        "I will send the draft before our meeting on Friday.",
        "I will send you the notes we discussed on Monday.",
        "You will have received my mail on Monday.",
        "I'll try to send it by Friday.",
        "Let me know by Friday and I'll send it.",
        "Am Montag haben wir besprochen, dass ich Ihnen das Angebot schicke.",
        "I'll send you the Friday report.",
        "I may send it by Friday.",
        "I will have a holiday. On Friday it rains.",
    ],
)
def test_what_denies_asks_sets_a_condition_or_is_about_something_else_promises_nothing(text: str) -> None:
    assert due(text) is None


_PROMISE = "I will send you the draft by Friday."


@pytest.mark.parametrize(
    "text",
    [
        f"> {_PROMISE}",
        f"Great.\n\nOn Mon, 23 Nov 2026 at 10:00, Ana <ana@acme.example> wrote:\n\n{_PROMISE}",
        f"Great.\n\nOn Mon, 23 Nov 2026 at 10:00, Ana <\nana@acme.example> wrote:\n\n{_PROMISE}",
        f"Gut.\n\nAm Mo., 23. Nov. 2026 um 10:00 Uhr schrieb Ana <ana@acme.example>:\n\n{_PROMISE}",
        f"Yes.\n\nVon: Ana\nGesendet: Montag\nAn: Sam\nBetreff: Angebot\n\n{_PROMISE}",
        f"Yes.\n________________________________\nFrom: Ana\nSent: Monday\nTo: Sam\nSubject: Offer\n\n{_PROMISE}",
        f"Yes.\n\n*From:* Ana\n*Sent:* Monday\n*To:* Sam\n\n{_PROMISE}",
        f"FYI\n\n---------- Forwarded message ----------\n{_PROMISE}",
        f"-----Ursprüngliche Nachricht-----\n{_PROMISE}",
        f"Thanks\n-- \nSam\n{_PROMISE}",
        "Thank you.\n\nBest regards,\nSam\nWe will answer within two days.",
        f"Danke.\nMit freundlichen Grüßen\nSam\n{_PROMISE}",
        f"OK\nSent from my iPhone\n{_PROMISE}",
    ],
)
def test_only_what_the_owner_wrote_counts(text: str) -> None:
    assert due(text) is None


def test_what_is_written_below_a_quotation_counts() -> None:
    assert due(f"On Monday Ana wrote:\n> When?\n> Soon?\n{_PROMISE}\n> And then?\n") == "2026-11-27"


def test_of_several_promises_the_first_to_be_due_counts_and_of_several_days_in_one_the_last() -> None:
    assert due("I will call you tomorrow. I will send you the draft by Friday.") == "2026-11-25"
    assert due("I will send you the draft tomorrow or by Friday.") == "2026-11-27"


@pytest.mark.parametrize(
    ("sent", "day"),
    [("2026-11-26T23:30:00+00:00", "2026-12-04"), ("2026-11-26T22:30:00+00:00", "2026-11-27")],
)
def test_a_weekday_is_reckoned_from_the_day_of_sending_in_the_owners_zone(sent: str, day: str) -> None:
    assert due(_PROMISE, datetime.fromisoformat(sent)) == day  # from 23:00 UTC on it is Friday in Berlin


def test_a_day_in_the_past_or_far_ahead_is_none() -> None:
    assert due("I will send it by 2026-11-20.") is None
    assert due("I will send it by 3 August.") is None
    assert due("I will send it by 3 March.") == "2027-03-03"


def test_only_the_beginning_of_a_long_mail_is_read() -> None:
    assert due("Hello there.\n" * 1000 + _PROMISE) == "2026-11-27"
    assert due("Hello there.\n" * 2000 + _PROMISE) is None


def test_a_sentence_without_end_is_none() -> None:
    assert due("and so on " * 100 + "I will send you the draft by Friday") is None


_BITS = st.sampled_from(
    ["I will send", "I'll", " by ", "Friday", "bis ", "morgen", "ich ", "schicke ",
     "3.", "12.", "3/12", "\n", ". ", "> ", "On ", "wrote:", "From: ", "Sent: ", "in ", "two ", "weeks", "ende ",
     "november", "-", "'", "?", "next ", "\0", "\udcff", "İ", "Σ"]
)  # fmt: skip


@given(
    st.lists(_BITS | st.text(max_size=4), max_size=60).map("".join),
    st.dates(date(1990, 1, 1), date(2099, 1, 1)),
)
def test_whatever_is_written_a_day_is_on_or_after_that_of_sending(text: str, sent: date) -> None:
    found = promised_due(text, datetime(sent.year, sent.month, sent.day, 12, tzinfo=UTC), UTC)
    assert found is None or sent <= found <= sent + LONGEST


@pytest.mark.parametrize(
    "bit",
    [
        "I will ",
        "by ",
        "bis zum ",
        "on the ",
        "a.",
        "3.",
        "On ",
        "On a wrote",
        ">",
        "From:\n",
        "ich werde ",
        " \n",
        "in two ",
        "the ",
        "<a ",
        "nicht später ",
    ],
)
def test_no_text_is_too_much(bit: str) -> None:
    """A pattern that takes time by the square, or worse, would not come to an end here."""
    assert promised_due(bit * 20_000, TUESDAY, BERLIN) is None
    assert promised_due((bit * 60)[:480] + ".", TUESDAY, BERLIN) is None


def test_a_year_turns() -> None:
    december = datetime(2026, 12, 29, 9, tzinfo=UTC)
    assert due("I will send it by the end of January.", december) == "2027-01-31"
    assert due("I will send it next month.", december) == "2027-01-31"
    assert due("Ich schicke es bis zum 4.1.", december) == "2027-01-04"
    assert promised_due("I will send it in two weeks", december, BERLIN) == date(2026, 12, 29) + timedelta(days=14)
