"""What the owner has said of a contact, as their dossier shows it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from keepwarm.daemon.days import today_of
from keepwarm.outputs.safe_text import one_line
from keepwarm.rules.touches import told
from keepwarm.storage.histories import By
from keepwarm.storage.logged_touches import LOGGED_TOUCHES
from keepwarm.storage.notes import NOTES
from keepwarm.storage.promises import PROMISES
from keepwarm.storage.reflections import REFLECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from sqlalchemy import Connection

    from keepwarm.storage.shelf import Shelf

_SHELVES: dict[str, Shelf[Any]] = {
    "notes": NOTES,
    "promises": PROMISES,
    "reflections": REFLECTIONS,
    "touches": LOGGED_TOUCHES,
}
_LINES_SHOWN = 12
_LONGEST_TEXT = 160


def of(connection: Connection, contact_id: str, as_of: datetime) -> dict[str, list[dict[str, Any]]]:
    """Give the owner's notes, promises, reflections and logged touches as of a moment, the newest first."""
    return {
        name: [_as_of(asdict(one), as_of) for one in shelf.listed(connection, [contact_id]) if one.at <= as_of]
        for name, shelf in _SHELVES.items()
    }


def _as_of(row: dict[str, Any], as_of: datetime) -> dict[str, Any]:
    kept_at = row.get("kept_at")
    return {**row, "kept_at": None} if kept_at is not None and kept_at > as_of else row


def lines(found: Mapping[str, Any], zone: tzinfo) -> dict[str, list[str]]:
    """Give the same as lines for a terminal, by title."""
    makers = {
        "Notes": ("notes", _note),
        "Promises": ("promises", _promise),
        "Reflections": ("reflections", _reflection),
        "Logged by you": ("touches", _touch),
    }
    return {
        title: [f"{today_of(row['at'], zone)}  {make(row)}  [{row['id']}]" for row in found.get(key, [])[:_LINES_SHOWN]]
        for title, (key, make) in makers.items()
    }


def _text(row: Mapping[str, Any]) -> str:
    return one_line(row["text"], _LONGEST_TEXT)


def _note(row: Mapping[str, Any]) -> str:
    return f"for {row['on']}: {_text(row)}" if row["on"] else _text(row)


def _promise(row: Mapping[str, Any]) -> str:
    who = "you" if row["by"] == By.OWNER else "they"
    state = "kept" if row["kept_at"] else "open"
    return f"{who} promised by {row['due']}, {state}: {_text(row)}"


def _reflection(row: Mapping[str, Any]) -> str:
    words = {None: "", True: "yes", False: "no"}
    said = {
        "needs": words[row["needs_answered"]],
        "help": words[row["help_answered"]],
        "mood": str(row["mood"] or ""),
        "": _text(row),
    }
    thoughts = "; ".join(f"{name} {value}".strip() for name, value in said.items() if value)
    return f"{one_line(row['title'] or row['meeting'], 60)}: {thoughts}"


def _touch(row: Mapping[str, Any]) -> str:
    said = f"you {told(row['kind'])}"
    return f"{said}: {_text(row)}" if row["text"] else said
