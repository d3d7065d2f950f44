from __future__ import annotations

import difflib
import re
import time
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keepwarm.outputs.columns import width
from keepwarm.outputs.report import render_html, render_text
from tests.unit import views_samples as samples

GOLDEN = Path(__file__).parent


@pytest.mark.parametrize(("name", "language"), [("busy_week", "en"), ("full_week", "en"), ("full_week", "de")])
def test_the_text_of_a_week_is_the_golden_one(name: str, language: str) -> None:
    expected = (GOLDEN / f"report_{name}_{language}.txt").read_text("utf-8")
    found = render_text(getattr(samples, name)(), language)
    diff = difflib.unified_diff(expected.splitlines(), found.splitlines(), "golden", "found", lineterm="")
    assert found == expected, "\n".join(diff)


@pytest.mark.parametrize("name", ["busy_week", "quiet_week", "hostile_week", "crowded_week"])
def test_no_line_is_wider_than_76_columns(name: str) -> None:
    lines = render_text(getattr(samples, name)()).splitlines()
    assert max(map(width, lines)) <= 76


def test_a_quiet_week_says_so_and_proves_that_it_ran() -> None:
    text = render_text(samples.quiet_week())
    assert "A quiet week: nobody is pulling away" in text
    assert "What Keepwarm knew on Sun 22 Nov, 18:00, from 2 accounts." in text
    assert "1,204 newsletters and list messages and 316 automated messages" in text


def test_empty_sections_are_left_out_and_the_provenance_never() -> None:
    text = render_text(samples.week())
    assert "How we know" in text
    for title in ("Look at yourself", "Just not that", "Warming", "Pings", "meetings\n─", "Moved most"):
        assert title not in text


def test_a_week_without_accounts_says_that_none_is_connected() -> None:
    assert "none is connected" in render_text(samples.week(accounts=()))


def test_a_report_shows_seven_findings_and_seven_pings_and_counts_the_rest_of_each_kind() -> None:
    text = render_text(samples.crowded_week(20))
    assert text.count("What to do: ") == 7 + 7
    assert text.count("Write: ") == 7
    counted = [int(number) for number in re.findall(r"and (\d+) more: keepwarm signals", text)]
    assert len(counted) == 4
    assert sum(counted) == 4 * 20 - 7 - 7
    assert counted[2] == 19  # of what is warming one is told; the rest comes after what the owner can mend
    assert text.count("and 13 more: keepwarm contacts") == 1


def test_a_ping_that_was_told_before_is_listed_by_name_and_not_explained_again() -> None:
    text = render_text(samples.full_week())
    section = text.partition("Pings that are due")[2].partition("This week")[0]
    assert "Nothing from you for 34 days" in section  # new
    assert "Still due, since 2 November" in section
    assert "It is a good time to send Léa Fontaine" not in section
    assert section.count("Write: ") == 2


def test_a_mail_that_is_to_be_written_goes_on_with_the_last_thread() -> None:
    html = render_html(samples.full_week())
    assert "mailto:sam@okafor.example?subject=Re%3A%20Thanks%20for%20Thursday" in html
    assert "subject=Re%3A%20The%20article" in html  # no second Re:
    assert "Write: sam@okafor.example, Re: Thanks for Thursday" in render_text(samples.full_week())


def test_news_are_what_came_since_the_report_before() -> None:
    monday = samples.signal(
        samples.ANA, "put_off", "not_into_you", "Sentence.", opened=samples.AS_OF - timedelta(days=9)
    )
    week = samples.week((samples.ANA,), (monday,), first_read=samples.AS_OF - timedelta(days=300))
    assert "Sentence." not in render_text(week)
    assert "Sentence." in render_text(replace(week, news_since=samples.AS_OF - timedelta(days=10)))


def test_two_findings_about_one_contact_are_one_row_with_the_stronger_first() -> None:
    ana, jo = samples.ANA, replace(samples.JO, labels=())
    weak = samples.signal(ana, "slow_fade", "not_into_you", "Weak one.", strength="weak")
    strong = samples.signal(ana, "put_off", "not_into_you", "Strong one.", strength="strong")
    other = samples.signal(jo, "cancelled", "not_into_you", "Of no client.", strength="strong")
    text = render_text(samples.week((ana, jo), (weak, other, strong)))
    assert "Two people are pulling away." in text
    assert text.index("Strong one.") < text.index("Weak one.") < text.index("Of no client.")


