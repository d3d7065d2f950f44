"""``keepwarm login`` and ``keepwarm logout``: signing in where a browser is needed, and forgetting the grant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from keepwarm.daemon.accounts import GoogleAccount, MicrosoftAccount
from keepwarm.daemon.commands.sync import chosen
from keepwarm.daemon.failure import BadUsage, Failure
from keepwarm.daemon.grants import Grants
from keepwarm.daemon.secret import SecretError

if TYPE_CHECKING:
    from keepwarm.daemon.accounts import Account
    from keepwarm.daemon.session import Session


@click.command("login")
@click.argument("name", metavar="ACCOUNT")
@click.option("--device", is_flag=True, help="Sign in with a code that is typed in on another device.")
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening a browser.")
@click.pass_obj
def command(session: Session, /, name: str, device: bool, no_browser: bool) -> None:
    """Sign in to an account at Google or Microsoft; what is granted goes to the keyring, or to a file of your own."""
    [account] = chosen(session.configuration.accounts, (name,))
    click.echo(_sign_in(account, session, device=device, browser=not no_browser))


@click.command("logout")
@click.argument("name", metavar="ACCOUNT")
@click.pass_obj
def forgetting(session: Session, /, name: str) -> None:
    """Forget what an account was granted; what was read stays."""
    [account] = chosen(session.configuration.accounts, (name,))
    try:
        grants = Grants.of(account.name)
        with grants.lock():  # a renewal that is under way must not bring it back
            had = grants.forget()
    except SecretError as error:
        raise Failure(f"{error}.", error.what_to_do) from error
    click.echo(f"{account.name}: signed out." if had else f"{account.name}: nobody was signed in.")


def _sign_in(account: Account, session: Session, *, device: bool, browser: bool) -> str:
    """Sign in, each kind in a file of its own; give the sentence for the user.

    Raises Failure and BadUsage.
    """
    match account:
        case GoogleAccount():
            from keepwarm.daemon.google_login import sign_in  # noqa: PLC0415

            return sign_in(account, session.configuration, device=device, browser=browser)
        case MicrosoftAccount():
            from keepwarm.daemon import microsoft_login  # noqa: PLC0415

            return microsoft_login.sign_in(account, session.configuration, device=device, browser=browser)
    raise BadUsage(
        f'{account.name!r} is of kind "{account.kind}", which needs no sign-in of this kind.',
        "Its password, if it has one, is named in the configuration.",
    )
