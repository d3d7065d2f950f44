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
from keepwarm.connectors.gmail_cursor import COOLING, MOST_OWED, Position
from keepwarm.connectors.gmail_messages import BATCH, GET_UNITS, GmailReader
from keepwarm.connectors.gmail_pages import MAX_EMPTY_HISTORY, Guard, came, history_id, ids_of, last_of
from keepwarm.connectors.google_api import GoogleApi, NotFoundError
from keepwarm.connectors.google_faults import NotUnderstood
from keepwarm.storage.observations import Batch, Rejected, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

    from keepwarm.connectors.gmail_messages import Reading
    from keepwarm.connectors.google_api import GoogleSettings
    from keepwarm.connectors.own_mail import OwnMail
    from keepwarm.storage.observations import Cursor

STREAM = "Gmail"
MARGIN = timedelta(days=30)
"""So far behind the newest message a rescan goes back: what lies in spam for longer is deleted by Google."""

_PROFILE_UNITS, _LIST_UNITS, _HISTORY_UNITS = 1, 5, 2
_COOL_DOWN = timedelta(hours=1)
_TROUBLED = timedelta(minutes=2)
_AHEAD = timedelta(days=1)
_PATIENCE = 6
"""How often a message that cannot be had is asked for before it is noted as such, and its stream as read."""

_FEW = 10
"""So many messages that cannot be had are never an outage."""

