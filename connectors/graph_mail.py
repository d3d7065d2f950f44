"""Mail at Microsoft, by delta query: one stream for each folder.

Mail is facts: what delta says was removed, moved or marked changes nothing. The first round of a folder reads all that
is in it, whatever ``since`` says: a delta query with a filter stops at 5,000 messages without a word.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from keepwarm.connectors.contract import CursorLost, Later
from keepwarm.connectors.graph_client import NotAllowedError, NotThereError, Turning
from keepwarm.connectors.graph_folders import SENT, chosen, folders, told_apart
from keepwarm.connectors.graph_message import BODY, HEADERS, PROPERTIES, MessageMaker, moment_of
from keepwarm.connectors.graph_streams import GraphStreams, Words
from keepwarm.storage.observations import Batch, MessageSeen, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from keepwarm.connectors.graph_client import Json, Page
    from keepwarm.connectors.graph_folders import Folder
    from keepwarm.connectors.own_mail import OwnMail
    from keepwarm.storage.observations import Cursor

PAGE = 200  # messages
_TOLD_OF_MAIL = ("receivedDateTime", "sentDateTime", "from", "internetMessageId")
_AS_TEXT = 'outlook.body-content-type="text"'


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """What the configuration says about the mail of one account."""

    include: tuple[str, ...] = ("*",)  # globs over the folders' paths
    exclude: tuple[str, ...] = ()
    since: datetime | None = None  # older messages are left out
    owner: frozenset[str] = frozenset()  # the owner's addresses, lower case
    own_mail: OwnMail | None = None  # whose texts are read for promises


@dataclass(frozen=True, slots=True)
class Position:
    """How far a folder was read: the link that leads on, and whether it brings the texts of the owner's own mail.

    ``folder`` is the folder's id: another folder may bear its name by now. "" in what older versions wrote.
    """

    link: str
    bodies: bool = False
    folder: str = ""

    @classmethod
    def of(cls, cursor: Cursor | None) -> Position | None:
        """Read a cursor; None for everything. Raises CursorLost."""
        match cursor:
            case None:
                return None
            case {"v": 1, "link": str(link), "bodies": bool(bodies)}:
                return cls(link, bodies, str(cursor.get("folder") or ""))
        raise CursorLost("The cursor was written by another version.")

    def cursor(self) -> Cursor:
        """Write it for storage."""
        return {"v": 1, "link": self.link, "bodies": self.bodies, "folder": self.folder}


@dataclass(slots=True)
class GraphMail(GraphStreams["Folder"]):
    """The mail of one account."""

    settings: MailSettings
    _gives_headers: bool = True

    @property
    def _words(self) -> Words:
        return Words("mail", "folder", "the mail", "Mail.ReadBasic")

    def _listed(self) -> Mapping[str, Folder]:
        found = folders(self.client)
        read = chosen(found, self.settings.include, self.settings.exclude)
        return {one.stream: one for one in told_apart(read)}

    def _read(self, folder: Folder, cursor: Cursor | None) -> Iterator[Batch]:
        known = Position.of(cursor)
        bodies = self.settings.own_mail is not None and folder.stream == SENT
        if known is not None and bodies and not known.bodies:
            raise CursorLost("Your own mail is to be read for promises, which it was not before.")
        if known is not None and known.folder not in ("", folder.id):
            raise CursorLost(f"Another folder is called {folder.path} now.")
        maker = MessageMaker(folder.path, self.settings.owner, self.settings.own_mail if bodies else None)
        for page in self._pages(folder, known, bodies=bodies):
            if not page.link:
                raise Later(f"The server does not say how to go on with the folder {folder.path}.")
            position = Position(page.link, bodies, folder.id)
            if page.items or (page.is_last and position != known):
                yield self._batch(page, maker, position)

    def _pages(self, folder: Folder, known: Position | None, *, bodies: bool) -> Iterator[Page]:
        prefer = (f"odata.maxpagesize={PAGE}", *((_AS_TEXT,) if bodies else ()))
        if known is not None:
            try:
                yield from self.client.pages(known.link, *prefer, from_start=False)
            except Turning as turning:
                raise CursorLost(str(turning)) from None
            except NotAllowedError:
                self.client.get(self.client.address(f"/me/mailFolders/{quote(folder.id, safe='')}", _select="id"))
                raise CursorLost("The sign-in reaches the mail, but no longer all that was asked of it.") from None
            return
        pages = self.client.pages(self._first(folder, bodies=bodies), *prefer, from_start=True)
        try:
            first = next(pages, None)
        except NotAllowedError:
            if not self._gives_headers:
                raise
            self._gives_headers = False  # the sign-in does not reach them: then by Graph's own properties
            yield from self.client.pages(self._first(folder, bodies=bodies), *prefer, from_start=True)
            return
        if first is not None:
            yield first
        yield from pages

    def _first(self, folder: Folder, *, bodies: bool) -> str:
        wanted = (*PROPERTIES, *((HEADERS,) if self._gives_headers else ()), *((BODY,) if bodies else ()))
        path = f"/me/mailFolders/{quote(folder.id, safe='')}/messages/delta"
        return self.client.address(path, _select=",".join(wanted))

    def _batch(self, page: Page, maker: MessageMaker, position: Position) -> Batch:
        seen, rejected = list[MessageSeen](), list[Rejected]()
        for told in page.items:
            if self._is_wanted(told):
                message, broken = maker.made(told)
                seen += [self._with_answer(message, maker)] if message else []
                rejected += [broken] if broken else []
        return Batch(seen=tuple(seen), rejected=tuple(rejected), cursor=position.cursor(), looked_at=len(page.items))

    def _with_answer(self, seen: MessageSeen, maker: MessageMaker) -> MessageSeen:
        """Read what the owner answered to a letter of Keepwarm's: of that one mail the text is fetched.

        Microsoft does not tell what a mail in the folder of sent ones answers; but an answer to a letter to oneself
        arrives, and of what has arrived the header is told.
        """
        own = self.settings.own_mail
        if maker.own_mail is not None or own is None or not own.wants_answer(seen):
            return seen
        address = self.client.address(f"/me/messages/{quote(seen.source_key, safe='')}", _select=BODY)
        try:
            told = self.client.get(address, _AS_TEXT)
        except (NotThereError, NotAllowedError):
            return seen  # deleted by now, or the sign-in reaches no texts: `doctor` tells that
        return replace(maker, own_mail=own).with_text(seen, told)

    def _is_wanted(self, told: Json) -> bool:
        if not isinstance(told.get("id"), str) or "@removed" in told or told.get("isDraft") is True:
            return False
        if told.keys().isdisjoint(_TOLD_OF_MAIL):
            return False  # only whether it was read has changed: nothing else is told then
        received = moment_of(told.get("receivedDateTime"))
        return received is None or self.settings.since is None or received >= self.settings.since
