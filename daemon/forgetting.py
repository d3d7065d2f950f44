"""Forgetting as a command needs it: whom is meant, what goes, and what is out of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon import export_folder
from keepwarm.daemon.evaluation import evaluate
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.people import the_one
from keepwarm.storage import forgetting, privacy, settings
from keepwarm.storage.kept_out import kept_out
from keepwarm.storage.proposals import mailbox_of, proposals

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.forgetting import Forgotten, Person

OUT_OF_REACH = (
    "Backups, exports elsewhere than in the folder of [export], reports, letters and logs are yours to delete.",
    "Nothing is deleted in your mailboxes and calendars.",
    "A subject or title that names them in what others send later cannot be told from any other.",
)
"""What forgetting cannot do, in plain sentences."""

_FIELDS = {
    "messages": ("message", "messages"),
    "shared_messages": (
        "message with other people, which loses them and its subject",
        "messages with other people, which lose them and their subjects",
    ),
    "meetings": ("meeting", "meetings"),
    "shared_meetings": (
        "meeting with other people, where somebody stands in their place",
        "meetings with other people, where somebody stands in their place",
    ),
    "signals": ("signal", "signals"),
    "warmth_changes": ("line of their warmth", "lines of their warmth"),
    "feed_lines": ("line of the feed, of which its number stays", "lines of the feed, of which their numbers stay"),
    "notes": ("note", "notes"),
    "promises": ("promise", "promises"),
    "reflections": ("reflection", "reflections"),
    "touches": ("logged touch", "logged touches"),
    "pings": ("ping interval", "ping intervals"),
    "labels": ("word on a label", "words on labels"),
}


def the_person(workshop: Workshop, connection: Connection, who: str) -> Person:
    """Give whom ``who`` means: an address that was ever seen, an id, or a name.

    Raises BadUsage if it is nobody, several, the owner, or somebody who is forgotten already.
    """
    text = who.strip().lower()
    if text in workshop.owner:
        raise BadUsage(f"{text!r} is your own address.", "Your own are those of [owner] addresses and of the accounts.")
    found = forgetting.person(connection, text, workshop.owner) if "@" in text else None
    key = settings.get(connection, "hash_key")
    if found is None and key is not None and text in kept_out(connection, bytes.fromhex(key)):
        raise BadUsage(f"{text!r} is forgotten already, and kept out.", "`keepwarm forget --allow` lets them back.")
    found = found or forgetting.person(connection, the_one(connection, who), workshop.owner)
    if found is None:
        raise BadUsage(f"Nobody is known as {who!r}.", "`keepwarm contacts` lists everybody.")
    return found


def perhaps_the_same(connection: Connection, who: Person) -> list[str]:
    """Name other contacts that are likely the same person, and would stay."""
    found = []
    for one in proposals(connection):
        sides = (one.first, one.second)
        if {side.id for side in sides} & {*who.contacts}:
            found += [f"{ref.name} ({', '.join(ref.addresses)})" for ref in sides if ref.id not in who.contacts]
    return found


def forget(workshop: Workshop, who: Person, now: datetime) -> tuple[Forgotten, bool]:
    """Forget somebody, and judge anew what is left; False, too, if the file could not be written anew yet.

    Raises BadUsage, before anything is done, and DatabaseError.
    """
    _ = workshop.engine
    key = workshop.keeping.key
    with workshop.database.writing() as connection:
        gone = forgetting.forget(connection, who, workshop.owner, key, now)
    compacted = privacy.compact(workshop.database)
    evaluate(workshop, now)
    export_folder.refresh(workshop, now)
    return gone, compacted


def allow(workshop: Workshop, text: str) -> None:
    """Let an address back. Raises BadUsage if it is not kept out."""
    with workshop.database.writing() as connection:
        if not forgetting.allow(connection, text.strip().lower(), settings.hash_key(connection)):
            raise BadUsage(f"{text!r} is not kept out.", "Only hashes are kept, so give one of their addresses.")


def still_named(workshop: Workshop, who: Person) -> list[str]:
    """Name what in the configuration names them; it is the owner's to change."""
    mailboxes = {mailbox_of(text) for text in who.addresses}
    return [
        f'[[label]] "{label.label}", match = "{pattern}"'
        for label in workshop.configuration.labels
        for pattern in label.match
        if "*" not in pattern and mailbox_of(pattern.lower()) in mailboxes
    ]


def told(counts: Mapping[str, int]) -> list[str]:
    """Tell the counts in words, without those of nothing."""
    return [f"{counts[name]:,} {words[counts[name] != 1]}" for name, words in _FIELDS.items() if counts[name]]
