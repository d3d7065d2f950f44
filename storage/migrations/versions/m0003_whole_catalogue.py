"""The whole catalogue of signals: the owner's word on people, by address, and promises found in their own mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from keepwarm.storage.column_types import JsonText, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room; the tables that are made anew were never written to."""
    op.add_column("message", sa.Column("promised_due", sa.String(length=10)))
    op.create_index(op.f("ix_message_key_hash"), "message", ["key_hash"])
    _words_on_people()
    _who_is_who()
    _mergings_in_the_feed()
    _across_contacts()
    _waiting()


def _waiting() -> None:
    op.add_column("contact", sa.Column("waiting", JsonText()))


def _words_on_people() -> None:
    for table in ("note", "promise", "reflection", "logged_touch"):
        op.drop_table(table)
    _of_address("note", _at(), sa.Column("on_date", sa.String(length=10)), _text("text"))
    _of_address(
        "promise",
        _at(),
        sa.Column("by_owner", sa.Boolean(), nullable=False),
        sa.Column("due", sa.String(length=10), nullable=False),
        _text("text"),
        sa.Column("kept_at", UtcDateTime()),
    )
    _of_address(
        "reflection",
        sa.Column("meeting_id", _row_id(), nullable=False),
        _at(),
        sa.Column("needs_answered", sa.Boolean()),
        sa.Column("help_answered", sa.Boolean()),
        sa.Column("mood", sa.SmallInteger()),
        _text("text"),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_reflection_meeting_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("meeting_id", "address_id", name=op.f("uq_reflection_meeting_id_address_id")),
    )
    op.create_index(op.f("ix_reflection_meeting_id"), "reflection", ["meeting_id"])
    _of_address("logged_touch", _at(), sa.Column("kind", sa.String(length=16), nullable=False), _text("text"))
    _of_address(
        "ping",
        _at(),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.UniqueConstraint("address_id", name=op.f("uq_ping_address_id")),
    )


def _who_is_who() -> None:
    _of_address(
        "label_word",
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        _at(),
        sa.UniqueConstraint("address_id", "label", name=op.f("uq_label_word_address_id_label")),
    )
    op.create_table(
        "kinship",
        sa.Column("id", _row_id(), nullable=False),
        _text("one"),
        _text("other"),
        _text("kept"),
        sa.Column("same", sa.Boolean(), nullable=False),
        _at(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kinship")),
        sa.UniqueConstraint("one", "other", name=op.f("uq_kinship_one_other")),
    )


def _mergings_in_the_feed() -> None:
    mergings = sa.text("type = 'contact.merged'")
    op.create_index("ix_feed_entry_merged", "feed_entry", ["seq"], sqlite_where=mergings, postgresql_where=mergings)


def _across_contacts() -> None:
    op.create_table(
        "attention",
        sa.Column("contact_id", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("meeting_hours", sa.Float(), nullable=False),
        sa.Column("reply_hours", JsonText(), nullable=False),
        sa.Column("slowest", sa.String(length=80)),
        sa.Column("slowest_at", UtcDateTime()),
        sa.Column("heard_first", UtcDateTime()),
        sa.Column("heard_last", UtcDateTime()),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_attention_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", "month", name=op.f("pk_attention")),
    )
    op.create_index(op.f("ix_attention_month"), "attention", ["month"])
    op.create_table(
        "standing",
        sa.Column("contact_id", sa.String(length=40), nullable=False),
        sa.Column("organisation", sa.Text()),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("judged_since", UtcDateTime()),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_standing")),
    )
    op.add_column("organisation", sa.Column("dirty", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("organisation", sa.Column("evaluated_to", UtcDateTime()))
    op.add_column("organisation", sa.Column("next_evaluation", UtcDateTime()))
    op.create_index(op.f("ix_contact_organisation"), "contact", ["organisation"])
    for table in ("signal", "feed_entry", "feed_pending"):
        scope = sa.Column("scope", sa.String(length=16), nullable=False, server_default=sa.text("'contact'"))
        op.add_column(table, scope)
    op.add_column("signal", sa.Column("about", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_signal_scope_about", "signal", ["scope", "about"])


def _of_address(table: str, *items: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("id", _row_id(), nullable=False),
        sa.Column("address_id", _row_id(), nullable=False),
        *items,
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.id"], name=op.f(f"fk_{table}_address_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_address_id"), table, ["address_id"])


def _row_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _at() -> sa.Column[object]:
    return sa.Column("at", UtcDateTime(), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
