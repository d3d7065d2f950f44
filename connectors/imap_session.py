"""The IMAP commands that reading needs (RFC 3501), each with what its failure means. None of them writes.

EXAMINE and BODY.PEEK keep even the \\Seen and \\Recent flags as they are. Responses are read through imaplib,
because imapclient's own parser of them costs more than all the rest of reading a mailbox.
"""

from __future__ import annotations

import imaplib
from array import array
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from imapclient import imap_utf7

from keepwarm.connectors.contract import ConnectorError, Later, Refused
from keepwarm.connectors.imap_connection import connect, explained, refusal, shut
from keepwarm.connectors.imap_fetch import MONTHS, answer_of, uid_set
from keepwarm.connectors.imap_listing import (
    STATES,
    FolderState,
    NotListedError,
    list_folders,
    suppress_refusal,
    wire_names,
)
from keepwarm.connectors.imap_reader import fetched
from keepwarm.connectors.imap_values import BrokenAnswerError, number, values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from keepwarm.connectors.imap_connection import FusedClient, ImapSettings
    from keepwarm.connectors.imap_fetch import Answer
    from keepwarm.connectors.imap_listing import Listing
    from keepwarm.connectors.imap_values import Piece

Result = TypeVar("Result")

MAX_UID = 2**32 - 1
SEARCH_WINDOW = 20_000
"""Messages a SEARCH looks at: its answer is one line, and imaplib takes no line over a million bytes."""


MOST_MESSAGES = 10_000_000
"""In one folder. What claims to hold more would have that many windows of it searched, for as good as ever."""


class FetchRefusedError(Exception):
    """The server did not hand over all that was asked for; perhaps one message of them is at fault."""


