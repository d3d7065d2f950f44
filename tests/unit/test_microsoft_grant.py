"""Signing in at Microsoft: the real msal against an identity platform of the tests' own."""

from __future__ import annotations

import re
import threading
import webbrowser
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import Refused, SignInNeeded
from keepwarm.daemon.accounts import MicrosoftAccount
from keepwarm.daemon.failure import Failure
from keepwarm.daemon.grants import Grants
from keepwarm.daemon.microsoft_scopes import scopes_for
from tests.servers.graph_identity import CLIENT_ID, CONSENT, EXPIRED, MFA, NO_SUCH_SCOPE, OUT, POLICY, REVOKED, browse
from tests.signing import account_of, signing_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.signing import Signing


@pytest.fixture
def signing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Signing]:
    with signing_at(tmp_path, monkeypatch) as found:
        yield found


def named(scope: str) -> set[str]:
    return {one.rpartition("/")[2] for one in scope.split()} - {"openid", "profile", "offline_access"}


def test_the_browser_is_opened_and_the_grant_kept(signing: Signing) -> None:
    class Browser(webbrowser.BaseBrowser):
        def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
            threading.Thread(target=browse, args=(url, signing.identity.ca_file), daemon=True).start()
            return True

    webbrowser.register("of the tests", None, Browser(), preferred=True)
    assert signing.sign_in(device=False, browser=True) == "work: signed in as me@example.com."
    assert signing.identity.grants == ["authorization_code"]
    assert signing.graph.scopes_of[signing.tokens().token()] == {"Mail.ReadBasic", "Calendars.ReadBasic"}
    assert signing.identity.grants == ["authorization_code"]  # the token in the cache is still good


def test_only_what_the_settings_need_is_asked_for(signing: Signing) -> None:
    signing.sign_in()
    signing.sign_in("[privacy]\nread_own_sent_bodies = true\n[report]\nvia = 'microsoft'")
    assert [named(one) for one in signing.identity.asked_scopes] == [
        {"Mail.ReadBasic", "Calendars.ReadBasic"},
        {"Mail.Read", "Calendars.ReadBasic", "Mail.Send"},
    ]


def test_only_the_account_that_sends_is_asked_for_the_right_to(signing: Signing) -> None:
    other = f'[[account]]\nname = "{{}}"\nkind = "microsoft"\nclient_id = "{CLIENT_ID}"\naddress = "{{}}"\n'
    more = other.format("home", "me@home.example") + "[report]\nvia = 'microsoft'\nto = 'me@home.example'"
    settings = signing.settings(more)
    accounts = [one for one in settings.accounts if isinstance(one, MicrosoftAccount)]
    asked = {one.name: "Mail.Send" in named(" ".join(scopes_for(one, settings))) for one in accounts}
    assert asked == {"work": False, "home": True}


def test_scopes_are_those_of_the_cloud_that_is_configured(signing: Signing) -> None:
    settings = signing.settings()
    account = account_of(settings).model_copy(update={"endpoint": "https://microsoftgraph.chinacloudapi.cn/v1.0"})
    assert scopes_for(account, settings)[0] == "https://microsoftgraph.chinacloudapi.cn/Mail.ReadBasic"


def test_each_process_uses_what_another_one_renewed(signing: Signing) -> None:
    signing.identity.lasts = 60  # so soon over that it is renewed at once
    signing.sign_in()
    first = signing.tokens().token()
    kept = Grants.of("work").load()
    signing.identity.lasts = 3600
    second = signing.tokens().token()
    assert first != second
    assert Grants.of("work").load() != kept  # written whenever it changed
    assert signing.tokens().token() == second  # and read by the next


def test_whoever_signs_out_or_in_does_so_for_all_processes(signing: Signing) -> None:
    signing.sign_in()
    tokens = signing.tokens()
    first = tokens.token()
    assert tokens.token() == first
    kept = Grants.of("work").load()
    Grants.of("work").forget()
    with pytest.raises(SignInNeeded, match="Nobody has signed in"):
        tokens.token()
    signing.sign_in()
    second = tokens.token()
    assert second != first
    Grants.of("work").save(kept)
    assert tokens.token() == first


