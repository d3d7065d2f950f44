"""56: the same alert every week. A report tells in full what is new; what still stands from before is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from keepwarm.outputs.report import render_html, render_text
from tests.unit import views_samples as samples

WEEK = timedelta(weeks=1)
ANA = samples.contact(1, "Ana Brandt", 38.0, labels=("client",))
QUIET = samples.signal(ANA, "gone_quiet", "not_into_you", "Ana Brandt has gone quiet: nothing since 2 October 2026.")


def _report(weeks_later: int) -> str:
    week = samples.week((ANA,), (QUIET,), first_read=samples.AS_OF - 10 * WEEK)
    later = replace(
        week,
        since=week.since + weeks_later * WEEK,
        until=week.until + weeks_later * WEEK,
        as_of=week.as_of + weeks_later * WEEK,
    )
    assert ("gone quiet" in render_html(later)) == ("gone quiet" in render_text(later))
    return render_text(later)


def test_a_signal_is_told_in_the_week_in_which_it_opened() -> None:
    assert QUIET.sentence in " ".join(_report(0).split())


def test_a_week_later_it_is_counted_and_not_told_again() -> None:
    text = " ".join(_report(1).split())
    assert QUIET.sentence not in text
    assert "Of 1 person something is still open that an earlier report has told: keepwarm signals" in text