class ImapSession:
    """One connection, made when it is needed, and again when it was lost."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        self._client: FusedClient | None = None
        self._examined = ""
        self._utf8 = False  # folders' names are in UTF-8 (RFC 6855), not in modified UTF-7
        self._wire: dict[str, bytes] = {}  # how the server spells the names of folders
        self._asked: dict[tuple[str, str], bytes] = {}  # FETCHes whose answers are to come, by what they say: tags

    def close(self) -> None:
        """Say goodbye, and let go of the connection."""
        if self._asked:
            self._drop()
        if self._client is not None:
            # It may be lost already.
            with suppress(OSError, imaplib.IMAP4.error), self._client.fuse.at_most(self._settings.answer_seconds):
                self._client.logout()
            self._drop()

    def hand_over(self) -> FusedClient:
        """Give the connection away: a watch goes on with it. The session makes another one when it needs it."""
        client = self._client
        assert client is not None  # noqa: S101 - to be called after a command
        self._client, self._examined = None, ""
        return client

    def folders(self) -> Listing:
        """List all folders, with what the server tells of them at once. Raises Later, SignInNeeded or Refused."""
        return self._once_more(self._list)

    def status(self, folder: str) -> FolderState:
        """Look at a folder from outside. Raises Later, SignInNeeded or Refused."""
        return self._once_more(lambda: self._status(folder))

    def examine(self, folder: str) -> FolderState:
        """Open a folder for reading only. Raises Later, SignInNeeded or Refused."""
        with self._explained() as imap:
            self._examined = ""
            typ, data = imap.select(self._quoted(folder), readonly=True)
            if typ != "OK":
                raise self._refused_folder(folder, data)
            self._examined = folder
            said = {name: _first_number(imap, name) for name in ("UIDVALIDITY", "UIDNEXT", "EXISTS")}
        return FolderState(said["UIDVALIDITY"], said["UIDNEXT"], said["EXISTS"] or 0)

    def stay_in(self, folder: str, uidvalidity: int) -> None:
        """Make sure that ``folder`` is the open one. Raises Later, above all if its UIDs are others now."""
        if self._examined != folder and self.examine(folder).uidvalidity != uidvalidity:
            raise Later(f"The folder {folder} on {self._settings.server} was changed while it was read.")

    def search(self, state: FolderState, first: int, since: date | None) -> Sequence[int]:
        """Give the UIDs of the open folder from ``first`` on and below ``state.uidnext``, ascending.

        ``since`` leaves out what the server stored before that day. Raises Later, or Refused for a folder that is too
        large to be one.
        """
        if state.exists > MOST_MESSAGES:
            raise Refused(
                f"A folder on {self._settings.server} claims to hold {state.exists} messages.",
                "If it does not, ask who runs the server; name it under exclude in the account's folders.",
            )
        if state.uidnext is not None and first >= state.uidnext:
            return ()  # n:m with n > m means m:n
        last = "*" if state.uidnext is None else state.uidnext - 1
        criteria = f"UID {first}:{last}" + (f" SINCE {_imap_date(since)}" if since else "")
        # Downwards: when a message is expunged meanwhile, those above move down, so none is passed over.
        highs = range(state.exists, 0, -SEARCH_WINDOW)
        windows = [self._search(f"{max(1, high - SEARCH_WINDOW + 1)}:{high} {criteria}") for high in highs]
        found = array("I")  # a list would take ten times the memory
        for window in reversed(windows):
            reached = max(first - 1, found[-1] if found else 0)
            found.extend(uid for uid in window if uid > reached)  # some may have moved down into the next window
        # The last message always matches "n:*", even if its UID is below n.
        while found and state.uidnext is not None and found[-1] >= state.uidnext:
            found.pop()
        return found

    def fetch(
        self, uids: Sequence[int], items: str, read: Callable[[list[Piece]], Answer | None] = answer_of
    ) -> Iterator[Answer]:
        """Fetch from the open folder; gives the server's answers as they come in, whatever they are about.

        ``read`` reads one response; it may raise BrokenAnswerError.

        Raises Later, and FetchRefusedError if the server refused, or answered what cannot be read.
        """
        asked = self._asked.pop((uid_set(uids), items), None)
        with self._explained(seconds=self._settings.fetch_seconds) as imap:
            tag = asked or imap._command("UID", "FETCH", uid_set(uids), f"({items})")
            is_broken = False
            try:
                for response in self._responses(imap, tag):
                    try:
                        answer = read(response)
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

    def ask(self, uids: Sequence[int], items: str) -> None:
        """Have the server begin a FETCH that is to come next: it works while others do.

        A lost connection is left for that FETCH to find.
        """
        with suppress(Later), self._explained() as imap:
            said = uid_set(uids)
            self._asked[said, items] = imap._command("UID", "FETCH", said, f"({items})")

    def _responses(self, imap: Any, tag: bytes) -> Iterator[list[Piece]]:
        try:
            yield from fetched(imap, tag)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:  # a line without end: nothing that follows can be understood
            self._drop()
            raise FetchRefusedError from error

    def _list(self) -> Listing:
        with self._explained() as imap:
            self._close_folder(imap)
            try:
                listing = list_folders(imap, self.can, utf8=self._utf8)
            except NotListedError as refused:
                cure = "Ask who runs the server."
                raise refusal("does not list its folders", _text(refused.data), self._settings, cure) from None
        self._wire = wire_names(listing.folders)
        return listing

    def _status(self, folder: str) -> FolderState:
        with self._explained() as imap:
            if self._examined == folder:
                self._close_folder(imap)
            typ, data = imap.status(self._quoted(folder), STATES)
            if typ != "OK":
                raise self._refused_folder(folder, data)
            return FolderState.of(values(piece for piece in data if piece is not None)[-1])

    def _close_folder(self, imap: Any) -> None:
        """Leave the open folder: STATUS is for others (RFC 3501, 6.3.10), and tells of this one what was."""
        if self._examined:
            imap.close()
            self._examined = ""

    def _search(self, criteria: str) -> array[int]:
        with self._explained() as imap:
            typ, data = imap.uid("SEARCH", criteria)
            if typ != "OK":
                raise Later(f"{self._settings.server} could not search a folder.")
            words = b" ".join(line for line in data if line).split()
        return array("I", sorted({uid for uid in map(number, words) if uid is not None and uid <= MAX_UID}))

    def _once_more(self, command: Callable[[], Result]) -> Result:
        """Run the first command of a visit: servers drop connections that were idle since the last one."""
        is_first = self._client is not None
        try:
            return command()
        except Later:
            if not is_first or self._client is not None:  # the connection holds: the server meant it
                raise
        return command()

    @contextmanager
    def _explained(self, *, seconds: float | None = None) -> Iterator[Any]:
        """Give imaplib's connection, for a command; what breaks it becomes an error that says what to do.

        ``seconds`` are those that the command may take, ``command_seconds`` unless given.
        """
        if self._client is None:
            self._client = connect(self._settings)
            try:
                self._agree_on_utf8()
            except ConnectorError as error:
                error.of_account = True  # as with signing in: the next folder would fare no better
                raise
        client = self._client
        try:
            with client.fuse.at_most(seconds or self._settings.command_seconds):
                self._settle(client._imap)
                yield client._imap
        except (OSError, imaplib.IMAP4.error) as error:
            self._drop()
            raise explained(error, self._settings, client.fuse) from error
        except BrokenAnswerError as error:
            raise Later(f"{self._settings.server} gave an answer that cannot be read: {error}.") from error

    def _settle(self, imap: Any) -> None:
        """Read what was asked for and is not wanted any more."""
        while self._asked:
            _, tag = self._asked.popitem()
            for _ in fetched(imap, tag):
                pass
            del imap.tagged_commands[tag]

    def can(self, capability: str) -> bool:
        """Say whether the server, as far as it was asked, has a capability."""
        return self._client is not None and bool(self._client.has_capability(capability))

    def _agree_on_utf8(self) -> None:
        """Have names and headers in UTF-8 where the server can, or will not talk otherwise (UTF8=ONLY)."""
        before, self._utf8 = self._utf8, False
        if not self.can("ENABLE") or not (self.can("UTF8=ACCEPT") or self.can("UTF8=ONLY")):
            return
        with self._explained() as imap:
            with suppress_refusal():
                imap._simple_command("ENABLE", "UTF8=ACCEPT")
            said = imap.untagged_responses.pop("ENABLED", [])
            self._utf8 = b"UTF8=ACCEPT" in b" ".join(filter(None, said)).upper()
        if self._utf8 is not before:
            self._wire = {}

    def _drop(self) -> None:
        self._examined = ""
        self._asked.clear()
        if self._client is not None:
            shut(self._client)
            self._client = None

    def _quoted(self, folder: str) -> bytes:
        name = self._wire.get(folder)
        if name is None:
            name = folder.encode() if self._utf8 else bytes(imap_utf7.encode(folder))
        return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'

    def _refused_folder(self, folder: str, data: Sequence[Piece | None]) -> ConnectorError:
        cure = "If it need not be read, name it under exclude in the account's folders."
        return refusal(f"does not open the folder {folder}", _text(data), self._settings, cure)


def _first_number(imap: Any, name: str) -> int | None:
    said = imap.untagged_responses.get(name)
    return number(said[-1]) if said else None


def _imap_date(day: date) -> str:
    """Write a date for SEARCH: English months, whatever the locale."""
    return f"{day.day}-{MONTHS[day.month - 1]}-{day.year:04}"


def _text(data: Sequence[Piece | None]) -> str:
    last = data[-1] if data else b""
    return last.decode("utf-8", "replace") if isinstance(last, bytes) else ""