def test_the_cache_is_written_whenever_it_changed(signing: Signing) -> None:
    signing.identity.lasts = -10  # over at once
    signing.sign_in()
    over = Grants.of("work").load()
    signing.identity.fails = REVOKED
    with pytest.raises(SignInNeeded):
        signing.tokens().token()
    left = Grants.of("work").load()
    assert re.findall(r"access-[0-9a-f]+", over)
    assert not re.findall(r"access-[0-9a-f]+", left)
    assert re.findall(r"refresh-[0-9a-f]+", left) == re.findall(r"refresh-[0-9a-f]+", over)


def test_a_token_that_was_refused_is_not_given_again(signing: Signing) -> None:
    signing.sign_in()
    tokens = signing.tokens()
    first = tokens.token()
    assert tokens.token() == first
    assert tokens.token(True) != first


REFUSALS = {
    "revoked": (REVOKED, "The grant was revoked", "keepwarm login work"),
    "expired": (EXPIRED, "The grant has expired", "keepwarm login work"),
    "conditional access": (POLICY, "conditional access", "Ask your administrator"),
    "second factor": (MFA, "further proof", "keepwarm login work"),
    "consent": (CONSENT, "consent is missing", "agree to what is asked for"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_each_refusal_has_its_own_sentence_and_next_step(signing: Signing, name: str) -> None:
    fails, sentence, step = REFUSALS[name]
    signing.identity.lasts = 60
    signing.sign_in()
    signing.identity.fails = fails
    with pytest.raises(SignInNeeded) as told:
        signing.tokens().token()
    assert sentence in str(told.value)
    assert "(AADSTS" in str(told.value)
    assert step in told.value.what_to_do
    signing.identity.fails = None
    assert signing.tokens().token()  # the grant was not thrown away


@pytest.mark.parametrize("name", ["conditional access", "consent"])
def test_a_refusal_while_signing_in_is_told_and_keeps_nothing(signing: Signing, name: str) -> None:
    signing.identity.fails, sentence, _ = REFUSALS[name]
    with pytest.raises(Failure, match=sentence):
        signing.sign_in()
    assert not Grants.of("work").load()


def test_less_than_was_asked_for_is_told(signing: Signing) -> None:
    signing.identity.withheld = frozenset({"Calendars.ReadBasic"})
    with pytest.raises(Failure, match=r"Not granted: Calendars\.ReadBasic\."):
        signing.sign_in()


def test_nobody_signed_in_yet(signing: Signing) -> None:
    with pytest.raises(SignInNeeded, match="Nobody has signed in") as told:
        signing.tokens().token()
    assert told.value.what_to_do == "Sign in: keepwarm login work"


def test_settings_that_need_more_than_was_granted_ask_for_a_sign_in(signing: Signing) -> None:
    signing.sign_in()
    signing.identity.revoke()
    with pytest.raises(SignInNeeded):
        signing.tokens("[privacy]\nread_own_sent_bodies = true").token()


def test_an_authority_that_is_none_is_a_mistake_in_the_settings(signing: Signing) -> None:
    signing.identity.knows_tenant = False
    with pytest.raises(Failure, match="no sign-in at the address in authority"):
        signing.sign_in()
    signing.identity.knows_tenant = True
    signing.sign_in()
    signing.identity.knows_tenant = False
    with pytest.raises(Refused, match="no sign-in at the address in authority"):
        signing.tokens().token()


def test_an_outage_while_signing_in_is_told_as_one(signing: Signing) -> None:
    signing.identity.fails = OUT
    with pytest.raises(Failure, match="is busy"):
        signing.sign_in()


def test_no_secret_is_shown(signing: Signing) -> None:
    signing.sign_in()
    tokens = signing.tokens()
    assert tokens.token() not in repr(tokens)


ATTENDANCE = "attendance = true\n"


def test_who_came_to_calls_is_asked_for_only_if_the_owner_says_so(signing: Signing) -> None:
    signing.sign_in(ATTENDANCE)
    beside = named(signing.identity.asked_scopes[-1]) - {"Mail.ReadBasic", "Calendars.ReadBasic"}
    assert beside == {"OnlineMeetings.Read", "OnlineMeetingArtifact.Read.All"}


def test_a_personal_account_is_told_that_it_has_no_attendance(signing: Signing) -> None:
    signing.identity.fails = NO_SUCH_SCOPE
    with pytest.raises(Failure, match="does not know a permission") as told:
        signing.sign_in(ATTENDANCE)
    assert "work and school accounts only" in told.value.what_to_do
