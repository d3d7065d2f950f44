"""``keepwarm db``: the database itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from keepwarm.daemon.failure import Failure
from keepwarm.daemon.opening import opened

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session


@click.group("db")
def command() -> None:
    """Upgrade, back up or check the database."""


@command.command("upgrade")
@click.pass_obj
def upgrade(session: Session, /) -> None:
    """Bring the schema up to date; every other command does so too, when it starts."""
    from keepwarm.storage import schema  # noqa: PLC0415 - SQLAlchemy: not for --help to load
    from keepwarm.storage.database import Database  # noqa: PLC0415

    database = Database(session.configuration.database.url)
    try:
        changed = schema.upgrade(database)
    finally:
        database.close()
    click.echo(f"{'Upgraded to' if changed else 'Already at'} schema {schema.HEAD}.")


@command.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup(session: Session, /, file: Path) -> None:
    """Copy the database into FILE while it is in use."""
    from keepwarm.storage.backup import backup as copy  # noqa: PLC0415

    with opened(session) as workshop:
        copy(workshop.database, file)
    click.echo(f"{file}: {file.stat().st_size:,} bytes.")


@command.command("check")
@click.pass_obj
def check(session: Session, /) -> None:
    """Look for damage."""
    from keepwarm.storage.backup import damage  # noqa: PLC0415

    with opened(session) as workshop:
        found = damage(workshop.database)
    if found:
        raise Failure("the database is damaged:\n  " + "\n  ".join(found[:10]), "Restore a backup.")
    click.echo("The database is sound.")
