"""Alembic's entry point: runs the migrations on the connection that ``schema.upgrade`` hands over."""

from __future__ import annotations

from alembic import context

from keepwarm.storage.tables import metadata


def run() -> None:
    """Run the migrations inside the caller's transaction, so that a failed one leaves the database as it was."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    context.run_migrations()


run()
