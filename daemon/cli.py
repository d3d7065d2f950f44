"""The command line: its options, and the table of its commands."""

from __future__ import annotations

import os
import sys
import threading
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import click

from keepwarm.daemon.exit_status import exit_status
from keepwarm.daemon.lazy_group import Entry, LazyGroup
from keepwarm.daemon.session import Session, Verbosity

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = "keepwarm.daemon.commands"
_ENTRIES = {
    "init": Entry(f"{_COMMANDS}.init", "Write a first configuration."),
    "login": Entry(f"{_COMMANDS}.login", "Sign in to an account at Google or Microsoft."),
    "logout": Entry(f"{_COMMANDS}.login", "Forget what an account was granted.", "forgetting"),
    "sync": Entry(f"{_COMMANDS}.sync", "Read all accounts once, then evaluate."),
    "run": Entry(f"{_COMMANDS}.run", "Keep reading and evaluating, in the foreground."),
    "service": Entry(f"{_COMMANDS}.service", "Have systemd start the daemon, and start it again."),
    "open": Entry(f"{_COMMANDS}.open", "Open the page in the browser."),
    "status": Entry(f"{_COMMANDS}.status", "Tell how the reading of each account goes."),
    "doctor": Entry(f"{_COMMANDS}.doctor", "Check everything, and name the cure for what is wrong."),
    "contacts": Entry(f"{_COMMANDS}.contacts", "Show the sonar: everyone, with their warmth."),
    "signals": Entry(f"{_COMMANDS}.signals", "Show the open signals."),
    "why": Entry(f"{_COMMANDS}.why", "Show what one signal rests on."),
    "note": Entry(f"{_COMMANDS}.note", "Note something to remember of somebody."),
    "promise": Entry(f"{_COMMANDS}.promise", "Write down a promise, yours or theirs, and when it was kept."),
    "reflect": Entry(f"{_COMMANDS}.reflect", "Five minutes after a meeting: what they needed, how they left."),
    "log": Entry(f"{_COMMANDS}.log", "Log a call, a lunch, a letter that no mail or calendar knows of."),
    "ping": Entry(f"{_COMMANDS}.ping", "Set how long you and somebody may be silent."),
    "noshow": Entry(f"{_COMMANDS}.noshow", "Note that somebody did not come to a meeting."),
    "attribute": Entry(f"{_COMMANDS}.attribute", "Say who was behind a move or a cancellation."),
    "brief": Entry(f"{_COMMANDS}.brief", "Before you meet them: the cards of today and tomorrow."),
    "report": Entry(f"{_COMMANDS}.report", "Write the weekly report."),
    "export": Entry(f"{_COMMANDS}.export", "Write the feed for other tools."),
    "mcp": Entry(f"{_COMMANDS}.mcp", "Serve what is known to an assistant on this machine, read-only (MCP)."),
    "webhook": Entry(f"{_COMMANDS}.webhook", "How the posting of the feed goes; post again what was not taken."),
    "rules": Entry(f"{_COMMANDS}.rules", "The rules in force: list, explain, check, try on your own history."),
    "forget": Entry(f"{_COMMANDS}.forget", "Remove a person from everything, and keep them out."),
    "replay": Entry(f"{_COMMANDS}.replay", "Rebuild the ledger of warmth from what is stored."),
    "db": Entry(f"{_COMMANDS}.db", "Upgrade, back up or check the database."),
}


def _moment(_ctx: click.Context, _option: click.Parameter, value: str | None) -> datetime | None:
    """Read an ISO 8601 date or time; it stays naive if it has no offset."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        example = '"2026-11-16" or "2026-11-16T09:00+01:00"'
        raise click.BadParameter(f"{value!r} is no ISO 8601 time, such as {example}.") from None
    # Away from the ends of what datetime can hold, so that it can be shifted to another zone.
    if not 1900 <= moment.year <= 9998:
        raise click.BadParameter(f"{value!r} is not between the years 1900 and 9998.")
    return moment


@click.group(
    cls=LazyGroup,
    entries=_ENTRIES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="The configuration to use.")
@click.option("--as-of", callback=_moment, metavar="ISO-8601", help="Work as of this moment; a bare date is its first.")
@click.option("--verbose", is_flag=True, help="Tell more on stderr; show tracebacks.")
@click.option("--quiet", is_flag=True, help="Tell only failures on stderr.")
@click.version_option(package_name="keepwarm", message="keepwarm %(version)s")
@click.pass_context
def keepwarm(ctx: click.Context, config: Path | None, as_of: datetime | None, verbose: bool, quiet: bool) -> None:
    """Notice which relationships are cooling, which are warming, and what you owe."""
    if verbose and quiet:
        raise click.UsageError("--verbose and --quiet exclude each other.")
    verbosity = Verbosity.VERBOSE if verbose else Verbosity.QUIET if quiet else Verbosity.NORMAL
    ctx.obj = Session(config=config, as_of=as_of, verbosity=verbosity)
    # structlog is not for --help to load.
    from keepwarm.daemon import logs  # noqa: PLC0415

    logs.configure(verbosity, foreground=ctx.invoked_subcommand == "run")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status; see ``exit_status``."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A name that the terminal's encoding lacks must not end the command.
        sys.stdout.reconfigure(errors="replace")
    status = exit_status(keepwarm, sys.argv[1:] if arguments is None else arguments)
    if any(thread.daemon for thread in threading.enumerate()):
        # One that hangs, and was left behind, must neither be waited for nor wake up while the interpreter is taken
        # down. What it had not committed is as if it had been killed.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
