"""Each vendor's mails against the text that is expected of them; ``python -m tests.golden`` writes the texts anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from difflib import unified_diff
from pathlib import Path

import pytest

from tests.golden.dump import lives, read, told

HERE = Path(__file__).parent
MAILS = sorted(HERE.glob("*/*.eml"))
VENDORS = ("apple", "google", "lotus", "outlook")
HAPPENINGS = ("invite", "move", "decline", "cancel_one", "cancel_all")
EXPECTED = """\
series:
  2027-02-01 created by ana.meyer@acme.example
  2027-02-03 rescheduled by ana.meyer@acme.example, +1 d
  2027-02-04 declined by sam@carter.example
  2027-02-20 cancelled by ana.meyer@acme.example
20270316T080000Z:
  2027-02-10 cancelled by ana.meyer@acme.example
"""


def compare(found: str, expected: str, name: str) -> None:
    diff = unified_diff(expected.splitlines(), found.splitlines(), f"expected of {name}", "found", lineterm="")
    assert found == expected, "\n" + "\n".join(diff)


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: f"{mail.parent.name}-{mail.stem}")
def test_a_vendors_mail_is_read_as_expected(mail: Path) -> None:
    compare(told(read(mail)), mail.with_suffix(".txt").read_text("utf-8"), f"{mail.parent.name}/{mail.name}")


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_five_happenings_mean_the_same_from_each_vendor(vendor: str) -> None:
    mails = [read(HERE / vendor / f"{happening}.eml") for happening in HAPPENINGS]
    compare(lives(mails), EXPECTED, vendor)
    compare(lives(reversed(mails)), EXPECTED, f"{vendor}, backwards")


@pytest.mark.parametrize("vendor", ["lotus", "outlook"])
def test_a_counter_is_a_proposal_of_the_attendee(vendor: str) -> None:
    moved, proposed = (read(HERE / vendor / f"{happening}.eml") for happening in ("move", "counter"))
    week = timedelta(weeks=1)
    (series,), (counter,) = moved.meetings, proposed.meetings
    once = replace(
        series, recurrence_id=counter.recurrence_id, pattern="", start=series.start + week, end=series.end + week
    )
    told = lives([replace(moved, meetings=(once,)), proposed])
    assert "2027-02-03 proposed by sam@carter.example, +1 d" in told


def test_a_refusal_because_of_an_absence_says_so_and_keeps_no_comment() -> None:
    mail = read(HERE / "google" / "decline_away.eml")
    assert [seen.away for seen in mail.meetings] == [True]
    assert "because" not in repr(mail)


def test_each_vendor_shows_each_happening() -> None:
    assert {(mail.parent.name, mail.stem) for mail in MAILS} >= {(one, what) for one in VENDORS for what in HAPPENINGS}
