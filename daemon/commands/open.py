"""``keepwarm open``: the page, in the owner's browser."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import TYPE_CHECKING

import click

from keepwarm.daemon.failure import BadUsage, Failure
from keepwarm.daemon.session import Verbosity
from keepwarm.daemon.web.knocking import served
from keepwarm.daemon.web.whereabouts import Whereabouts

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session


@click.command("open")
@click.option("--print", "only_print", is_flag=True, help="Print the address, which is good once and for a minute.")
@click.option("--token", is_flag=True, help="Print the token by which a program is let in to the API.")
@click.option("--renew", is_flag=True, help="Make a new secret first: every browser and program is out.")
@click.pass_obj
def command(session: Session, /, only_print: bool, token: bool, renew: bool) -> None:
    """Open the page in the browser. The daemon serves it, so it must run."""
    if token and only_print:
        raise BadUsage("--print and --token exclude each other.")
    seal = Whereabouts.of(session.configuration).seal
    if renew:
        seal.renew()
    if token:
        click.echo(seal.program_token())
        return
    found = served(session.configuration)
    if found is None:
        raise Failure(
            "The page is not served: the daemon does not run, or could not listen.",
            "Start it: keepwarm run (or keepwarm service install). `keepwarm doctor` tells what is in its way.",
        )
    link = f"{found.origin}/open?token={seal.link_token(found.instance)}"
    if not only_print and _has_display() and webbrowser.open(link):
        if session.verbosity is not Verbosity.QUIET:
            click.echo(f"Opened {found.origin} in the browser.")
        return
    if not only_print:
        click.echo("No browser could be opened here. This address is good once, and for a minute:", err=True)
    click.echo(link)


def _has_display() -> bool:
    """Tell whether a browser would have somewhere to open: on a bare terminal one without a window would be chosen."""
    if sys.platform in ("darwin", "win32"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
