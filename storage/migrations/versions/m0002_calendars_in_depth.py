"""Calendars in depth: absences, apologies, the owner's word on meetings, and what vanished at once."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from keepwarm.storage.column_types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns and the table of testimonies; what was stored before keeps its meaning."""
    _add("message", sa.Column("away_until", UtcDateTime()), _flag("apology", sa.false()))
    _add(
        "meeting_copy",
        sa.Column("missed_reads", sa.Integer(), nullable=False, server_default="0"),
        _flag("buried", sa.false()),
        _flag("held", sa.false()),
        sa.Column("shown_since", UtcDateTime()),
        sa.Column("shape", sa.String(length=64), nullable=False, server_default=sa.text("''")),
    )
    _add(
        "meeting_revision",
        sa.Column("prompt", sa.String(length=64), nullable=False, server_default=sa.text("''")),
        _flag("all_day", sa.false()),
        _flag("busy", sa.true()),
        _flag("away", sa.false()),
    )
    op.create_index("ix_message_outbound_kind_at", "message", ["outbound", "kind", "at"])
    op.create_index("ix_meeting_revision_away_meeting", "meeting_revision", ["away", "meeting_id"])
    _find_copies_faster()
    _add(
        "stream",
        sa.Column("held", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reread_at", UtcDateTime()),
    )
    op.create_table(
        "testimony",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("about", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_testimony_meeting_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_testimony")),
        sa.UniqueConstraint(
            "meeting_id", "kind", "about", "actor", name=op.f("uq_testimony_meeting_id_kind_about_actor")
        ),
    )


def _find_copies_faster() -> None:
    """Find what is missing without going through all copies, and what begins with a key by the order of the keys."""
    op.create_index(
        op.f("ix_meeting_copy_stream_id_gone_missing_since"),
        "meeting_copy",
        ["stream_id", "gone", "missing_since"],
        sqlite_where=sa.text("missing_since IS NOT NULL"),
        postgresql_where=sa.text("missing_since IS NOT NULL"),
    )
    if op.get_bind().dialect.name == "postgresql":  # SQLite orders by code points anyway
        op.alter_column("meeting_copy", "source_key", type_=sa.Text(collation="C"))


def _flag(name: str, default: sa.False_ | sa.True_) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=default)


def _add(table: str, *columns: sa.Column[Any]) -> None:
    for column in columns:
        op.add_column(table, column)
