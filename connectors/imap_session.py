"""The IMAP commands that reading needs (RFC 3501), each with what its failure means. None of them writes.

EXAMINE and BODY.PEEK keep even the \\Seen and \\Recent flags as they are. Responses are read through imaplib,
because imapclient's own parser of them costs more than all the rest of reading a mailbox.
"""

from __future__ import annotations

import imaplib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from imapclient import imap_utf7

from keepwarm.connectors.contract import Later
from keepwarm.connectors.imap_connection import connect, explained, refusal, shut
from keepwarm.connectors.imap_fetch import MONTHS, answer_of, responses, uid_set
from keepwarm.connectors.imap_folders import Folder
from keepwarm.connectors.imap_values import BrokenAnswerError, number, pairs, values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from imapclient import IMAPClient

    from keepwarm.connectors.contract import ConnectorError
    from keepwarm.connectors.imap_connection import ImapSettings
    from keepwarm.connectors.imap_fetch import Answer
    from keepwarm.connectors.imap_values import Piece

Result = TypeVar("Result")

SEARCH_WINDOW = 20_000
"""Messages a SEARCH looks at: its answer is one line, and imaplib takes no line over a million bytes."""


class FetchRefusedError(Exception):
    """The server did not hand over all that was asked for; perhaps one message of them is at fault."""


@dataclass(frozen=True, slots=True)
class FolderState:
    """What STATUS or EXAMINE say of a folder; None for what they do not say."""

    uidvalidity: int | None
    uidnext: int | None
    exists: int = 0