_HOPE = 300
"""How often it is asked for at all: with each poll, for about a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GmailSettings:
    """What the configuration says about one mailbox."""

    google: GoogleSettings
    owner: frozenset[str] = frozenset()  # the owner's addresses, lower case; with none, any mailbox is taken
    since: datetime | None = None  # aware; mail from before is not read
    bodies: bool = False  # invitations and the owner's own mail may be read whole: gmail.readonly was granted
    own_mail: OwnMail | None = field(default=None)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


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
            position = Position(history=history_id(profile), reading=True)
        else:
            position = Position.of(cursor)
        if position.reading:
            position = yield from self._look_back(position, total)
        else:
            position = yield from self._news(position)
        if position.owed:
            yield from self._pay(position)

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

    def _look_back(
        self, position: Position, total: int | None, gap: Rejected | None = None
    ) -> Generator[Batch, None, Position]:
        """Go through the mailbox from the newest message back, a page a batch; give the place after that."""
        guard = Guard(position.page)
        stop = max(position.back_to, _milliseconds(self._settings.since))
        while True:
            self.api.afford(_LIST_UNITS + BATCH * GET_UNITS)
            answer = self._page(position.page)
            ids = ids_of(answer.get("messages", ()))
            reading = self._reader.read(ids)
            following = str(answer.get("nextPageToken", ""))
            guard.turn(following, is_empty=not ids)
            is_last = not following or (bool(reading.times) and max(reading.times) < stop)
            position = replace(self._after(position, reading, len(ids)), page=following)
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
                return position
            gap = None

    def _after(self, position: Position, reading: Reading, asked: int) -> Position:
        """Give the place with what was learned from some messages.

        What there is no room for among what is owed is given up, and noted. Raises Later if so many could not be had of
        ``asked`` that it is no matter of single messages.
        """
        # A mail may be dated by whoever put it into the mailbox: what is ahead of the clock says nothing.
        latest = _milliseconds(self._settings.now() + _AHEAD)
        if len(reading.failed) > max(asked / 2, _FEW):
            raise Later("Gmail has trouble of its own: too many messages cannot be had now.", _TROUBLED)
        room = max(MOST_OWED - len(position.owed), 0)
        fresh = [number for number in reading.failed if number not in position.owed]
        owed = dict.fromkeys(fresh[:room], 0) | position.owed
        reading.rejected += (_given_up(number) for number in fresh[room:])
        newest = max(position.newest, *(one for one in reading.times if one <= latest), 0)
        return replace(position, newest=newest, owed=owed)

    def _pay(self, position: Position) -> Iterator[Batch]:
        """Ask again for what could not be had before, now that Gmail answers otherwise; note what it still keeps.

        Raises Later until that has been tried a few times.
        """
        before = sorted(position.owed, key=lambda number: (position.owed[number], number))
        asked_for, waiting = before[:BATCH], before[BATCH:]
        reading = self._reader.read(asked_for)
        times = {number: position.owed[number] + 1 for number in reading.failed if number in position.owed}
        kept = [number for number, asked in times.items() if asked == _PATIENCE]
        owed = {number: asked for number, asked in times.items() if asked < _HOPE}
        owed |= {number: position.owed[number] for number in waiting}
        yield Batch(
            seen=tuple(reading.seen),
            rejected=(*reading.rejected, *(_withheld(number) for number in kept)),
            cursor=replace(position, owed=owed).cursor(),
            total=0,
        )
        if insisting := [asked for asked in owed.values() if asked < _PATIENCE]:
            number = f"{len(insisting)} messages" if len(insisting) > 1 else "a message"
            raise Later(f"Gmail cannot hand over {number} now; all else was read.", max(min(insisting), 1) * _TROUBLED)

    def _page(self, token: str) -> Mapping[str, Any]:
        page = {"pageToken": token} if token else {}
        listing = self._users.messages().list(userId="me", maxResults=BATCH, includeSpamTrash=False, **page)
        try:
            return self._ask(listing, _LIST_UNITS)
        except NotUnderstood as refused:
            if not token:
                raise
            # Pages are Google's to forget: then it begins anew, and knows again what it has read.
            raise CursorLost("Google no longer knows the page at which the reading stood.") from refused

    def _news(self, position: Position) -> Generator[Batch, None, Position]:
        """Follow the history; the place moves with each page, and with the last to where the first said it stands."""
        guard = Guard("", MAX_EMPTY_HISTORY)
        start, token, end = position.history, "", ""
        cooler = max(position.cooling - 1, 0)
        while True:
            try:
                page = self._history(start, token)
            except NotFoundError:
                return (yield from self._lost(position))
            records, token = page.get("history", ()), str(page.get("nextPageToken", ""))
            end = end or history_id(page)
            guard.turn(token, is_empty=not records)
            place = last_of(records, position.history) if token else end
            after = replace(position, cooling=cooler, history=place, skip=0)
            position = yield from self._told(came(records), position, after)
            if not token:
                return position

    def _told(self, ids: Sequence[str], before: Position, after: Position) -> Generator[Batch, None, Position]:
        """Read what a page of the history names, from where an earlier try has come to; the last batch moves on."""
        newest, owed = before.newest, before.owed
        for start in range(before.skip, len(ids), BATCH):
            chunk = ids[start : start + BATCH]
            reading = self._reader.read(chunk)
            is_last = start + BATCH >= len(ids)
            place = after if is_last else replace(before, skip=start + BATCH)
            position = self._after(replace(place, newest=newest, owed=owed), reading, len(chunk))
            newest, owed = position.newest, position.owed
            yield Batch(
                seen=tuple(reading.seen),
                rejected=tuple(reading.rejected),
                cursor=position.cursor(),
                looked_at=len(chunk),
            )
        position = replace(after, newest=newest, owed=owed)
        if len(ids) <= before.skip and position != before:
            yield Batch(cursor=position.cursor(), total=0)
        return position

    def _lost(self, position: Position) -> Generator[Batch, None, Position]:
        """Look through again what can have been missed, and note the gap; but not again and again.

        Raises Later while that was done shortly ago.
        """
        if position.cooling:
            cooler = replace(position, cooling=position.cooling - 1)
            yield Batch(cursor=cooler.cursor(), total=0)
            raise Later("Gmail does not know its own history, though all was looked through again.", _COOL_DOWN)
        newest = min(position.newest, _milliseconds(self._settings.now()))
        since = datetime.fromtimestamp(newest / 1000, UTC)
        gap = Rejected(
            source_key=f"gap:{position.history}",
            reason="Gmail no longer knew what came since the last reading, so the mailbox was looked through again",
            where=f"Gmail, a gap since {since:%Y-%m-%d}",
        )
        anew = Position(
            history=history_id(self._profile()),
            newest=newest,
            reading=True,
            back_to=max(newest - _in_milliseconds(MARGIN), 0),
            cooling=COOLING,
            owed=position.owed,
        )
        return (yield from self._look_back(anew, None, gap))

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


def _withheld(number: str) -> Rejected:
    reason = "Gmail has trouble handing over this message; it is asked for again with each reading, for a day"
    return Rejected(source_key=number, reason=reason, where=f"Gmail, message {number}")


def _given_up(number: str) -> Rejected:
    reason = "Gmail has trouble handing over this message and many others; it is not asked for again"
    return Rejected(source_key=number, reason=reason, where=f"Gmail, message {number}")


def _count(profile: Mapping[str, Any]) -> int | None:
    found = profile.get("messagesTotal")
    return found if isinstance(found, int) else None


def _milliseconds(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp() * 1000)


def _in_milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
