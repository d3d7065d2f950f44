"""The schema: what the migrations make is what the code expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

from keepwarm.storage import schema
from keepwarm.storage.database import Database, DatabaseError
from keepwarm.storage.tables import metadata, setting

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("make", [schema.create, schema.run_migrations], ids=["at once", "by all migrations"])
def test_an_empty_database_gets_the_tables_that_the_code_expects(
    database_url: str, make: Callable[[Connection], None]
) -> None:
    database = Database(database_url)
    with database.writing() as connection:
        make(connection)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        assert schema.version(connection) == schema.HEAD
    database.close()


def test_the_head_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(schema.alembic_config()).get_heads() == [schema.HEAD]


def test_a_second_upgrade_does_nothing(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(setting.insert().values(key="kept", value=1))
    assert schema.upgrade(database) is False
    with database.reading() as connection:
        assert connection.execute(select(setting.c.value)).scalars().all() == [1]


def test_a_database_of_a_newer_keepwarm_is_refused_and_left_alone(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match=r"schema that this Keepwarm does not know \(9999\)") as refused:
        schema.upgrade(database)
    assert "newer Keepwarm" in refused.value.what_to_do
    with database.reading() as connection:
        assert schema.version(connection) == "9999"


def _at_0003(database: Database) -> None:
    """Make a database as schema 0003 had it, in which the migration to 0004 fails half-way."""
    with database.writing() as connection:
        command.upgrade(schema.alembic_config(connection), "0003")
        connection.execute(setting.insert().values(key="kept", value=1))
        connection.execute(text("ALTER TABLE stream ADD COLUMN renewals INTEGER"))  # the third that it adds


def _columns(database: Database) -> dict[str, list[str]]:
    with database.reading() as connection:
        looking = inspect(connection)
        return {name: [one["name"] for one in looking.get_columns(name)] for name in looking.get_table_names()}


def test_a_migration_that_fails_half_way_leaves_the_database_as_it_was(database_url: str) -> None:
    database = Database(database_url)
    _at_0003(database)
    before = _columns(database)
    with pytest.raises(DatabaseError, match=r"could not be brought from schema 0003 .* it is as it was") as failed:
        schema.upgrade(database)
    assert "Go on with the Keepwarm that you had" in failed.value.what_to_do
    assert _columns(database) == before
    assert "listed" not in before["stream"]
    with database.writing() as connection:
        assert schema.version(connection) == "0003"
        assert connection.execute(select(setting.c.value).where(setting.c.key == "kept")).scalar() == 1
        connection.execute(text("ALTER TABLE stream DROP COLUMN renewals"))
    assert schema.upgrade(database)
    database.close()
