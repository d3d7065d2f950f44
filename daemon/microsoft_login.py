"""Signing in at Microsoft: through a browser on this machine (RFC 8252), or by a code on another device (RFC 8628)."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING, Any

import click

from keepwarm.connectors.contract import ConnectorError
from keepwarm.daemon.failure import Failure
from keepwarm.daemon.grants import Grants
from keepwarm.daemon.harmless import harmless_lines
from keepwarm.daemon.microsoft_grant import application, new_cache
from keepwarm.daemon.microsoft_identity import Person, checked
from keepwarm.daemon.microsoft_refusals import codes_in, refusal_in, told
from keepwarm.daemon.microsoft_scopes import not_granted, scopes_for
from keepwarm.daemon.secret import SecretError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keepwarm.daemon.accounts import MicrosoftAccount
    from keepwarm.daemon.settings import Configuration

SECONDS = 600


def sign_in(account: MicrosoftAccount, settings: Configuration, *, device: bool, browser: bool) -> str:
    """Have the user grant what the settings need, and keep the grant; give the sentence for the user.

    Raises Failure.
    """
    cache, wanted = new_cache(), scopes_for(account, settings)
    try:
        with application(account, cache) as app:
            answer = _by_device(app, wanted) if device else _by_browser(app, wanted, account.address, browser=browser)
    except ConnectorError as error:
        raise Failure(str(error), getattr(error, "what_to_do", "") or "Check the network, then try again.") from error
    if "access_token" not in answer:
        raise _failure(answer, account.name)
    missing = not_granted(wanted, str(answer.get("scope", "")))
    if missing:
        raise Failure(
            f"Not granted: {', '.join(missing)}.",
            "Add these permissions (delegated, Microsoft Graph) to your registration, and run the command again.",
        )
    grants = Grants.of(account.name)
    with grants.lock():
        doubt = checked(Person.in_cache(cache), _before(grants), account, settings, answer)
        grants.save(cache.serialize())
    who = answer.get("id_token_claims", {}).get("preferred_username", "")
    return f"{account.name}: signed in{harmless_lines(f' as {who}') if who else ''}.{doubt}"


def _before(grants: Grants) -> Person | None:
    """Give who was signed in until now; nobody if what is kept cannot be read: signing in is the cure for that."""
    try:
        return Person.in_cache(new_cache(grants.load()))
    except SecretError:
        return None


def _by_browser(app: Any, wanted: tuple[str, ...], address: str, *, browser: bool) -> Mapping[str, Any]:
    from msal.oauth2cli.oauth2 import BrowserInteractionTimeoutError  # noqa: PLC0415 - heavy

    def show(url: str) -> None:
        click.echo(f"Sign in at Microsoft, and grant what is asked for:\n  {url}")
        if browser:
            webbrowser.open(url)

    who = {"login_hint": address} if address else {"prompt": "select_account"}
    try:
        answer: Mapping[str, Any] = app.acquire_token_interactive(
            list(wanted), timeout=SECONDS, auth_uri_callback=show, **who
        )
    except BrowserInteractionTimeoutError:
        raise Failure("Nobody has signed in within ten minutes.", "Run the command again.") from None
    return answer


def _by_device(app: Any, wanted: tuple[str, ...]) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = app.initiate_device_flow(list(wanted))
    if "user_code" in answer:
        click.echo(harmless_lines(str(answer.get("message", ""))[:1000]))
        answer = app.acquire_token_by_device_flow(answer)
    return answer


def _failure(answer: Mapping[str, Any], account: str) -> Failure:
    refusal = refusal_in(answer)
    if refusal is not None:
        return Failure(*told(refusal, answer, account))
    code = next((f" (AADSTS{code})" for code in codes_in(answer)), "")
    return Failure(f"Microsoft did not sign you in{code}.", f"Try again: keepwarm login {account}")
