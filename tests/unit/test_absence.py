"""Absences and apologies in people's words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepwarm.connectors.absence import LONGEST, away_until, is_absence_title, is_apology, says_away
from keepwarm.connectors.dates import EARLIEST

AT = datetime(2026, 12, 20, 10, tzinfo=UTC)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("subject", "back"),
    [
        ("Out of office until 12 January 2027", "2027-01-13"),
        ("Automatic reply: Out of office: back on Monday, 4 Jan", "2027-01-04"),
        ("Out of Office (back Jan 4th)", "2027-01-04"),
        ("Back in the office on January 4, 2027", "2027-01-04"),
        ("Automatic reply: returning 01/13/2027", "2027-01-13"),
        ("Away until 31/12", "2027-01-01"),
        ("OOO until 2027-01-04", "2027-01-05"),
        ("Abwesend bis 12.01.2027", "2027-01-13"),
        ("Abwesenheitsnotiz: Im Urlaub bis zum 5. Januar", "2027-01-06"),
        ("Abwesend bis einschließlich 31.12.", "2027-01-01"),
        ("wieder im Büro ab dem 07.01.27", "2027-01-07"),
        ("Automatische Antwort: wieder erreichbar am Montag, den 4. Jänner", "2027-01-04"),
        ("Urlaub vom 21.12. bis 3.1.", "2027-01-04"),
        ("Out until 3 Jan, back on 4 Jan", "2027-01-04"),
        ("OUT OF OFFICE UNTIL 20 DEC", "2026-12-21"),
    ],
)
def test_the_end_of_an_absence_is_read(subject: str, back: str) -> None:
    assert away_until(subject, AT) == day(back)


@pytest.mark.parametrize(
    "subject",
    [
        "Out of office",
        "Away until further notice",
        "Back soon",
        "Away until 05/06/2027",  # May or June
        "Away until 1/2",
        "Away until 12:30",
        "Bis 30.02.",
        "Away until 19 Dec",  # was yesterday, or is in a year
        "Back on 20 December 2026",  # they are back
        "Until 12 January 2026",
        "Away until 21 June 2027",  # more than 120 days ahead
        "Away on 12 January 2027",
        "Until we meet on 12 January 2027",
        "until 1.2.3.4",
        "Away until 31.12.9999",
        "Rückkehr",
    ],
)
def test_what_is_no_certain_end_of_an_absence_is_none(subject: str) -> None:
    assert away_until(subject, AT) is None


@given(
    st.text(max_size=400) | st.from_regex(r"(until|bis|back) [ 0-9./-]{0,20}[a-zä]{0,9} ?[0-9]{0,5}"),
    st.integers(0, 40_000),
)
def test_any_subject_ends_an_absence_within_bounds_or_none(subject: str, days: int) -> None:
    at = EARLIEST + timedelta(days=days)
    back = away_until(subject, at)
    assert back is None or at < back <= at + LONGEST


@pytest.mark.parametrize(
    "title",
    [
        "Out of office",
        "OOO",
        "Jo: annual leave",
        "Vacation (Lisbon)",
        "PTO",
        "Urlaub",
        "Elternzeit Ana",
        "Krank",
        "Abwesend",
    ],
)
def test_an_absence_is_known_by_its_title(title: str) -> None:
    assert is_absence_title(title)


@pytest.mark.parametrize(
    "title",
    [
        "Vacation planning meeting", "Urlaubsplanung", "Vacation?", "Leave policy review", "Handover before vacation",
        "Kein Urlaub", "Krankenhaus", "Oooh", "Lunch", "", "Bank Holiday", "Termin nach dem Urlaub",
    ],
)  # fmt: skip
def test_a_meeting_about_absences_is_none(title: str) -> None:
    assert not is_absence_title(title)


@pytest.mark.parametrize(
    "text", ["Declined because I am out of office", "Bin im Urlaub.", "OOO that week", "Nicht im Büro"]
)
def test_a_reason_names_an_absence(text: str) -> None:
    assert says_away(text)


@pytest.mark.parametrize("text", ["No time", "The vacation plan is not ready", "Kein Interesse", ""])
def test_another_reason_names_none(text: str) -> None:
    assert not says_away(text)


@pytest.mark.parametrize(
    "subject",
    [
        "Sorry I missed our call",
        "Re: Apologies for missing the meeting this morning",
        "AW: Entschuldigung, dass ich unseren Termin verpasst habe",
        "Tut mir leid, ich habe unseren Termin verpasst",
        "I\N{RIGHT SINGLE QUOTATION MARK}m so sorry, I forgot our lunch",
        "RE: AW: sorry, missed the 1:1",
    ],
)
def test_an_apology_for_a_missed_meeting_is_one(subject: str) -> None:
    assert is_apology(subject)


@pytest.mark.parametrize(
    "subject",
    [
        "Sorry I missed your email",
        "Sorry I missed your email about the meeting",
        "Sorry I missed your call",
        "You missed a call",
        "Missed call from +49 30 123456",
        "Sorry for the late reply",
        "Sorry we missed you",
        "Sorry, our meeting is cancelled",
        "We are sorry you missed it: meeting recording",
        "Entschuldigung für die späte Antwort",
        "Entschuldigung, ich habe Ihre Nachricht zu unserem Termin vergessen",
        "Meeting missed",
    ],
)
def test_another_apology_is_none(subject: str) -> None:
    assert not is_apology(subject)


@given(st.text(max_size=500))
def test_no_text_breaks_the_reading(text: str) -> None:
    for read in (is_apology, is_absence_title, says_away):
        assert read(text) in (True, False)
