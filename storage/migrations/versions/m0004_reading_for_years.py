"""Reading for years: folders that are gone, pulls that broke off, and sources that number their items anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from keepwarm.storage.column_types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room."""
    op.add_column("stream", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("stream", sa.Column("pulling", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("stream", sa.Column("renewals", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("stream", sa.Column("renewed_since", UtcDateTime()))
    # What was kept to go on from rests on how the rules were read before.
    contact = sa.table("contact", sa.column("waiting", sa.Text), sa.column("dirty", sa.Boolean))
    op.execute(contact.update().values(waiting=None, dirty=True))
