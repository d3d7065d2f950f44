"""The command line: options, the table of commands, and the one place where failures become exit statuses."""

from __future__ import annotations

import os
import sys
import traceback
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from keepwarm.daemon.failure import BROKEN_PIPE, INTERRUPTED, Failure
from keepwarm.daemon.harmless import harmless_lines
from keepwarm.daemon.lazy_group import Entry, LazyGroup
from keepwarm.daemon.session import Session, Verbosity

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = "keepwarm.daemon.commands"
_ENTRIES = {
    "init": Entry(f"{_COMMANDS}.init", "Write a first configuration."),
    "sync": Entry(f"{_COMMANDS}.sync", "Read all accounts once, then evaluate."),
    "run": Entry(f"{_COMMANDS}.run", "Keep reading and evaluating, in the foreground."),
    "status": Entry(f"{_COMMANDS}.status", "Tell how the reading of each account goes."),
    "doctor": Entry(f"{_COMMANDS}.doctor", "Check everything, and name the cure for what is wrong."),
    "contacts": Entry(f"{_COMMANDS}.contacts", "Show the sonar: everyone, with their warmth."),
    "signals": Entry(f"{_COMMANDS}.signals", "Show the open signals."),
    "why": Entry(f"{_COMMANDS}.why", "Show what one signal rests on."),
    "report": Entry(f"{_COMMANDS}.report", "Write the weekly report."),
    "export": Entry(f"{_COMMANDS}.export", "Write the feed for other tools."),
    "rules": Entry(f"{_COMMANDS}.rules", "List the rules in force; check a rule file."),
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
@click.option(
    "--as-of", callback=_moment, metavar="ISO-8601", help="Work as of this moment; a bare date is its first."
)
@click.option("--verbose", is_flag=True, help="Tell more on stderr; show tracebacks.")
@click.option("--quiet", is_flag=True, help="Tell only failures on stderr.")
@click.version_option(package_name="keepwarm", message="keepwarm %(version)s")
@click.pass_context
def keepwarm(
    ctx: click.Context, config: Path | None, as_of: datetime | None, verbose: bool, quiet: bool
) -> None:
    """Notice which relationships are cooling, which are warming, and what you owe."""
    if verbose and quiet:
        raise click.UsageError("--verbose and --quiet exclude each other.")
    verbosity = Verbosity.VERBOSE if verbose else Verbosity.QUIET if quiet else Verbosity.NORMAL
    ctx.obj = Session(config=config, as_of=as_of, verbosity=verbosity)
    # structlog is not for --help to load.
    from keepwarm.daemon import logs  # noqa: PLC0415

    logs.configure(verbosity, foreground=ctx.invoked_subcommand == "run")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 bad usage or configuration, 3 done in part."""
    arguments = sys.argv[1:] if arguments is None else arguments
    sys.exit(_status(arguments))


def _status(arguments: Sequence[str]) -> int:
    try:
        # Not click's main(): it ends an interruption with status 1, and unknown failures with a traceback.
        with keepwarm.make_context("keepwarm", list(arguments)) as context:
            keepwarm.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return BROKEN_PIPE
    # The boundary: whatever a command did not handle becomes a sentence and a status.
    except Exception as error:  # noqa: BLE001
        _tell(error, with_traceback="--verbose" in arguments)
        return error.exit_code if isinstance(error, Failure) else Failure.exit_code
    return 0


def _tell(error: Exception, *, with_traceback: bool) -> None:
    """Say on stderr what went wrong and what to do, without a traceback unless it was asked for."""
    if with_traceback:
        traceback.print_exception(error)
    why, what_to_do = _told(error)
    click.echo(harmless_lines("\n".join(filter(None, (f"keepwarm: {why}", what_to_do)))), err=True)


def _told(error: Exception) -> tuple[str, str]:
    """Give the sentence and the cure; the failures of every room carry theirs as ``what_to_do``."""
    if isinstance(what_to_do := getattr(error, "what_to_do", None), str):
        return str(error), what_to_do
    if isinstance(error, OSError) and error.strerror:
        return ": ".join(str(part) for part in (error.filename, error.strerror) if part), ""
    return (
        f"unexpected {type(error).__name__}: {error}",
        "This is a fault of Keepwarm's; --verbose before the command shows where. Nothing stored is lost.",
    )


def _drop_output() -> None:
    """Keep the interpreter from flushing, at its end, into a pipe that nobody reads."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
