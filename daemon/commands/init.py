"""``keepwarm init``: a first configuration, by questions on a terminal, or by options alone."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon import system_guess, values
from keepwarm.daemon.configuration import ConfigurationError, parse
from keepwarm.daemon.failure import BadUsage, Failure
from keepwarm.daemon.init_file import MAIL_ACCOUNT, Answers, configuration_text, is_feed
from keepwarm.daemon.interview import Interview
from keepwarm.daemon.paths import config_file
from keepwarm.daemon.secret import Secret, SecretSource, keyring_command

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session

_KINDS = ("imap", "google", "maildir", "mbox", "ics")
_WHAT_LIES_AT_PATH = {
    "maildir": "The Maildir",
    "mbox": "The mbox file",
    "ics": "The .ics file, or a folder of them",
}
_ABOUT_GMAIL = """\
Your mailbox is at Gmail, which can be read in two ways:
  google  mail and calendars through Google's own interface. You make an OAuth client of your own first, once, and name
          its file here: the README shows the way, in some ten minutes. You sign in through your browser.
  imap    mail only, with an app password, which Google gives to accounts with two-step verification."""

_FOR_IMAP = ("host", "user", "password_command", "password_env", "password_file", "keyring")
_PASSWORD_OPTIONS = {
    SecretSource.COMMAND: "password_command",
    SecretSource.KEYRING: "keyring",
    SecretSource.FILE: "password_file",
    SecretSource.ENV: "password_env",
}
_PASSWORD_QUESTIONS = {
    SecretSource.COMMAND: "The command that prints it",
    SecretSource.FILE: "The file that it is in",
    SecretSource.ENV: "The variable that it is in",
}


@click.command("init")
@click.option("--name", help="Your name.")
@click.option("--address", help="Your mail address.")
@click.option("--kind", type=click.Choice(_KINDS), help="What to read first; imap if not given.")
@click.option("--host", help="The IMAP server; guessed from the address if not given.")
@click.option("--user", help="The user name there; your address if not given.")
@click.option("--password-command", metavar="COMMAND", help="The password is what this command prints.")
@click.option("--password-env", metavar="NAME", help="The password is in this environment variable.")
@click.option("--password-file", metavar="FILE", help="The password is in this file.")
@click.option("--keyring", is_flag=True, help="The password is in the system keyring.")
@click.option("--client-file", metavar="FILE", help="For google: the OAuth client's file, from Google's console.")
@click.option("--path", metavar="PATH", help="The Maildir, the mbox file, or the .ics file or folder.")
@click.option(
    "--calendar", metavar="PATH_OR_URL", help="An .ics file or folder, or the address of a feed, beside the mail."
)
@click.option("--timezone", metavar="ZONE", help="Your time zone; the system's if not given.")
@click.option("--holidays", metavar="COUNTRY", help='The country whose holidays you have, such as "DE".')
@click.pass_obj
def command(session: Session, /, **options: Any) -> None:
    """Write a first configuration; an existing one is never touched.

    Asks for what the options leave open, if there is a terminal to ask on.
    """
    file = (session.config or config_file()).expanduser().absolute()
    if os.path.lexists(file):
        raise _exists(file)
    answers = _answers(Interview(options, asks=sys.stdin.isatty()))
    _write(file, _checked(configuration_text(answers), file))
    click.echo(f"Wrote {file}.")
    for step in _next_steps(answers, session.config):
        click.echo(step)


def _answers(interview: Interview) -> Answers:
    name = interview.need("name", "Your name", guess=system_guess.full_name())
    address = interview.need("address", "Your mail address", read=values.address)
    kind = interview.options["kind"] or (_kind(interview, address) if interview.asks else "imap")
    if kind != "google" and interview.options["client_file"]:
        raise click.UsageError("--client-file is for --kind google only.")
    match kind:
        case "imap":
            source = _server(interview, address)
        case "google":
            source = _google(interview)
        case _:
            source = _files(interview, kind)
    zone = interview.need("timezone", "Your time zone", guess=system_guess.zone_name(), read=values.timezone)
    country = interview.may(
        "holidays",
        "The country whose holidays you have",
        guess=system_guess.holidays_country(),
        read=values.country,
    )
    interview.end()
    return Answers(name=name, address=address, kind=kind, timezone=zone, holidays=country, **source)


def _kind(interview: Interview, address: str) -> str:
    if not system_guess.is_at_gmail(address):
        return interview.choose("Read first", _KINDS)
    interview.tell(_ABOUT_GMAIL)
    return interview.choose("Read first", ("google", *(kind for kind in _KINDS if kind != "google")))


def _google(interview: Interview) -> dict[str, Any]:
    if out_of_place := [_flag(option) for option in (*_FOR_IMAP, "path") if interview.options[option]]:
        raise click.UsageError(f"{', '.join(out_of_place)}: not for --kind google.")
    file = interview.need("client_file", "The OAuth client's file, as downloaded from Google's console")
    beside = interview.options["calendar"] or ""  # not asked for: Google's own calendars are read
    calendar = beside if is_feed(beside) or not beside else str(_absolute(beside))
    return {"client_file": _absolute(file), "calendar": calendar}


def _server(interview: Interview, address: str) -> dict[str, Any]:
    if interview.options["path"]:
        raise click.UsageError("--path is not for --kind imap; a calendar beside it is --calendar.")
    return {
        "host": interview.need("host", "The IMAP server", guess=system_guess.imap_host(address), read=values.host),
        "user": _user(interview, address),
        "password": _password(interview),
        "calendar": _calendar(interview),
    }


def _user(interview: Interview, address: str) -> str:
    if interview.asks:
        return interview.need("user", "The user name there", guess=address)
    return interview.options["user"] or address


def _files(interview: Interview, kind: str) -> dict[str, Any]:
    if out_of_place := [_flag(option) for option in _FOR_IMAP if interview.options[option]]:
        raise click.UsageError(f"{', '.join(out_of_place)}: for --kind imap only.")
    path = interview.need("path", _WHAT_LIES_AT_PATH[kind])
    return {"path": _absolute(path), "calendar": "" if kind == "ics" else _calendar(interview)}


def _calendar(interview: Interview) -> str:
    source = interview.may("calendar", "A calendar: an .ics file, a folder of them, or the address of a feed")
    return source if is_feed(source) or not source else str(_absolute(source))


def _password(interview: Interview) -> Secret | None:
    given = [source for source, option in _PASSWORD_OPTIONS.items() if interview.options[option]]
    flags = ", ".join(map(_flag, _PASSWORD_OPTIONS.values()))
    if len(given) > 1:
        raise click.UsageError(f"Only one of {flags} can be given.")
    if not given and not interview.asks:
        interview.miss(f"one of {flags}")
        return None
    source = given[0] if given else _chosen_source(interview)
    if source is SecretSource.KEYRING:
        return Secret(source, MAIL_ACCOUNT)
    where = interview.need(_PASSWORD_OPTIONS[source], _PASSWORD_QUESTIONS[source])
    return Secret(source, str(_absolute(where)) if source is SecretSource.FILE else where)


def _chosen_source(interview: Interview) -> SecretSource:
    # By value: click would offer an enumeration's members under their names in capitals.
    return SecretSource(interview.choose("The password comes from", [source.value for source in _PASSWORD_OPTIONS]))


def _flag(option: str) -> str:
    return f"--{option.replace('_', '-')}"


def _absolute(path: str) -> Path:
    """Give a path as the user means it: from where they are, not from the configuration's folder."""
    return Path(path).expanduser().absolute()


def _checked(text: str, file: Path) -> str:
    """Give ``text`` back if it is a configuration that ``load`` accepts; options are not checked before."""
    try:
        parse(text, file)
    except ConfigurationError as error:
        problems = "\n".join(f"  {problem}" for problem in error.problems)
        raise BadUsage(f"nothing was written, as the answers cannot be used:\n{problems}") from None
    return text


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # O_EXCL: another file is never written over, not even one that came up since we looked.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _exists(file) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)


def _exists(file: Path) -> Failure:
    return Failure(
        f"{file} exists already; nothing was written.",
        "Edit it, or have another one written: keepwarm --config FILE init",
    )


def _next_steps(answers: Answers, config: Path | None) -> list[str]:
    keepwarm = ["keepwarm", *(["--config", str(config)] if config else [])]
    steps = [f"Next: {shlex.join([*keepwarm, 'sync'])}"]
    if answers.password and answers.password.source is SecretSource.KEYRING:
        steps.insert(0, f"Put the password into the keyring: {keyring_command(MAIL_ACCOUNT)}")
    if answers.client_file:
        steps.insert(0, f"Sign in: {shlex.join([*keepwarm, 'login', MAIL_ACCOUNT])}")
    return steps
