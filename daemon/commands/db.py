"""``keepwarm db``: the database itself."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from keepwarm.daemon.failure import Failure
from keepwarm.daemon.tables import show_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.daemon.session import Session
    from keepwarm.storage.database import Database


@click.group("db")
def command() -> None:
    """Upgrade, back up or check the database."""


@command.command("upgrade")
@click.pass_obj
def upgrade(session: Session, /) -> None:
    """Bring the schema up to date; every other command does so too, when it starts.

    An upgrade that fails leaves the database as it was.
    """
    from keepwarm.storage import schema  # noqa: PLC0415 - SQLAlchemy: not for --help to load

    with _as_it_is(session, must_exist=False) as database:
        changed = schema.upgrade(database)
    click.echo(f"{'Upgraded to' if changed else 'Already at'} schema {schema.HEAD}.")


@command.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Write over FILE, if it exists.")
@click.pass_obj
def backup(session: Session, /, file: Path, force: bool) -> None:
    """Copy the database into FILE while it is in use.

    The copy is of one moment, is checked, and only you can read it. To restore it, stop the daemon and put it in the
    place of the database; what is called as the old one is, with -wal or -shm at its end, must go.
    """
    from keepwarm.storage.backup import backup as copy  # noqa: PLC0415 - as above

    with _as_it_is(session) as database:
        copy(database, file, overwrite=force)
    click.echo(f"{file}: {file.stat().st_size:,} bytes.")


@command.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def check(session: Session, /, as_json: bool) -> None:
    """Look for damage, and for what cannot be: lines that are missing, a ledger that does not add up."""
    from keepwarm.storage.soundness import flaws  # noqa: PLC0415 - as above

    with _as_it_is(session) as database:
        found = flaws(database)
    if as_json:
        show_json({"sound": not found, "flaws": [asdict(one) for one in found]})
    elif not found:
        click.echo("The database is sound.")
    if found:
        cures = dict.fromkeys(one.what_to_do for one in found)
        raise Failure("the database is not sound:\n  " + "\n  ".join(one.what for one in found), "\n".join(cures))


@contextmanager
def _as_it_is(session: Session, *, must_exist: bool = True) -> Iterator[Database]:
    """Open the database without bringing its schema up to date.

    Raises Failure if there is none, ConfigurationError and DatabaseError.
    """
    url = session.configuration.database.url
    from keepwarm.storage.database import Database, sqlite_file  # noqa: PLC0415 - as above

    path = sqlite_file(url)
    if must_exist and path is not None and not path.exists():
        raise Failure(f"There is no database at {path} yet.", "`keepwarm sync` makes it.")
    database = Database(url)
    try:
        yield database
    finally:
        database.close()