class ImapSession:
    """One connection, made when it is needed, and again when it was lost."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._client: IMAPClient | None = None
        self._examined = ""

    def close(self) -> None:
        """Say goodbye, and let go of the connection."""
        if self._client is not None:
            with suppress(OSError, imaplib.IMAP4.error):  # it may be lost already
                self._client.logout()
            self._drop()

    def folders(self) -> list[Folder]:
        """List all folders, with their special uses (RFC 6154). Raises Later, SignInNeeded or Refused."""
        return self._once_more(self._list)

    def status(self, folder: str) -> FolderState:
        """Look at a folder from outside. Raises Later, SignInNeeded or Refused."""
        return self._once_more(lambda: self._status(folder))

    def examine(self, folder: str) -> FolderState:
        """Open a folder for reading only. Raises Later, SignInNeeded or Refused."""
        with self._explained() as imap:
            self._examined = ""
            typ, data = imap.select(_quoted(folder), readonly=True)
            if typ != "OK":
                raise self._refused_folder(folder, data)
            self._examined = folder
            said = {name: _first_number(imap, name) for name in ("UIDVALIDITY", "UIDNEXT", "EXISTS")}
        return FolderState(said["UIDVALIDITY"], said["UIDNEXT"], said["EXISTS"] or 0)

    def stay_in(self, folder: str, uidvalidity: int) -> None:
        """Make sure that ``folder`` is the open one. Raises Later, above all if its UIDs are others now."""
        if self._examined != folder and self.examine(folder).uidvalidity != uidvalidity:
            raise Later(f"The folder {folder} on {self._settings.server} was changed while it was read.")

    def search(self, state: FolderState, first: int, since: date | None) -> list[int]:
        """Give the UIDs of the open folder from ``first`` on and below ``state.uidnext``, ascending.

        ``since`` leaves out what the server stored before that day. Raises Later.
        """
        if state.uidnext is not None and first >= state.uidnext:
            return []  # n:m with n > m means m:n
        last = "*" if state.uidnext is None else state.uidnext - 1
        criteria = f"UID {first}:{last}" + (f" SINCE {_imap_date(since)}" if since else "")
        found: set[int] = set()
        # Downwards: when a message is expunged meanwhile, those above move down, so none is passed over.
        for high in range(state.exists, 0, -SEARCH_WINDOW):
            found |= self._search(f"{max(1, high - SEARCH_WINDOW + 1)}:{high} {criteria}")
        # The last message always matches "n:*", even if its UID is below n.
        return sorted(uid for uid in found if first <= uid < (state.uidnext or uid + 1))

    def fetch(self, uids: Sequence[int], items: str) -> Iterator[Answer]:
        """Fetch from the open folder; gives the server's answers as they come in, whatever they are about.

        Raises Later, and FetchRefusedError if the server refused, or answered what cannot be read.
        """
        with self._explained() as imap:
            tag = imap._command("UID", "FETCH", uid_set(uids), f"({items})")
            is_broken = False
            try:
                while imap.tagged_commands[tag] is None:
                    for response in self._next_responses(imap):
                        try:
                            answer = answer_of(response)
                        except BrokenAnswerError:
                            is_broken = True  # the others may be whole
                            continue
                        if answer:
                            yield answer
                typ, _ = imap.tagged_commands.pop(tag)
            finally:
                if tag in imap.tagged_commands:  # left in the middle of an answer
                    self._drop()
        if is_broken or typ != "OK":
            raise FetchRefusedError

    def _next_responses(self, imap: Any) -> Iterator[list[Piece]]:
        try:
            imap._get_response()
            imap._check_bye()
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:  # a line without end: nothing that follows can be understood
            self._drop()
            raise FetchRefusedError from error
        return responses(imap.untagged_responses.pop("FETCH", ()))

    def _list(self) -> list[Folder]:
        with self._explained() as imap:
            options = ["RETURN (SPECIAL-USE)"] if self._can("SPECIAL-USE") and self._can("LIST-EXTENDED") else []
            typ, data = imap._simple_command("LIST", '""', '"*"', *options)
            if typ != "OK":
                raise refusal("does not list its folders", _text(data), self._settings, "Ask who runs the server.")
            listed = imap.untagged_responses.pop("LIST", ())
            return [Folder.of(values(response)) for response in responses(listed)]

    def _status(self, folder: str) -> FolderState:
        with self._explained() as imap:
            if self._examined == folder:  # STATUS is for other folders than the open one (RFC 3501, 6.3.10)
                imap.close()
                self._examined = ""
            typ, data = imap.status(_quoted(folder), "(UIDNEXT UIDVALIDITY)")
            if typ != "OK":
                raise self._refused_folder(folder, data)
            said = pairs(values(piece for piece in data if piece is not None)[-1])
        return FolderState(number(said.get(b"UIDVALIDITY")), number(said.get(b"UIDNEXT")))

    def _search(self, criteria: str) -> set[int]:
        with self._explained() as imap:
            typ, data = imap.uid("SEARCH", criteria)
            if typ != "OK":
                raise Later(f"{self._settings.server} could not search a folder.")
            words = b" ".join(line for line in data if line).split()
        return {uid for uid in map(number, words) if uid is not None}

    def _once_more(self, command: Callable[[], Result]) -> Result:
        """Run the first command of a visit: servers drop connections that were idle since the last one."""
        if self._client is None:
            return command()
        try:
            return command()
        except Later:
            if self._client is not None:  # the connection holds: the server meant it
                raise
        return command()

    @contextmanager
    def _explained(self) -> Iterator[Any]:
        """Give imaplib's connection; what breaks it becomes an error that says what to do."""
        if self._client is None:
            self._client = connect(self._settings)
        try:
            yield self._client._imap
        except (OSError, imaplib.IMAP4.error) as error:
            self._drop()
            raise explained(error, self._settings) from error
        except BrokenAnswerError as error:
            raise Later(f"{self._settings.server} gave an answer that cannot be read: {error}.") from error

    def _can(self, capability: str) -> bool:
        return self._client is not None and bool(self._client.has_capability(capability))

    def _drop(self) -> None:
        self._examined = ""
        if self._client is not None:
            shut(self._client)
            self._client = None

    def _refused_folder(self, folder: str, data: Sequence[Piece | None]) -> ConnectorError:
        cure = "If it need not be read, name it under exclude in the account's folders."
        return refusal(f"does not open the folder {folder}", _text(data), self._settings, cure)


def _quoted(folder: str) -> bytes:
    name = bytes(imap_utf7.encode(folder))
    return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _first_number(imap: Any, name: str) -> int | None:
    said = imap.untagged_responses.get(name)
    return number(said[-1]) if said else None


def _imap_date(day: date) -> str:
    """Write a date for SEARCH: English months, whatever the locale."""
    return f"{day.day}-{MONTHS[day.month - 1]}-{day.year:04}"


def _text(data: Sequence[Piece | None]) -> str:
    last = data[-1] if data else b""
    return last.decode("utf-8", "replace") if isinstance(last, bytes) else ""
