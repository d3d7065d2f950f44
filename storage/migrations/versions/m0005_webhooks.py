"""Webhooks: how far the feed was posted, and the lines that wait for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from keepwarm.storage.column_types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room."""
    op.create_table(
        "webhook",
        sa.Column("endpoint", sa.String(length=64), nullable=False),
        sa.Column("began", UtcDateTime(), nullable=False),
        sa.Column("taken_to", _row_id(), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("held_until", UtcDateTime()),
        sa.Column("rests_until", UtcDateTime()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("gone_at", UtcDateTime()),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcDateTime()),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("what_to_do", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("endpoint", name=op.f("pk_webhook")),
    )
    op.create_table(
        "webhook_line",
        sa.Column("seq", _row_id(), autoincrement=False, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", UtcDateTime()),
        sa.Column("dead_at", UtcDateTime()),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["feed_entry.seq"], name=op.f("fk_webhook_line_seq"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_webhook_line")),
    )


def _row_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
