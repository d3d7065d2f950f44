"""43: the mail silently never arrives. A report proves that it ran, and on what: also when there is nothing to tell."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keepwarm.outputs.report import render_html, render_text
from tests.unit import views_samples as samples


def _text(*accounts: samples.AccountHealth) -> str:
    people = tuple(samples.contact(number, f"Person {number}") for number in range(3))
    return " ".join(render_text(samples.week(people, accounts=accounts)).split())


def test_a_quiet_week_says_that_all_is_quiet_and_which_accounts_were_read() -> None:
    stale = samples.account("old", last_success=samples.AS_OF - timedelta(days=5))
    text = _text(samples.account("work"), samples.account("calendar"), stale)
    assert "A quiet week: nobody is pulling away, and nobody is waiting for you." in text
    assert "from 3 accounts. 1 is stale: old since Tuesday." in text


def test_a_report_from_no_account_at_all_does_not_pass_for_a_quiet_week() -> None:
    assert "none is connected yet" in _text()


@pytest.mark.parametrize("render", [render_text, render_html])
def test_an_account_that_fails_is_in_the_report_with_its_cure(render: object) -> None:
    assert callable(render)
    broken = samples.account("work", problem="The password was refused.", what_to_do="Run: keepwarm doctor")
    page = str(render(samples.week((), accounts=(broken,))))
    assert "The password was refused." in page
    assert "Run: keepwarm doctor" in page
