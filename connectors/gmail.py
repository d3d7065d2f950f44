"""Mail at Gmail, through Google's API, read only.

The first reading goes through the mailbox from the newest message back; after that, Gmail's history says what came. If
it no longer reaches back to where the reading was, what can have been missed is looked through again, and noted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.contract import CursorLost, Later, Refused
from keepwarm.connectors.gmail_cursor import COOLING, Position
from keepwarm.connectors.gmail_messages import BATCH, LEFT_OUT, GmailReader
from keepwarm.connectors.google_api import GoogleApi, NotFoundError
from keepwarm.storage.observations import Batch, Rejected, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from keepwarm.connectors.google_api import GoogleSettings
    from keepwarm.connectors.own_mail import OwnMail
    from keepwarm.storage.observations import Cursor

STREAM = "Gmail"
MARGIN = timedelta(days=30)
"""So far behind the newest message a rescan goes back: what lies in spam for longer is deleted by Google."""

_PROFILE_UNITS, _LIST_UNITS, _HISTORY_UNITS = 1, 5, 2
_MAX_EMPTY_PAGES = 20  # in a row: legal, but never for ever
_COOL_DOWN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GmailSettings:
    """What the configuration says about one mailbox."""

    google: GoogleSettings
    owner: frozenset[str] = frozenset()  # the owner's addresses, lower case; with none, any mailbox is taken
    since: datetime | None = None  # aware; mail from before is not read
    bodies: bool = False  # invitations and the owner's own mail may be read whole: gmail.readonly was granted
    own_mail: OwnMail | None = field(default=None)


class GmailConnector:
    """One mailbox: one stream."""

    newest_first = True

    def __init__(self, settings: GmailSettings) -> None:
        self._settings = settings
        self.api = GoogleApi(settings.google, "gmail", "v1", "Gmail API")

    def streams(self) -> Sequence[Stream]:
        """Give the one stream that there is."""
        return [Stream(STREAM)]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Batch]:
        """Read what is new, in batches of at most ``BATCH``.

        Raises Later, CursorLost, SignInNeeded or Refused.
        """
        del stream
        total = None
        if cursor is None:
            profile = self._profile()
            total = _count(profile)
            position = Position(history=_history_id(profile), reading=True)
        else:
            position = Position.of(cursor)
        if position.reading:
            yield from self._look_back(position, total)
        else:
            yield from self._news(position)

    def wait(self, stream: Stream, seconds: float) -> bool:
        """Give no hint: the daemon polls."""
        del stream, seconds
        return False

    def close(self) -> None:
        """Let go of connections."""
        self.api.close()

    @cached_property
    def _reader(self) -> GmailReader:
        one = self._settings
        return GmailReader(self.api, one.since, bodies=one.bodies, own_mail=one.own_mail)

    @cached_property
    def _users(self) -> Any:
        return self.api.service.users()

    def _profile(self) -> Mapping[str, Any]:
        """Ask whose mailbox it is, and where its history stands.

        Raises Refused if it is somebody else's: then nothing could be told apart as written by the owner.
        """
        profile = self._ask(self._users.getProfile(userId="me"), _PROFILE_UNITS)
        address = str(profile.get("emailAddress", "")).lower()
        if self._settings.owner and address not in self._settings.owner:
            raise Refused(
                f"The mailbox that was granted is that of {address}, which is none of your addresses.",
                f'Set address = "{address}" in this account, or sign in as somebody else.',
            )
        return profile

    def _look_back(self, position: Position, total: int | None, gap: Rejected | None = None) -> Iterator[Batch]:
        """Go through the mailbox from the newest message back, a page a batch."""
        guard = _Guard(position.page)
        stop = max(position.back_to, _milliseconds(self._settings.since))
        while True:
            answer = self._page(position.page)
            ids = _ids(answer.get("messages", ()))
            reading = self._reader.read(ids)
            following = str(answer.get("nextPageToken", ""))
            guard.turn(following, is_empty=not ids)
            is_last = not following or (bool(reading.times) and max(reading.times) < stop)
            newest = max(position.newest, *reading.times, 0)
            position = replace(position, newest=newest, page=following)
            if is_last:
                position = replace(position, reading=False, page="", back_to=0)
            yield Batch(
                seen=tuple(reading.seen),
                rejected=(*([gap] if gap else ()), *reading.rejected),
                cursor=position.cursor(),
                total=total,
                looked_at=len(ids),
            )
            if is_last:
                return
            gap = None

    def _page(self, token: str) -> Mapping[str, Any]:
        page = {"pageToken": token} if token else {}
        listing = self._users.messages().list(userId="me", maxResults=BATCH, includeSpamTrash=False, **page)
        try:
            return self._ask(listing, _LIST_UNITS)
        except Refused as refused:
            if not token:
                raise
            # Pages are Google's to forget: then it begins anew, and knows again what it has read.
            raise CursorLost("Google no longer knows the page at which the reading stood.") from refused

    def _news(self, position: Position) -> Iterator[Batch]:
        """Follow the history; the place moves with each page, and with the last to where the first said it stands."""
        guard = _Guard("")
        start, token, end = position.history, "", ""
        while True:
            try:
                page = self._history(start, token)
            except NotFoundError:
                yield from self._lost(position)
                return
            records, token = page.get("history", ()), str(page.get("nextPageToken", ""))
            end = end or _history_id(page)
            guard.turn(token, is_empty=not records)
            after = replace(position, cooling=0, history=_last_of(records, position.history) if token else end)
            yield from self._told(_came(records), position, after)
            position = after
            if not token:
                return

    def _told(self, ids: Sequence[str], before: Position, after: Position) -> Iterator[Batch]:
        """Read what a page of the history names; only the last batch moves the place."""
        newest = before.newest
        for start in range(0, len(ids), BATCH):
            chunk = ids[start : start + BATCH]
            reading = self._reader.read(chunk)
            newest = max(newest, *reading.times, 0)
            place = after if start + BATCH >= len(ids) else before
            yield Batch(
                seen=tuple(reading.seen),
                rejected=tuple(reading.rejected),
                cursor=replace(place, newest=newest).cursor(),
                looked_at=len(chunk),
            )
        if not ids and after != before:
            yield Batch(cursor=after.cursor(), total=0)

    def _lost(self, position: Position) -> Iterator[Batch]:
        """Look through again what can have been missed, and note the gap; but not again and again.

        Raises Later while that was done shortly ago.
        """
        if position.cooling:
            cooler = replace(position, cooling=position.cooling - 1)
            yield Batch(cursor=cooler.cursor(), total=0)
            raise Later("Gmail does not know its own history, though all was looked through again.", _COOL_DOWN)
        since = datetime.fromtimestamp(position.newest / 1000, UTC)
        gap = Rejected(
            source_key=f"gap:{position.history}",
            reason="Gmail no longer knew what came since the last reading, so the mailbox was looked through again",
            where=f"Gmail, a gap since {since:%Y-%m-%d}",
        )
        anew = Position(
            history=_history_id(self._profile()),
            newest=position.newest,
            reading=True,
            back_to=max(position.newest - _in_milliseconds(MARGIN), 0),
            cooling=COOLING,
        )
        yield from self._look_back(anew, None, gap)

    def _history(self, start: str, token: str) -> Mapping[str, Any]:
        """Give a page of what came, or left spam, trash or the drafts. Raises NotFoundError if that is forgotten."""
        page = {"pageToken": token} if token else {}
        request = self._users.history().list(
            userId="me", startHistoryId=start, historyTypes=["messageAdded", "labelRemoved"], maxResults=500, **page
        )
        return self.api.ask(request, _HISTORY_UNITS)

    def _ask(self, request: Any, units: int) -> Mapping[str, Any]:
        try:
            return self.api.ask(request, units)
        except NotFoundError:
            raise Refused("There is no mailbox at Gmail.", "Sign in as the one whose mail is meant.") from None


class _Guard:
    """Notices pages that never come to an end."""

    def __init__(self, token: str) -> None:
        self._tokens = {token}
        self._empty = 0

    def turn(self, token: str, *, is_empty: bool) -> None:
        """Take the token of the next page, "" after the last. Raises Later."""
        self._empty = self._empty + 1 if is_empty else 0
        if token and (token in self._tokens or self._empty > _MAX_EMPTY_PAGES):
            raise Later("Gmail gives pages without an end.", timedelta(minutes=15))
        self._tokens.add(token)


def _came(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the messages that are new, or are so here: they left spam, trash or the drafts; each once."""
    ids: dict[str, None] = {}
    for record in records:
        added = record.get("messagesAdded", ())
        freed = (one for one in record.get("labelsRemoved", ()) if LEFT_OUT.intersection(one.get("labelIds", ())))
        ids.update(dict.fromkeys(_ids(one.get("message", {}) for one in (*added, *freed))))
    return list(ids)


def _ids(messages: Iterable[Mapping[str, Any]]) -> list[str]:
    return [str(one["id"]) for one in messages if one.get("id")]


def _last_of(records: Sequence[Mapping[str, Any]], otherwise: str) -> str:
    """Give the place after these records."""
    found = [str(record.get("id", "")) for record in records]
    return next((one for one in reversed(found) if one.isdigit()), otherwise)


def _history_id(answer: Mapping[str, Any]) -> str:
    """Give where the history stands. Raises Later if Gmail does not say: without it, news would be lost."""
    found = str(answer.get("historyId", ""))
    if not found.isdigit():
        raise Later("Gmail does not say where its history stands.")
    return found


def _count(profile: Mapping[str, Any]) -> int | None:
    found = profile.get("messagesTotal")
    return found if isinstance(found, int) else None


def _milliseconds(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp() * 1000)


def _in_milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
