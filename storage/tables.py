"""The tables, and what makes a row of each unique.

Observed: account, stream, address, message, message_party, meeting, meeting_copy, meeting_sighting, rejected.
Derived from those: organisation, contact, meeting_revision, meeting_party, signal, evidence, warmth_change, attention,
standing, feed_entry.
The owner's word: testimony, note, promise, reflection, verdict, logged_touch, ping, label_word, kinship, link,
forgotten.
Housekeeping: setting, outbox, webhook, webhook_line.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from keepwarm.storage.column_types import JsonText, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# BIGINT on PostgreSQL, but INTEGER on SQLite, where only that is an alias of the rowid.
RowId = BigInteger().with_variant(Integer(), "sqlite")

# A text whose order is that of its code points, as in ``prefixes``. SQLite knows no other.
ByCodePoint = Text().with_variant(Text(collation="C"), "postgresql")


def _belongs_to(target: str, *, index: bool = True, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    table = target.split(".", maxsplit=1)[0]
    return Column(
        f"{table}_id",
        RowId,
        ForeignKey(target, ondelete="CASCADE"),
        nullable=nullable,
        index=index,
        primary_key=primary_key,
        autoincrement=False,
    )


def _of_contact(*, primary_key: bool = False, nullable: bool = False, index: bool = False) -> Column[str]:
    return Column(
        "contact_id",
        String(40),
        ForeignKey("contact.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=nullable,
        index=index,
    )


setting = Table(
    "setting",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", JsonText, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("problem", Text, nullable=False, default=""),
    Column("what_to_do", Text, nullable=False, default=""),
)

stream = Table(
    "stream",
    metadata,
    Column("id", RowId, primary_key=True),
    _belongs_to("account.id", index=False),
    Column("name", Text, nullable=False),
    Column("holds", String(16), nullable=False),
    Column("cursor", JsonText),
    Column("generation", Integer, nullable=False, default=1),
    Column("pass_number", Integer, nullable=False, default=0),
    Column("lease_epoch", BigInteger, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("retry_at", UtcDateTime),
    Column("last_success", UtcDateTime),
    Column("held", Integer, nullable=False, default=0, server_default="0"),  # meetings that vanished at once
    Column("reread_at", UtcDateTime),  # when it was last decided to read all of it, because of them
    Column("first_complete", UtcDateTime),  # what happened before is history, not news
    Column("listed", Boolean, nullable=False, default=True, server_default=true()),  # the source still has it
    Column("pulling", Boolean, nullable=False, default=False, server_default=false()),  # a pull goes on, or broke off
    Column("renewals", Integer, nullable=False, default=0, server_default="0"),  # how often it was read anew ...
    Column("renewed_since", UtcDateTime),  # ... since then, within a day
    Column("problem", Text, nullable=False, default=""),
    Column("what_to_do", Text, nullable=False, default=""),
    UniqueConstraint("account_id", "name"),
)

rejected = Table(
    "rejected",
    metadata,
    _belongs_to("stream.id", primary_key=True, index=False),
    Column("source_key", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("where", Text, nullable=False, default=""),
    Column("first_seen", UtcDateTime, nullable=False),
)

organisation = Table(
    "organisation",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("dirty", Boolean, nullable=False, default=True, server_default=true()),  # something of its people is new
    Column("evaluated_to", UtcDateTime),
    Column("next_evaluation", UtcDateTime),
)

contact = Table(
    "contact",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("organisation", Text, ForeignKey("organisation.domain"), index=True),
    Column("labels", JsonText, nullable=False, default=list),
    Column("added_at", UtcDateTime, nullable=False),
    Column("ping_interval_days", Integer),  # learnt by the last evaluation
    Column("owner_interval_days", Integer),  # set by the owner: wins
    Column("dirty", Boolean, nullable=False, default=True, index=True),
    Column("evaluated_to", UtcDateTime),
    Column("next_evaluation", UtcDateTime, index=True),
    Column("waiting", JsonText),  # what the rules need to go on by time alone; None: nothing was kept
)

address = Table(
    "address",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("address", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, default=""),
    Column("name_rank", SmallInteger, nullable=False, default=0),  # 2: by themselves, 1: by others
    Column("name_at", UtcDateTime),
    Column("contact_id", String(40), ForeignKey("contact.id", ondelete="SET NULL"), index=True),
    Column("robot", Boolean, nullable=False, default=False),  # a role behind which nobody sits
    Column("dirty", Boolean, nullable=False, default=True, index=True),
)

message = Table(
    "message",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("dedupe_key", String(64), nullable=False, unique=True),
    _belongs_to("stream.id", index=False),  # where it was seen first
    Column("at", UtcDateTime, nullable=False),
    Column("outbound", Boolean, nullable=False),
    Column("to_owner", Boolean, nullable=False),  # the owner is in To
    Column("kind", String(16), nullable=False),
    Column("size", Integer, nullable=False),
    Column("recipients", Integer, nullable=False),
    Column("key_hash", BigInteger, nullable=False, index=True),  # of the Message-ID
    Column("parent_hash", BigInteger, index=True),  # of the Message-ID that it answers
    Column("thread_hash", BigInteger, nullable=False, index=True),  # of the first Message-ID of the thread
    Column("subject", Text),  # None if privacy.subjects = "none"
    Column("subject_hash", BigInteger),  # keyed, of the subject without Re: and Fwd:
    Column("says_reply", Boolean, nullable=False),  # its subject says Re:
    Column("away_until", UtcDateTime),  # of an out-of-office reply: when its author is back, if it says so
    Column("apology", Boolean, nullable=False, default=False, server_default=false()),  # "Sorry I missed our call"
    Column("promised_due", String(10)),  # the owner's own: the day by which its text promises something
    Index("ix_message_outbound_kind_at", "outbound", "kind", "at"),
)

message_party = Table(
    "message_party",
    metadata,
    _belongs_to("message.id", primary_key=True, index=False),
    _belongs_to("address.id", primary_key=True, index=False),
    Column("role", String(8), primary_key=True),  # from, to, cc, bcc
    Index("ix_message_party_address_role", "address_id", "role", "message_id"),
)

meeting = Table(
    "meeting",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ical_uid", Text, nullable=False),
    Column("recurrence_id", String(32), nullable=False, default=""),
    Column("series", Boolean, nullable=False, default=False),  # the entry of a whole series, not a meeting of its own
    Column("summary", Text),
    UniqueConstraint("ical_uid", "recurrence_id"),
)

meeting_copy = Table(
    "meeting_copy",
    metadata,
    _belongs_to("stream.id", primary_key=True, index=False),
    Column("source_key", ByCodePoint, primary_key=True),
    _belongs_to("meeting.id"),
    Column("start", UtcDateTime, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column(
        "shape", String(64), nullable=False, default="", server_default=text("''")
    ),  # of a series' own entry: hash of when it is held; else ""
    Column("shown_since", UtcDateTime),  # None: since before this was noted
    Column("seen_in_pass", Integer, nullable=False),
    Column("changed_in_pass", Integer, nullable=False),  # its shape did
    Column("missing_since", UtcDateTime),
    Column("missing_in_pass", Integer),
    Column("missed_reads", Integer, nullable=False, default=0, server_default="0"),  # that agree on it, an hour apart
    Column("buried", Boolean, nullable=False, default=False, server_default=false()),  # by a tombstone of the source
    Column("held", Boolean, nullable=False, default=False, server_default=false()),  # vanished with too many others
    Column("gone", Boolean, nullable=False, default=False),
    Index(
        "ix_meeting_copy_stream_id_gone_missing_since",
        "stream_id",
        "gone",
        "missing_since",
        sqlite_where=text("missing_since IS NOT NULL"),
        postgresql_where=text("missing_since IS NOT NULL"),
    ),
)

meeting_sighting = Table(
    "meeting_sighting",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ref", String(64), nullable=False, unique=True),
    _belongs_to("meeting.id"),
    _belongs_to("stream.id", index=False),
    Column("source_key", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("message_key", BigInteger, index=True),  # of the mail that brought it: message.key_hash
    Column("body", JsonText, nullable=False),
)

meeting_revision = Table(
    "meeting_revision",
    metadata,
    Column("id", RowId, primary_key=True),
    _belongs_to("meeting.id", index=False),
    Column("seq", Integer, nullable=False),
    Column("ref", String(64), nullable=False, unique=True),
    Column("at", UtcDateTime, nullable=False),
    Column("change", String(16), nullable=False),
    Column("start", UtcDateTime, nullable=False),
    Column("end", UtcDateTime, nullable=False),
    Column("previous_start", UtcDateTime),
    Column("previous_end", UtcDateTime),
    Column("status", String(16), nullable=False),
    Column("actor", Text, nullable=False, default=""),  # an address; "" if unknown
    Column("why", Text, nullable=False),  # how the actor is known
    Column("prompt", String(64), nullable=False, default="", server_default=text("''")),  # ref of what shows the actor
    Column("sighting", String(64), nullable=False),
    Column("all_day", Boolean, nullable=False, default=False, server_default=false()),
    Column("busy", Boolean, nullable=False, default=True, server_default=true()),
    Column("away", Boolean, nullable=False, default=False, server_default=false()),
    UniqueConstraint("meeting_id", "seq"),
    Index("ix_meeting_revision_away_meeting", "away", "meeting_id"),
)

meeting_party = Table(
    "meeting_party",
    metadata,
    Column(
        "revision_id",
        RowId,
        ForeignKey("meeting_revision.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    _belongs_to("address.id", primary_key=True),
    Column("role", String(16), nullable=False),  # organizer, attendee
    Column("answer", String(16), nullable=False),
)

# The owner's word on a meeting: who did not come, or who was behind a change.
testimony = Table(
    "testimony",
    metadata,
    Column("id", RowId, primary_key=True),
    _belongs_to("meeting.id", index=False),
    Column("kind", String(16), nullable=False),  # no_show, attribution
    Column("about", UtcDateTime, nullable=False),  # no_show: its start; attribution: the change
    Column("actor", Text, nullable=False),  # an address
    Column("at", UtcDateTime, nullable=False),  # when the owner said so
    UniqueConstraint("meeting_id", "kind", "about", "actor"),
)

signal = Table(
    "signal",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("rule", String(64), nullable=False),
    _of_contact(index=True),
    Column("finding_key", String(80), nullable=False),
    Column("family", String(16), nullable=False),
    Column("opened", UtcDateTime, nullable=False),
    Column("cleared", UtcDateTime),
    Column("strength", String(8), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("advice", Text, nullable=False),
    Column("facts", JsonText, nullable=False),
    Column("params", JsonText, nullable=False),
    Column("conditions", JsonText, nullable=False),
    Column("rule_version", String(16), nullable=False),
    Column("historical", Boolean, nullable=False),
    Column("scope", String(16), nullable=False, default="contact", server_default=text("'contact'")),  # of the rule
    Column("about", Text, nullable=False, default="", server_default=text("''")),  # scope "organisation": the domain
    UniqueConstraint("rule", "contact_id", "finding_key"),
    Index("ix_signal_scope_about", "scope", "about"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("signal_id", String(40), ForeignKey("signal.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(24), primary_key=True),
    Column("ref", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("what", Text, nullable=False),
)

warmth_change = Table(
    "warmth_change",
    metadata,
    _of_contact(primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("before", Float, nullable=False),
    Column("after", Float, nullable=False),
    Column("band", String(16), nullable=False),
    Column("cause", String(64), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("signal_id", String(40)),
)

# What the owner gave a contact, by month of their calendar: for what is seen only across contacts.
attention = Table(
    "attention",
    metadata,
    _of_contact(primary_key=True),
    Column("month", String(7), primary_key=True),  # "2026-03"
    Column("messages", Integer, nullable=False),
    Column("meeting_hours", Float, nullable=False),
    Column("reply_hours", JsonText, nullable=False),
    Column("slowest", String(80)),  # ref of the reply that took longest
    Column("slowest_at", UtcDateTime),
    Column("heard_first", UtcDateTime),
    Column("heard_last", UtcDateTime),
    Index("ix_attention_month", "month"),
)

# A contact as organisations and the practice have taken it into account; it stays until they have seen that it is gone.
standing = Table(
    "standing",
    metadata,
    Column("contact_id", String(40), primary_key=True),
    Column("organisation", Text),
    Column("digest", BigInteger, nullable=False),  # of what else is read of it: name, labels
    Column("judged_since", UtcDateTime),
)

feed_entry = Table(
    "feed_entry",
    metadata,
    Column("seq", RowId, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("type", String(32), nullable=False),
    Column("time", UtcDateTime, nullable=False),
    Column("contact_id", String(40), nullable=False, index=True),
    Column("contact", JsonText, nullable=False),  # as it was when the line was appended
    Column("data", JsonText, nullable=False),
    Column("scope", String(16), nullable=False, default="contact", server_default=text("'contact'")),  # who tells it
    Index(
        "ix_feed_entry_merged",
        "seq",
        sqlite_where=text("type = 'contact.merged'"),
        postgresql_where=text("type = 'contact.merged'"),
    ),
)

# What evaluation has found and not yet appended to the feed: appended in the order of time once a pass is complete.
feed_pending = Table(
    "feed_pending",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("type", String(32), nullable=False),
    Column("time", UtcDateTime, nullable=False),
    Column("contact_id", String(40), nullable=False, index=True),
    Column("data", JsonText, nullable=False),
    Column("scope", String(16), nullable=False, default="contact", server_default=text("'contact'")),
    Index("ix_feed_pending_time_id", "time", "id"),
)

verdict = Table(
    "verdict",
    metadata,
    Column("signal_id", String(40), primary_key=True),
    Column("verdict", String(16), nullable=False),  # dismissed, snoozed, confirmed
    Column("at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("reason", Text, nullable=False, default=""),
)

# The owner's word on people belongs to an address, not to a contact: who is one is derived, and may be derived anew.
note = Table(
    "note",
    metadata,
    Column("id", RowId, primary_key=True),
    _belongs_to("address.id"),
    Column("at", UtcDateTime, nullable=False),
    Column("on_date", String(10)),
    Column("text", Text, nullable=False),
)

promise = Table(
    "promise",
    metadata,
    Column("id", RowId, primary_key=True),
    _belongs_to("address.id"),
    Column("at", UtcDateTime, nullable=False),
    Column("by_owner", Boolean, nullable=False, default=True),
    Column("due", String(10), nullable=False),
    Column("text", Text, nullable=False),
    Column("kept_at", UtcDateTime),
)

reflection = Table(
    "reflection",
    metadata,
    Column("id", RowId, primary_key=True),
    _belongs_to("meeting.id"),
    _belongs_to("address.id"),
    Column("at", UtcDateTime, nullable=False),
    Column("needs_answered", Boolean),
    Column("help_answered", Boolean),
    Column("mood", SmallInteger),
    Column("text", Text, nullable=False, default=""),
    UniqueConstraint("meeting_id", "address_id"),
)

logged_touch = Table(
    "logged_touch",
    metadata,
    Column("id", RowId, primary_key=True),
    _belongs_to("address.id"),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False, default=""),
)

# How long the two may be silent, and what they are called besides the settings' labels.
ping = Table(
    "ping",
    metadata,
    Column("id", RowId, primary_key=True),
    _belongs_to("address.id"),
    Column("at", UtcDateTime, nullable=False),
    Column("days", Integer, nullable=False),
    UniqueConstraint("address_id"),
)

label_word = Table(
    "label_word",
    metadata,
    Column("id", RowId, primary_key=True),
    _belongs_to("address.id"),
    Column("label", String(64), nullable=False),
    Column("given", Boolean, nullable=False),  # false: taken away, although the settings give it
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("address_id", "label"),
)

# Whether two addresses are one person, ``one`` being the first of the two in the order of texts.
kinship = Table(
    "kinship",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("one", Text, nullable=False),
    Column("other", Text, nullable=False),
    Column("kept", Text, nullable=False),  # the one of the two that the owner named first: its contact stays
    Column("same", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("one", "other"),
)

link = Table(
    "link",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("organisation", Text, nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False, default=""),
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("keyed_hash", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("key", String(80), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("retry_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("problem", Text, nullable=False, default=""),
    Column("body", JsonText, nullable=False),
)

# How far the feed was posted. There is one row, or none.
webhook = Table(
    "webhook",
    metadata,
    Column("endpoint", String(64), primary_key=True),  # a keyed hash of its address, which holds a secret
    Column("began", UtcDateTime, nullable=False),
    Column("taken_to", RowId, nullable=False),  # seq: all lines up to it were looked at
    Column("holder", String(32), nullable=False),  # the process that posts; nobody else does before ...
    Column("held_until", UtcDateTime),
    Column("rests_until", UtcDateTime),  # nothing is posted before
    Column("failures", Integer, nullable=False),  # of the endpoint itself, one after the other
    Column("gone_at", UtcDateTime),  # when it said that it wants nothing any more
    Column("sent", Integer, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("problem", Text, nullable=False),  # of the endpoint itself
    Column("what_to_do", Text, nullable=False),
)

# A line that is still to be posted, or was given up.
webhook_line = Table(
    "webhook_line",
    metadata,
    Column("seq", RowId, ForeignKey("feed_entry.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", UtcDateTime),
    Column("dead_at", UtcDateTime),
    Column("problem", Text, nullable=False),
)
