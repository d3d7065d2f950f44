"""A check-up: everything that can be wrong, one finding each, with the cure."""

from __future__ import annotations

import stat
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import ConnectorError, Pushes, Refused, SignInNeeded
from keepwarm.daemon import export_folder, letters_state, report_state, unit_state, webhook_state
from keepwarm.daemon.accounts import GoogleAccount
from keepwarm.daemon.failure import BadUsage, Failure
from keepwarm.daemon.refusals import Refusals, StillRefused
from keepwarm.daemon.secret import SecretError
from keepwarm.daemon.sending import NotSent
from keepwarm.daemon.set_aside import CURE, told
from keepwarm.daemon.sign_in_words import sign_in_cure
from keepwarm.daemon.sources import connector_for
from keepwarm.daemon.vanished import told_of_held, told_of_missing
from keepwarm.daemon.web import page_state
from keepwarm.storage import health, unjudged
from keepwarm.storage.soundness import flaws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from keepwarm.daemon.accounts import Account
    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop

_REJECTED_SHOWN = 20
_STALE = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the check-up."""

    about: str
    well: bool
    what: str
    cure: str = ""


def findings(session: Session, workshop: Workshop) -> Iterator[Finding]:
    """Check everything, one thing after the other."""
    now = session.now()
    yield from _settings(workshop)
    yield from _database(workshop)
    yield _rules(workshop)
    yield from _judging(workshop)
    for account in workshop.configuration.accounts:
        yield _account(account, workshop, now)
        yield from _grant(account, workshop)
    yield _delivery(workshop)
    yield from _answers(workshop)
    yield from _export(workshop)
    yield from _webhook(workshop)
    yield _page(workshop)
    yield from _unit()
    yield from _streams(workshop, now)
    yield from _rejected(workshop)


def _settings(workshop: Workshop) -> Iterator[Finding]:
    configuration = workshop.configuration
    yield Finding(about="configuration", well=True, what=_counted(len(configuration.accounts), "account"))
    if "timezone" not in configuration.owner.model_fields_set:
        yield Finding(
            about="configuration",
            well=False,
            what="owner.timezone is not set: working hours are read as UTC.",
            cure='Set timezone in [owner], such as "Europe/Berlin".',
        )
    if not configuration.owner_addresses:
        yield Finding(
            about="configuration",
            well=False,
            what="None of your own addresses is known: nothing can be told apart as written by you.",
            cure="Set addresses in [owner], or the address of an account.",
        )


def _database(workshop: Workshop) -> Iterator[Finding]:
    database = workshop.database
    where = str(database.path) if database.path else database.url.render_as_string(hide_password=True)
    if broken := flaws(database):
        yield Finding(about="database", well=False, what=f"{where}: {broken[0].what}", cure=broken[0].what_to_do)
        return
    with database.reading() as connection:
        totals = health.totals(connection)
    held = ", ".join(f"{number} {name}" for name, number in totals.items())
    yield Finding(about="database", well=True, what=f"{where}: sound; {held}")
    if (
        database.path is not None
        and stat.S_IMODE(database.path.parent.stat().st_mode) & 0o077
        and sys.platform != "win32"
    ):
        yield Finding(
            about="permissions",
            well=False,
            what=f"Others can look into {database.path.parent}.",
            cure=f"chmod 700 {database.path.parent}",
        )


def _rules(workshop: Workshop) -> Finding:
    try:
        return Finding(about="rules", well=True, what=f"{len(workshop.rules)} in force")
    except BadUsage as error:
        return Finding(about="rules", well=False, what=str(error), cure=error.what_to_do)


def _judging(workshop: Workshop) -> Iterator[Finding]:
    with workshop.database.reading() as connection:
        for one in unjudged.all_of_them(connection)[:_REJECTED_SHOWN]:
            yield Finding(about=f"judging {one.scope}", well=False, what=told([one]), cure=CURE)


def _account(account: Account, workshop: Workshop, now: datetime) -> Finding:
    """Reach the account, sign in, and list what there is to read. A password that was refused is not offered again."""
    about, refusals = f"account {account.name}", Refusals(workshop.database)
    try:
        refusals.check(account)
        connector = connector_for(account, workshop.configuration, lambda: now)
        streams = connector.streams()
        watched = [stream.name for stream in connector.watched()] if isinstance(connector, Pushes) else []
        connector.close()
    except SignInNeeded as refused:
        if not isinstance(refused, StillRefused):
            refusals.note(account, refused)
        return Finding(about=about, well=False, what=str(refused), cure=sign_in_cure(account, refused))
    except (ConnectorError, SecretError) as error:
        return Finding(about=about, well=False, what=str(error), cure=getattr(error, "what_to_do", ""))
    refusals.forget(account)
    what = f"{account.kind}: {_counted(len(streams), 'stream')} to read"
    if watched:
        what += f"; `keepwarm run` watches {' and '.join(watched)} and polls the rest"
    return Finding(about=about, well=True, what=what)


def _grant(account: Account, workshop: Workshop) -> Iterator[Finding]:
    """Tell of a grant that is for a time only, or for less than the settings need."""
    if not isinstance(account, GoogleAccount):
        return
    from keepwarm.daemon.google_scopes import scopes_for  # noqa: PLC0415 - only for who has such an account
    from keepwarm.daemon.google_source import tokens_of  # noqa: PLC0415

    for needed in scopes_for(account, workshop.configuration).purposes.values():
        try:
            tokens_of(account, needed).grant()
        except SignInNeeded:
            return  # that is told of the account
        except Refused as refused:
            yield Finding(about=f"account {account.name}", well=False, what=str(refused), cure=refused.what_to_do)
    ends = tokens_of(account).grant().ends
    if ends:
        yield Finding(
            about=f"account {account.name}",
            well=False,
            what=f"Google ends the grant on {ends[:10]}, as the OAuth client is in testing.",
            cure=f"Publish the app in Google's console, then: keepwarm login {account.name}",
        )


def _delivery(workshop: Workshop) -> Finding:
    try:
        return Finding(about="report", well=True, what=report_state.checked(workshop.configuration))
    except NotSent as error:
        return Finding(about="report", well=False, what=str(error), cure=error.what_to_do)


def _answers(workshop: Workshop) -> Iterator[Finding]:
    if workshop.configuration.reflect.mail:
        try:
            yield Finding(about="reflect", well=True, what=letters_state.answers_checked(workshop.configuration))
        except NotSent as error:
            yield Finding(about="reflect", well=False, what=str(error), cure=error.what_to_do)


def _export(workshop: Workshop) -> Iterator[Finding]:
    with workshop.database.reading() as connection:
        state = export_folder.state(connection, workshop.configuration)
    if state is not None:
        well = not state["problem"]
        what = state["dir"] if well else state["problem"]
        yield Finding(about="export", well=well, what=what, cure=state["what_to_do"])


def _webhook(workshop: Workshop) -> Iterator[Finding]:
    """See whether the secret can be had, and what was not taken. Nothing is posted."""
    hook = workshop.configuration.webhook
    if hook is None:
        return
    from keepwarm.daemon.webhook_signing import signer  # noqa: PLC0415 - only for who has one

    try:
        if hook.secret is not None:
            signer(hook.secret)
    except SecretError as error:
        yield Finding(about="webhook", well=False, what=f"{error}.", cure=error.what_to_do)
    with workshop.database.reading() as connection:
        state = webhook_state.of(connection, hook) or {}
    wrong = list(webhook_state.troubles(state, workshop.configuration.owner.timezone))
    for what, cure in wrong:
        yield Finding(about="webhook", well=False, what=what, cure=cure or "It is tried again.")
    if not wrong:
        signed = "signed" if hook.secret else "not signed: set secret in [webhook], so that it can be told as yours"
        yield Finding(about="webhook", well=True, what=f"posted to {state['to']}, {signed}")


def _page(workshop: Workshop) -> Finding:
    try:
        return Finding(about="page", well=True, what=page_state.checked(workshop.configuration))
    except Failure as error:
        return Finding(about="page", well=False, what=str(error), cure=error.what_to_do)


def _unit() -> Iterator[Finding]:
    try:
        if what := unit_state.checked():
            yield Finding(about="service", well=True, what=what)
    except Failure as error:
        yield Finding(about="service", well=False, what=str(error), cure=error.what_to_do)


def _streams(workshop: Workshop, now: datetime) -> Iterator[Finding]:
    with workshop.database.reading() as connection:
        streams = health.streams(connection, workshop.configuration.account_names)
        newest = health.newest_message(connection)
    for one in streams:
        about = f"{one.account}/{one.stream}"
        if one.problem:
            yield Finding(about=about, well=False, what=one.problem, cure=one.what_to_do or "It is tried again.")
        elif one.last_success and now - one.last_success > _STALE:
            days = (now - one.last_success).days
            yield Finding(about=about, well=False, what=f"not read for {days} days", cure="Run `keepwarm sync`.")
        if one.held:
            what, cure = told_of_held(one.held)
            yield Finding(about=about, well=False, what=what, cure=cure)
        elif one.missing:
            yield Finding(about=about, well=True, what=told_of_missing(one.missing))
    if newest is not None and newest > now + timedelta(days=1):
        yield Finding(
            about="clock",
            well=False,
            what=f"The newest message is from {newest:%Y-%m-%d}, the clock says {now:%Y-%m-%d}.",
            cure="Set the clock of this machine.",
        )


def _rejected(workshop: Workshop) -> Iterator[Finding]:
    with workshop.database.reading() as connection:
        items = health.rejections(connection, _REJECTED_SHOWN)
        number = health.totals(connection)["rejected"]
    for item in items:
        yield Finding(
            about=f"{item.account}/{item.stream}",
            well=False,
            what=f"could not be read: {item.where or 'an item'}: {item.reason}",
            cure="Nothing: everything else was read; a mended item is found by itself.",
        )
    if number > len(items):
        yield Finding(about="unreadable items", well=False, what=f"and {number - len(items)} more")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
