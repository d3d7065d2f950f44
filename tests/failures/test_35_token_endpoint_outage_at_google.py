"""Case 35: the token endpoint is down, and the user is told that their credentials are bad."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Later, SignInNeeded
from tests.google_grants import kept, tokens_to
from tests.servers.google import Fault
from tests.servers.google_answers import Answer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.google import Google

OUTAGES = {
    "a proxy's page": Answer(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}),
    "busy": Answer(503, {"error": "temporarily_unavailable"}),
    "a page in place of JSON": Answer(404, b"<html>No such page</html>", {"Content-Type": "text/html"}),
    "its own trouble": Answer(400, {"error": "internal_failure"}),
    "too much asked": Answer(429, {"error": "rate_limit_exceeded"}),
    "out, in JSON": Answer(502, {"error": "invalid_grant"}),
    "another error's shape": Answer(403, {"error": {"code": 403, "message": "Forbidden"}}),
    "forbidden by a firewall": Answer(403, b"Blocked", {"Content-Type": "text/plain"}),
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_is_waited_for_and_nobody_is_signed_out(google: Google, tmp_path: Path, outage: str) -> None:
    tokens = tokens_to(google, tmp_path, access_over=True)
    google.faults.append(Fault("/token", OUTAGES[outage], 99))
    with pytest.raises(Later):
        tokens.token()
    assert not kept(tokens).refused
    google.faults.clear()
    assert tokens.token() == kept(tokens).access_token


def test_so_is_a_server_that_cannot_be_reached(google: Google, tmp_path: Path) -> None:
    tokens = tokens_to(google, tmp_path, access_over=True)
    google.stop()
    with pytest.raises(Later, match="cannot be reached"):
        tokens.token()
    assert not kept(tokens).refused


FOR_GOOD = {
    "invalid_client": ("client_file", "JSON file anew"),
    "unauthorized_client": ("another OAuth client", "keepwarm login work"),
    "deleted_client": ("was deleted", "Restore it"),
    "disabled_client": ("is switched off", "Switch it on"),
    "org_internal": ("another organisation", "external"),
    "admin_policy_enforced": ("administrator does not allow", "trust your OAuth client"),
    "invalid_scope": ("invalid_scope", "keepwarm login work"),
    "what \x1b[31mever": ("an unknown error", "keepwarm login work"),
}


@pytest.mark.parametrize("error", FOR_GOOD)
def test_a_refusal_for_good_has_its_sentence_and_cure_and_does_not_cost_the_grant(
    google: Google, tmp_path: Path, error: str
) -> None:
    tokens = tokens_to(google, tmp_path, access_over=True)
    google.tokens.refuses = error
    with pytest.raises(SignInNeeded) as caught:
        tokens.token()
    why, cure = FOR_GOOD[error]
    assert why in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert cure in caught.value.what_to_do
    assert "keepwarm login work" in caught.value.what_to_do
    google.tokens.refuses = ""
    assert tokens.token() == kept(tokens).access_token


@pytest.mark.parametrize("subtype", ["invalid_rapt", "rapt_required"])
def test_session_control_is_a_refusal_that_only_signing_in_ends(google: Google, tmp_path: Path, subtype: str) -> None:
    """The library tells of it without the error itself, as if nobody had answered."""
    tokens = tokens_to(google, tmp_path, access_over=True)
    google.tokens.refuses, google.tokens.subtype = "invalid_grant", subtype
    for _ in range(2):
        with pytest.raises(SignInNeeded, match="session control") as caught:
            tokens.token()
        assert caught.value.what_to_do == "Sign in: keepwarm login work"
    assert google.tokens.refreshes == 1


def test_an_error_tells_no_token(google: Google, tmp_path: Path) -> None:
    tokens = tokens_to(google, tmp_path, access_over=True)
    google.tokens.refuses = "invalid_grant"
    with pytest.raises(SignInNeeded) as caught:
        tokens.token()
    told = (
        f"{caught.value!r} {caught.value.what_to_do} {caught.value.__cause__!r} {caught.value.__context__!r} {tokens!r}"
    )
    assert "refresh-token" not in told
    assert "secret-word" not in told
    assert "access-token" not in told
