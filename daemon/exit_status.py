"""The one place where failures become exit statuses, and sentences on stderr."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING

import click

from keepwarm.daemon.failure import BROKEN_PIPE, INTERRUPTED, Failure
from keepwarm.daemon.harmless import harmless_lines

if TYPE_CHECKING:
    from collections.abc import Sequence


def exit_status(group: click.Group, arguments: Sequence[str]) -> int:
    """Run ``group`` with ``arguments``; give 0 done, 1 failed, 2 bad usage or configuration, 3 done in part.

    What went wrong is told on stderr, with a traceback only after --verbose. Ctrl-C, and a reader of stdout
    that has gone, end it quietly.
    """
    try:
        # Not click's main(): it ends an interruption with status 1, and unknown failures with a traceback.
        with group.make_context("keepwarm", list(arguments)) as context:
            group.invoke(context)
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
