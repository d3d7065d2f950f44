"""The schema's version: migrations are shipped in the package and applied at start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from keepwarm.storage.database import DatabaseError
from keepwarm.storage.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

    from keepwarm.storage.database import Database

HEAD = "0005"
"""The newest migration: known here so that a start with a current database need not import Alembic (0.8 s)."""


def version(connection: Connection) -> str | None:
    """Give the schema version of a database; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def upgrade(database: Database) -> bool:
    """Bring the schema to HEAD in one transaction; True if there was something to do.

    Raises DatabaseError if the database was written by a newer Keepwarm.
    """
    with database.reading() as connection:
        if version(connection) == HEAD:
            return False
    with database.writing() as connection:
        found = version(connection)
        if found == HEAD:  # another process was faster
            return False
        if found is None:
            create(connection)
        else:
            _migrate(database, connection, found)
    return True


def _migrate(database: Database, connection: Connection, found: str) -> None:
    """Run the migrations; one that fails takes all of them back, on both databases, with the transaction."""
    try:
        run_migrations(connection)
    except DatabaseError:
        raise
    except Exception as error:
        if isinstance(error, DBAPIError) and (told := database.told_plainly(error)) is not None:
            raise told from error
        raise DatabaseError(
            f"The database could not be brought from schema {found} to {HEAD}; it is as it was. ({error})",
            "Go on with the Keepwarm that you had, and please report this.",
        ) from error


def check(database: Database) -> None:
    """See that a database which is only read has the schema that the code expects.

    Raises DatabaseError.
    """
    with database.reading() as connection:
        found = version(connection)
    if found is None:
        raise DatabaseError("The database is empty.", "Next: keepwarm sync")
    if found != HEAD:
        raise DatabaseError(
            f"The database has another schema ({found}) than this Keepwarm reads ({HEAD}).", "Run: keepwarm db upgrade"
        )


def create(connection: Connection) -> None:
    """Make all tables of an empty database at once.

    A test holds the outcome against that of all migrations; this way a first start need not import Alembic (0.8 s and
    10 MB).
    """
    metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def alembic_config(connection: Connection | None = None) -> Config:
    """Give Alembic's configuration for our migrations, on ``connection`` if there is one."""
    from alembic.config import Config  # noqa: PLC0415 - 0.8 s, and only where there is something to migrate

    config = Config()
    config.set_main_option("script_location", "keepwarm.storage:migrations")
    config.attributes["connection"] = connection
    return config


def run_migrations(connection: Connection) -> None:
    """Run the migrations that a database lacks, from whatever version it has.

    Raises DatabaseError for a version that is not known.
    """
    from alembic import command  # noqa: PLC0415 - as above
    from alembic.util import CommandError  # noqa: PLC0415

    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as error:
        raise DatabaseError(
            f"The database has a schema that this Keepwarm does not know ({version(connection)}).",
            "Install the newer Keepwarm that wrote it, or restore a backup.",
        ) from error
