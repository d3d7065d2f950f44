"""Case 34: two processes renew one grant at the same moment, and the loser takes it for lost."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import SignInNeeded
from keepwarm.daemon.google_grant import GoogleGrant
from tests.google_grants import EVENTS, kept, tokens_to

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.google import Google

CHILD = """
import sys
from pathlib import Path
from keepwarm.daemon.google_client import GoogleClient
from keepwarm.daemon.google_grant import Tokens
from keepwarm.daemon.grants import Grants
sys.stdin.readline()
print(Tokens(Grants("work", Path(sys.argv[1])), lambda: GoogleClient.read(Path(sys.argv[2])), ()).token())
"""


def test_many_at_once_renew_a_grant_once_and_all_have_its_token(google: Google, tmp_path: Path) -> None:
    google.tokens.rotates = True
    tokens = tokens_to(google, tmp_path, access_over=True)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: tokens.token(), range(8)))
    assert len(found) == 1
    assert google.tokens.refreshes == 1
    assert kept(tokens).refresh_token == google.tokens.refresh_token


def test_so_do_processes(google: Google, tmp_path: Path) -> None:
    google.tokens.rotates = True
    tokens = tokens_to(google, tmp_path, access_over=True)
    arguments = [sys.executable, "-c", CHILD, str(tokens.grants.folder), str(tmp_path / "client.json")]
    children = [
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") for _ in range(3)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    said = {child.communicate(timeout=60)[0].strip() for child in children}
    assert len(said) == 1
    assert google.tokens.refreshes == 1


def test_a_grant_that_came_while_the_old_one_was_refused_counts(google: Google, tmp_path: Path) -> None:
    tokens = tokens_to(google, tmp_path, access_over=True)

    def signed_in_anew() -> None:
        google.tokens.meanwhile = None
        anew = GoogleGrant.of(google.tokens.grant(EVENTS), [EVENTS], datetime.now(UTC))
        tokens.grants.save(anew.text())

    google.tokens.meanwhile = signed_in_anew
    assert tokens.token() == kept(tokens).access_token
    assert not kept(tokens).refused


def test_only_the_refused_token_is_renewed(google: Google, tmp_path: Path) -> None:
    tokens = tokens_to(google, tmp_path)
    first = tokens.token()
    assert tokens.token(first) != first
    assert tokens.token(first) == tokens.token()
    assert google.tokens.refreshes == 1


def test_a_refusal_for_good_is_told_and_not_asked_for_again(google: Google, tmp_path: Path) -> None:
    tokens = tokens_to(google, tmp_path, access_over=True)
    google.tokens.revoke()
    for _ in range(3):
        with pytest.raises(SignInNeeded) as caught:
            tokens.token()
        assert "taken back" in str(caught.value)
        assert caught.value.what_to_do == "Sign in: keepwarm login work"
    assert google.tokens.refreshes == 1


def test_signing_in_again_is_the_cure(google: Google, tmp_path: Path) -> None:
    tokens = tokens_to(google, tmp_path, access_over=True)
    google.tokens.revoke()
    with pytest.raises(SignInNeeded):
        tokens.token()
    anew = GoogleGrant.of(google.tokens.grant(EVENTS), [EVENTS], datetime.now(UTC))
    tokens.grants.save(replace(anew, access_ends=(datetime.now(UTC) + timedelta(hours=1)).isoformat()).text())
    assert tokens.token() == anew.access_token