def test_what_was_cleared_is_settled_and_no_longer_a_finding() -> None:
    cleared = samples.signal(samples.ANA, "put_off", "not_into_you", "Sentence.", cleared=samples.AS_OF)
    text = render_text(samples.week((samples.ANA,), (cleared,)))
    assert "✓ Ana Brandt: meetings put off" in text
    assert "Sentence." not in text
    assert "Just not that into you" not in text


def test_a_signal_from_before_the_first_sync_is_marked() -> None:
    old = samples.signal(samples.ANA, "put_off", "not_into_you", "Sentence.", historical=True)
    assert "from before Keepwarm was installed" in render_text(samples.week((samples.ANA,), (old,)))


def test_the_newest_evidence_is_the_one_that_is_shown() -> None:
    shown = samples.signal(
        samples.ANA,
        "put_off",
        "not_into_you",
        "Sentence.",
        evidence=(samples.evidence("older", 8), samples.evidence("newest", 1), samples.evidence("middle", 3)),
    )
    text = render_text(samples.week((samples.ANA,), (shown,)))
    assert "Seen Sat 21 Nov: newest" in text
    assert "older" not in text


def test_dates_are_the_owners_not_utc() -> None:
    late = datetime(2026, 11, 15, 23, 30, tzinfo=UTC)  # Monday in Berlin
    ana = replace(samples.ANA, next_meeting=datetime(2026, 11, 24, 23, 30, tzinfo=UTC))
    opened = samples.signal(ana, "put_off", "not_into_you", "Sentence.", opened=late)
    assert "since 16 November" in render_text(samples.week((ana,), (opened,), as_of=late + timedelta(days=8)))
    assert "When: Wed 25 Nov, 00:30" in render_text(samples.week((ana,)))


@pytest.mark.parametrize(
    ("ahead", "listed"),
    [
        (timedelta(seconds=-1), False),
        (timedelta(0), True),
        (timedelta(days=7, seconds=-1), True),
        (timedelta(days=7), False),
    ],
)
def test_a_meeting_counts_as_this_weeks_for_seven_days(ahead: timedelta, listed: bool) -> None:
    ana = replace(samples.ANA, next_meeting=samples.AS_OF + ahead)
    assert ("This week\u2019s meetings" in render_text(samples.week((ana,)))) is listed


def test_an_account_not_read_for_a_day_is_stale_and_named_first() -> None:
    accounts = (
        samples.account("fresh"),
        samples.account("never", last_success=None),
        samples.account("old", last_success=samples.AS_OF - timedelta(days=2), what_to_do="Do this."),
    )
    text = render_text(samples.week(accounts=accounts))
    assert "2 are stale: never, never read and old since Friday." in " ".join(text.split())
    assert text.index("! never") < text.index("! old") < text.index("✓ fresh")
    assert "What to do: Do this." in text


def test_a_contact_that_left_the_sonar_is_still_reported_on() -> None:
    gone = samples.signal(samples.ANA, "put_off", "not_into_you", "Sentence.")
    assert "Sentence." in render_text(samples.week((samples.JO,), (gone,)))


def test_an_owners_own_rule_is_named_by_its_id() -> None:
    ana = replace(samples.ANA, open_signals=("my_rule",), next_meeting=samples.AS_OF)
    assert "On the sonar: my rule" in render_text(samples.week((ana,)))


def test_nothing_from_a_mailbox_steers_the_terminal() -> None:
    text = render_text(samples.hostile_week())
    steering = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs"}} - {"\n"}
    assert steering == set()
    assert "Bcc: all@x.example red txt.exe" in text
    assert not any(line.startswith("Bcc:") for line in text.splitlines())


def test_two_thousand_contacts_are_set_within_a_second_each_way() -> None:
    week = samples.crowded_week(2000)
    for render in (render_text, render_html):
        render(samples.quiet_week())  # loads the catalogue and the template
        started = time.process_time()
        render(week)
        assert time.process_time() - started < 1.0
