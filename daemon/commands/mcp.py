"""``keepwarm mcp``: what is known, for an assistant on the same machine, read-only, on stdin and stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from keepwarm.daemon.failure import Failure
from keepwarm.daemon.opening import opened

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session


@click.command("mcp")
@click.pass_obj
def command(session: Session, /) -> None:
    """Serve the Model Context Protocol on stdin and stdout: tools that read, and change nothing.

    An assistant starts this command itself. The texts of messages are not there.
    """
    try:
        from keepwarm.daemon.mcp_server import serve  # noqa: PLC0415 - an extra, and heavy
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        cure = "Install it: pip install 'keepwarm[mcp]'"
        raise Failure("The MCP server is an extra that is not installed.", cure) from missing
    with opened(session, read_only=True) as workshop:
        serve(session, workshop)
