"""LIST (RFC 3501): all folders, with their special uses (RFC 6154), and in the same answer their states (RFC 5819)."""

from __future__ import annotations

import imaplib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.imap_fetch import responses
from keepwarm.connectors.imap_folders import Folder, decoded
from keepwarm.connectors.imap_sign_in import told
from keepwarm.connectors.imap_values import BrokenAnswerError, number, pairs, values
from keepwarm.storage.observations import Batch, Rejected, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from keepwarm.connectors.imap_values import Piece, Value

STATES = "(UIDNEXT UIDVALIDITY)"
FOLDER_LIST = "(list of folders)"
"""The stream that stands for the list itself, where something in it cannot be read."""

_MOST_UNREADABLE = 100


@dataclass(frozen=True, slots=True)
class FolderState:
    """What STATUS or EXAMINE say of a folder; None for what they do not say."""

    uidvalidity: int | None
    uidnext: int | None
    exists: int = 0

    @classmethod
    def of(cls, items: Value) -> FolderState:
        """Read the items of a STATUS response (RFC 3501, 7.2.4). Raises BrokenAnswerError."""
        said = pairs(items)
        return cls(number(said.get(b"UIDVALIDITY")), number(said.get(b"UIDNEXT")))


@dataclass(frozen=True, slots=True)
class Listing:
    """All folders, and the states of those of which the server told it at once, by name."""

    folders: list[Folder]
    states: dict[str, FolderState]
    unreadable: tuple[str, ...] = ()  # the beginnings of what should be a folder, and is none


def unreadable_folders(listing: Listing) -> Batch:
    """Give what is recorded, under the stream ``FOLDER_LIST``, of the folders that cannot be read."""
    why = "The server lists a folder in a way that cannot be read; its mail is missing."
    items = tuple(Rejected(source_key=one, reason=why, where=f"LIST {one}") for one in listing.unreadable)
    return Batch(rejected=items, complete=(Scope(),), cursor={"v": 1})


class NotListedError(Exception):
    """The server refused to list its folders; ``data`` is what it said."""

    def __init__(self, data: list[Piece | None]) -> None:
        super().__init__("LIST was refused")
        self.data = data


def list_folders(imap: Any, can: Callable[[str], bool], *, utf8: bool) -> Listing:
    """Ask for all folders in one command.

    A server that knows how to tell more than their names, and does not when it is asked, is asked for the names.

    Raises NotListedError, and what breaks the connection.
    """
    options = _options(can)
    typ, data = "NO", []
    if options:
        with suppress_refusal():
            typ, data = imap._simple_command("LIST", '""', '"*"', *options)
    if typ != "OK":
        typ, data = imap._simple_command("LIST", '""', '"*"')
    if typ != "OK":
        raise NotListedError(data)
    folders, unreadable = _folders(imap.untagged_responses.pop("LIST", ()), utf8=utf8)
    return Listing(folders, dict(_states(imap.untagged_responses.pop("STATUS", ()), utf8=utf8)), unreadable)


@contextmanager
def suppress_refusal() -> Iterator[None]:
    """Ask for what not every server can: one that does not understand it (BAD) is no broken connection."""
    try:
        yield
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        return


def wire_names(folders: Iterable[Folder]) -> dict[str, bytes]:
    """Give the names of the folders as the server spells them, as far as a command can repeat that."""
    return {folder.name: folder.wire for folder in folders if not set(folder.wire) & set(b"\r\n\0")}


def _options(can: Callable[[str], bool]) -> list[str]:
    wanted = ["SPECIAL-USE"] if can("SPECIAL-USE") and can("LIST-EXTENDED") else []
    wanted += [f"STATUS {STATES}"] if can("LIST-STATUS") else []
    return [f"RETURN ({' '.join(wanted)})"] if wanted else []


def _folders(listed: Iterable[Piece], *, utf8: bool) -> tuple[list[Folder], tuple[str, ...]]:
    """Read the folders; one that cannot be read must not hide the others."""
    folders, unreadable = [], []
    for response in responses(listed):
        try:
            folders.append(Folder.of(values(response), utf8=utf8))
        except BrokenAnswerError:
            unreadable.append(_shown(response))
    return folders, tuple(dict.fromkeys(unreadable[:_MOST_UNREADABLE]))


def _shown(response: Iterable[Piece]) -> str:
    said = b" ".join(piece if isinstance(piece, bytes) else b" ".join(piece) for piece in response)
    return told(said.decode("utf-8", "replace"))


def _states(told: Iterable[Piece], *, utf8: bool) -> Iterator[tuple[str, FolderState]]:
    for response in responses(told):
        try:
            match values(response):
                case [bytes() as name, items]:
                    yield decoded(name, utf8=utf8), FolderState.of(items)
        except BrokenAnswerError:
            continue  # it is asked for again, alone
