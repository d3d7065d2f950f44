"""Case 40: a grant to a client that is "in testing" ends after seven days, and nobody says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import SignInNeeded
from tests.google_grants import tokens_to

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.daemon.google_grant import Tokens
    from tests.servers.google import Google

WEEK = timedelta(days=7)


def refused(tokens: Tokens) -> SignInNeeded:
    with pytest.raises(SignInNeeded) as caught:
        tokens.token()
    return caught.value


def test_the_message_says_why_and_how_to_end_it(google: Google, tmp_path: Path) -> None:
    google.tokens.test_mode = True
    tokens = tokens_to(google, tmp_path, access_over=True, age=WEEK + timedelta(hours=1))
    google.tokens.revoke()
    for _ in range(2):
        error = refused(tokens)
        assert "after seven days" in str(error)
        assert "in testing" in str(error)
        assert "Publish" in error.what_to_do
        assert "keepwarm login work" in error.what_to_do


def test_so_it_does_if_google_did_not_say_how_long_the_grant_lasts(google: Google, tmp_path: Path) -> None:
    tokens = tokens_to(google, tmp_path, access_over=True, age=WEEK + timedelta(hours=1))
    google.tokens.revoke()
    assert "in testing" in str(refused(tokens))


@pytest.mark.parametrize("age", [timedelta(days=2), timedelta(days=200)])
def test_a_grant_of_another_age_was_taken_back(google: Google, tmp_path: Path, age: timedelta) -> None:
    tokens = tokens_to(google, tmp_path, access_over=True, age=age)
    google.tokens.revoke()
    assert "in testing" not in str(refused(tokens))


def test_a_week_that_is_not_over_is_not_the_reason(google: Google, tmp_path: Path) -> None:
    google.tokens.test_mode = True
    tokens = tokens_to(google, tmp_path, access_over=True, age=timedelta(days=3))
    google.tokens.revoke()
    assert "in testing" not in str(refused(tokens))
    later = replace(tokens, clock=lambda: datetime.now(UTC) + WEEK)
    assert "in testing" not in str(refused(later))  # it had ended before
