"""What changed in a calendar: by the server's tokens (RFC 6578), or by comparing ETags where it has none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import CursorLost, Later
from keepwarm.connectors.multistatus import DAV
from keepwarm.connectors.webdav import StatusError, server_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keepwarm.connectors.caldav_cursor import Position
    from keepwarm.connectors.caldav_discovery import Calendar
    from keepwarm.connectors.multistatus import Answer, Multistatus
    from keepwarm.connectors.webdav import WebDav

MAX_PAGES = 1000
MAX_EMPTY_PAGES = 10  # in a row: legal, but some servers never come to an end
_INVALID_TOKEN = f"{DAV}valid-sync-token"
_DELETED = (404, 410)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Which resources are new or changed, and which are no longer there; by name."""

    there: tuple[str, ...]
    gone: tuple[str, ...] = ()
    whole: bool = False  # ``there`` is all that the calendar holds
    token: str = ""
    etags: dict[str, str] | None = None  # of all resources, where there is no token


@dataclass(slots=True)
class _Pages:
    """The pages of one sync-collection, put together."""

    token: str
    found: dict[str, bool] = field(default_factory=dict)  # by name: whether it is there
    _tokens: set[str] = field(default_factory=set)
    _bodies: set[tuple[tuple[str, int, str], ...]] = field(default_factory=set)
    _empty: int = 0

    def turns(self, page: Multistatus) -> bool:
        """Take the token of a page that is not the last; True if the server goes round in circles."""
        self._tokens.add(self.token)
        content = tuple((answer.href, answer.status, answer.text(f"{DAV}getetag")) for answer in page.answers)
        self._empty = 0 if len(content) > 1 else self._empty + 1
        again = page.sync_token in self._tokens or (len(content) > 1 and content in self._bodies)
        self._bodies.add(content)
        self.token = page.sync_token
        return again or self._empty > MAX_EMPTY_PAGES or len(self._tokens) >= MAX_PAGES


class _NoSyncError(Exception):
    """The server cannot say what changed in this way."""


class ChangeReader:
    """Asks one calendar what changed."""

    def __init__(self, dav: WebDav, calendar: Calendar) -> None:
        self._dav = dav
        self._calendar = calendar

    def since(self, position: Position | None) -> Changes:
        """Give what changed since ``position`` (None: everything).

        Raises StatusError, Later, CursorLost, SignInNeeded or Refused.
        """
        if position is None:
            return self._everything()
        if position.etags is not None:
            return self._compared(position.etags)
        try:
            return self._synced(position.token)
        except _NoSyncError:
            return self._listed()

    def _everything(self) -> Changes:
        if self._calendar.syncs is not False:
            try:
                return self._synced("")
            except (_NoSyncError, CursorLost, Later):
                pass  # a list always works, if anything does: some servers fail at this report alone
        return self._listed()

    def _listed(self) -> Changes:
        etags = self._etags()
        return Changes(there=tuple(etags), whole=True, etags=etags)

    def _compared(self, before: Mapping[str, str]) -> Changes:
        now = self._etags()
        changed = tuple(name for name, etag in now.items() if not etag or before.get(name) != etag)
        return Changes(there=changed, gone=tuple(name for name in before if name not in now), etags=now)

    def _etags(self) -> dict[str, str]:
        listed, _ = self._dav.propfind(self._calendar.url, ("d:getetag", "d:resourcetype"), 1)
        # A list begins with the calendar itself (RFC 4918, 9.1); one that was cut off proves no absence.
        if not listed.answers or any(answer.status == 507 for answer in listed.answers):
            raise Later(f"{server_of(self._calendar.url)} gave no whole list of the calendar.")
        return {
            name: answer.text(f"{DAV}getetag")
            for answer in listed.answers
            if (name := self._calendar.member(answer.href)) and not _is_collection(answer)
        }

    def _synced(self, token: str) -> Changes:
        """Collect the pages of a sync-collection. Raises _NoSyncError, CursorLost, and what a request raises."""
        pages = _Pages(token)
        while True:
            page = self._page(pages.token, lost=bool(token))
            is_cut = self._take(page, pages.found)
            if not page.sync_token:
                raise _NoSyncError
            if not is_cut:
                break
            if pages.turns(page):
                raise CursorLost("The server lists changes without end.")
        return Changes(
            there=tuple(name for name, is_there in pages.found.items() if is_there),
            gone=tuple(name for name, is_there in pages.found.items() if not is_there),
            whole=not token,
            token=page.sync_token,
        )

    def _page(self, token: str, *, lost: bool) -> Multistatus:
        try:
            return self._dav.sync_collection(self._calendar.url, token)
        except StatusError as error:
            if error.status == 404:
                raise
            if lost and (_INVALID_TOKEN in error.missed or error.status in (409, 410, 412, 507)):
                raise CursorLost("The server no longer knows how far the calendar was read.") from None
            raise _NoSyncError from None

    def _take(self, page: Multistatus, found: dict[str, bool]) -> bool:
        """Take what a page says; True if the server cut it off, and has more (RFC 6578, 3.6)."""
        is_cut = False
        for answer in page.answers:
            name = self._calendar.member(answer.href)
            if name:
                found[name] = answer.status not in _DELETED
            elif answer.status == 507:
                is_cut = True
        return is_cut


def _is_collection(answer: Answer) -> bool:
    return any(element.tag == f"{DAV}collection" for element in answer.children(f"{DAV}resourcetype"))
