"""Signing in at Google: the flow for installed apps (RFC 8252), with PKCE, through a browser on this machine."""

from __future__ import annotations

import logging
import webbrowser
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.failure import BadUsage, Failure
from keepwarm.daemon.google_client import GoogleClient
from keepwarm.daemon.google_grant import GoogleGrant
from keepwarm.daemon.google_identity import address_of, wrong_account
from keepwarm.daemon.google_refusals import refusal_of
from keepwarm.daemon.google_scopes import scopes_for
from keepwarm.daemon.grants import Grants, leave_no_core

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keepwarm.daemon.accounts import GoogleAccount
    from keepwarm.daemon.google_scopes import Scopes
    from keepwarm.daemon.settings import Configuration

SECONDS = 600
_DONE = "Keepwarm has been granted what it asked for. You may close this window."


def sign_in(account: GoogleAccount, settings: Configuration, *, device: bool, browser: bool) -> str:
    """Have the user grant what the settings need, and keep the grant; give the sentence for the user.

    What is not granted of it is told, and the rest is used. Somebody else's grant is not kept, and the one before is.
    Raises Failure and BadUsage.
    """
    if device:
        raise BadUsage(
            "Google gives no access to mail or calendars by a code on another device.",
            f"Without a browser here: keepwarm login {account.name} --no-browser, and open the address that it prints; "
            "if that is on another machine, forward the port in it by ssh -L first.",
        )
    client, wanted = GoogleClient.read(account.client_file), scopes_for(account, settings)
    leave_no_core()
    token = _granted(client, wanted.all, account, browser=browser and _has_browser())
    if not token.get("refresh_token"):
        raise Failure("Google gave no lasting grant.", f"Try again: keepwarm login {account.name}")
    grant = GoogleGrant.of(token, _scopes(token, wanted.all), datetime.now(UTC))
    lacking = _lacking(grant, wanted)
    if len(lacking) == len(wanted.purposes):
        raise Failure("Nothing was granted that the settings need.", "Run the command again, and tick all boxes.")
    grants = Grants.of(account.name)
    grant = replace(grant, address=address_of(grant, account))
    with grants.lock():
        if problem := wrong_account(grant.address, account, settings, GoogleGrant.read(grants.load())):
            raise Failure(
                problem, f"Run the command again, and choose the other account: keepwarm login {account.name}"
            )
        grants.save(grant.text())
    told = f"{account.name}: signed in{f' as {grant.address}' if grant.address else ''}."
    return f"{told}{_without(lacking)}{_ending(grant)}"


def _lacking(grant: GoogleGrant, wanted: Scopes) -> list[str]:
    """Name what cannot be done as too little was granted."""
    return [name for name, scopes in wanted.purposes.items() if not set(scopes) <= set(grant.scopes)]


def _without(lacking: Sequence[str]) -> str:
    if not lacking:
        return ""
    return f" Not granted, and so left out: {', '.join(lacking)}. To have it, run the command again and tick all boxes."


def _ending(grant: GoogleGrant) -> str:
    if not grant.ends:
        return ""
    return (
        f" Google ends this grant on {grant.ends[:10]}, as it does while the OAuth client is in testing: publish the "
        "app in Google's console (Google Auth Platform > Audience), and sign in once more."
    )


def _has_browser() -> bool:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _granted(
    client: GoogleClient, wanted: Sequence[str], account: GoogleAccount, *, browser: bool
) -> Mapping[str, Any]:
    """Run the flow; give the token endpoint's answer. Raises Failure."""
    # It tells tokens when it is asked to debug.
    logging.getLogger("requests_oauthlib").setLevel(logging.CRITICAL + 1)
    from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError  # noqa: PLC0415 - heavy
    from oauthlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    class Flow(InstalledAppFlow):  # type: ignore[misc]  # the library is untyped
        """Prints the address before the browser is opened, and at once."""

        def authorization_url(self, **others: Any) -> tuple[str, str]:
            url, state = super().authorization_url(**others)
            click.echo(f"Sign in at Google, and grant what is asked for:\n  {url}")
            return url, state

    flow = Flow.from_client_config(client.config(), list(wanted))
    hint = {"login_hint": account.address} if account.address else {}
    try:
        flow.run_local_server(
            host="127.0.0.1",
            port=0,
            open_browser=browser,
            authorization_prompt_message=None,
            success_message=_DONE,
            timeout_seconds=SECONDS,
            access_type="offline",
            prompt="consent",
            **hint,
        )
    except WSGITimeoutError:
        raise Failure("Nobody has signed in within ten minutes.", "Run the command again.") from None
    except OAuth2Error as error:
        refusal = refusal_of(str(error.error))
        raise Failure(refusal.why, refusal.cure(account.name)) from None
    except RequestException as error:
        raise Failure(f"Google cannot be reached ({type(error).__name__}).", "Check the network, try again.") from None
    except Warning as changed:  # oauthlib: the granted scopes are not those that were asked for
        other: Mapping[str, Any] = getattr(changed, "token", {})
        return other
    token: Mapping[str, Any] = flow.oauth2session.token
    return token


def _scopes(token: Mapping[str, Any], wanted: Sequence[str]) -> list[str]:
    """Give those of the wanted scopes that were granted; a server that does not say has granted them all."""
    told = token.get("scope") or wanted
    granted = set(told.split() if isinstance(told, str) else told)
    return [one for one in wanted if one in granted]
