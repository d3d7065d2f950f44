"""Which calendars there are (RFC 6764, RFC 4791, RFC 5397), starting from whatever address the owner gave.

Terms. The *principal* is the user, as the server knows them; their *homes* are the collections that their calendars
lie in. Where the calendars are is found once; from then on one PROPFIND of a home shows them all, with what changes
when something in them does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from keepwarm.connectors.contract import Later, Refused, SignInNeeded
from keepwarm.connectors.http import is_of_same_owner
from keepwarm.connectors.multistatus import CALDAV, CALENDAR_SERVER, DAV, normal_path
from keepwarm.connectors.webdav import StatusError, server_of
from keepwarm.connectors.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keepwarm.connectors.contract import ConnectorError
    from keepwarm.connectors.multistatus import Answer, Multistatus
    from keepwarm.connectors.webdav import WebDav

MAX_HOMES = 10
MAX_CALENDARS = 500
MAX_NAME = 200
_WHERE = ("d:resourcetype", "d:current-user-principal", "c:calendar-home-set")
_WHAT = (
    "d:resourcetype",
    "d:displayname",
    "d:sync-token",
    "d:supported-report-set",
    "c:supported-calendar-component-set",
    "s:getctag",
)
_NO_CALENDARS = frozenset(
    (
        f"{CALDAV}schedule-inbox",
        f"{CALDAV}schedule-outbox",
        f"{CALENDAR_SERVER}notification",
        "{http://nextcloud.com/ns}deleted-calendar",
        "{http://nextcloud.com/ns}trash-bin",
    )
)
_CURE = (
    "Set url to the address of the calendar, or of the server, as the provider's help page for calendar apps gives it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A calendar, as the server lists it."""

    url: str  # ends with "/"
    name: str  # of its stream
    title: str = ""  # its display name: may change, may be that of another, too
    mark: str = ""  # getctag: another one when anything in it has changed; "" if the server has none
    token: str = ""  # its present sync-token
    syncs: bool | None = None  # whether it offers sync-collection; None: it does not say

    @property
    def path(self) -> str:
        """Give its path, normalised, ending with "/"."""
        return normal_path(self.url)

    def member(self, href: str) -> str:
        """Give the name of a resource in it by its normalised href; "" for itself, and what is elsewhere."""
        name = href.removeprefix(self.path) if href.startswith(self.path) else ""
        return "" if "/" in name else name


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to look for calendars: a home (depth 1), or one calendar (depth 0)."""

    url: str
    depth: int


class Discovery:
    """Finds the calendars, and remembers where they were."""

    def __init__(self, dav: WebDav, url: str) -> None:
        self._dav = dav
        self._url = url
        self._places: list[_Place] = []

    def calendars(self) -> list[Calendar]:
        """List the calendars as they are now: one request for each home, once the homes are known.

        Raises Later, SignInNeeded or Refused.
        """
        if self._places:
            try:
                return self._listed()
            except StatusError:
                self.forget()  # they were moved, or taken away
        self._places = self._find()
        try:
            return self._listed()
        except StatusError as error:
            self.forget()
            raise self._refused(error.status) from None

    def state(self, calendar: Calendar) -> Calendar:
        """Give one calendar as it is now. Raises StatusError, Later, SignInNeeded or Refused."""
        found, _ = self._propfind(calendar.url, _WHAT, 0)
        now = next(iter(_calendars(found.answers, calendar.url)), None)
        if now is None:
            raise StatusError(404)  # some servers say that in the answer alone
        return replace(now, url=calendar.url, name=calendar.name)

    def forget(self) -> None:
        """Forget where the calendars are; they are looked for again."""
        self._places = []

    def _listed(self) -> list[Calendar]:
        found: dict[str, Calendar] = {}
        forbidden: StatusError | None = None
        for place in self._places:
            try:
                answered, url = self._propfind(place.url, _WHAT, place.depth)
            except StatusError as error:
                if error.status != 403:
                    raise
                forbidden = error  # one of several homes: the others can be read
                continue
            for calendar in _calendars(answered.answers, url):
                found.setdefault(calendar.path, calendar)
        if forbidden is not None and not found:
            raise forbidden
        return _named(list(found.values())[:MAX_CALENDARS])

    def _find(self) -> list[_Place]:
        statuses: list[int] = []
        fault: ConnectorError | None = None
        for start in self._starts():
            try:
                places = self._from(start)
            except StatusError as error:
                statuses.append(error.status)
                continue
            except (Later, SignInNeeded) as error:
                if start == self._url:
                    raise
                fault = error  # the address kept for that is none of the user's: theirs may answer all the same
                continue
            if places:
                return places
        raise fault or self._refused(*statuses)

    def _starts(self) -> Iterator[str]:
        """Give the addresses to begin at; of a bare server, first the one that is kept for that (RFC 6764, 5)."""
        parts = urlsplit(self._url)
        well_known = parts._replace(path="/.well-known/caldav", query="", fragment="").geturl()
        yield from (self._url, well_known) if parts.path.strip("/") else (well_known, self._url)

    def _from(self, start: str) -> list[_Place]:
        """Look for calendars from one address. Raises StatusError, Later, SignInNeeded or Refused."""
        answer, url = self._ask(start)
        if answer is None:
            return []
        if _is_calendar(answer):
            return [_Place(url, 0)]
        homes = _homes(answer, url)
        if not homes and urlsplit(url).path.strip("/") and self._holds_calendars(url):
            return [_Place(url, 1)]
        if not homes:
            homes = self._homes_of_principal(answer, url)
        if not homes and self._holds_calendars(url):
            return [_Place(url, 1)]
        return [_Place(home, 1) for home in homes[:MAX_HOMES]]

    def _homes_of_principal(self, answer: Answer, url: str) -> list[str]:
        for href in answer.hrefs(f"{DAV}current-user-principal")[:1]:
            principal, found_at = self._ask(urljoin(url, href))
            if principal is not None:
                return _homes(principal, found_at)
        return []

    def _ask(self, url: str) -> tuple[Answer | None, str]:
        found, answered_at = self._propfind(url, _WHERE, 0)
        return next(iter(found.answers), None), answered_at

    def _holds_calendars(self, url: str) -> bool:
        try:
            found, _ = self._propfind(url, _WHAT, 1)
        except StatusError:  # it lists nothing: there may be another way
            return False
        return any(_is_calendar(answer) for answer in found.answers)

    def _propfind(self, url: str, names: Iterable[str], depth: int) -> tuple[Multistatus, str]:
        """Ask; but nobody other than the owner of the address that was set is sent the password. Raises Refused."""
        if is_of_same_owner(self._url, url):
            found, answered_at = self._dav.propfind(url, names, depth)
            if is_of_same_owner(self._url, answered_at):
                return found, answered_at
            url = answered_at
        raise Refused(
            f"{server_of(self._url)} sends on to {server_of(url)}, which is another site.",
            "If you trust it with your password, set url to an address there.",
        )

    def _refused(self, *statuses: int) -> Refused:
        server = server_of(self._url)
        if 403 in statuses:
            return Refused(f"{server} does not let this user see calendars (403).", _CURE)
        if statuses and set(statuses) <= {404, 410}:
            return Refused(f"At the address that is set, {server} has nothing (404).", _CURE)
        if statuses:
            return Refused(f"{server} does not answer as a CalDAV server does ({statuses[0]}).", _CURE)
        return Refused(f"No calendars were found on {server}.", _CURE)


def _homes(answer: Answer, url: str) -> list[str]:
    return [urljoin(url, href) for href in answer.hrefs(f"{CALDAV}calendar-home-set")]


def _is_calendar(answer: Answer) -> bool:
    """Say whether an answer is about a calendar that may hold events (RFC 4791, 4.2 and 5.2.3)."""
    kinds = {element.tag for element in answer.children(f"{DAV}resourcetype")}
    if f"{CALDAV}calendar" not in kinds or kinds & _NO_CALENDARS:
        return False
    held = {one.get("name", "").upper() for one in answer.children(f"{CALDAV}supported-calendar-component-set")}
    return not held or "VEVENT" in held


def _calendars(answers: Iterable[Answer], url: str) -> Iterator[Calendar]:
    for answer in answers:
        if not _is_calendar(answer):
            continue
        reports = answer.properties.get(f"{DAV}supported-report-set")
        yield Calendar(
            url=urljoin(url, answer.href).rstrip("/") + "/",
            name="",
            title=clean(answer.text(f"{DAV}displayname"))[:MAX_NAME],
            mark=answer.text(f"{CALENDAR_SERVER}getctag"),
            token=answer.text(f"{DAV}sync-token"),
            syncs=None if reports is None else any(True for _ in reports.iter(f"{DAV}sync-collection")),
        )


def _named(calendars: list[Calendar]) -> list[Calendar]:
    """Name each calendar after the last part of its path, or after all of it where that is another's name already.

    The display name would read better, but it can be changed, and given twice: a stream needs a name that stays.
    """
    taken: set[str] = set()
    named = []
    for calendar in calendars:
        path = calendar.path.strip("/")
        last = path.rpartition("/")[2]
        name = next((one for one in (_readable(last), _readable(path)) if one and one not in taken), path)
        taken.add(name)
        named.append(replace(calendar, name=name))
    return named


def _readable(part: str) -> str:
    """Give a part of a path as people write it; "" if that is not fit to be a name."""
    written = unquote(part, errors="replace")
    fit = written == clean(written) and "\ufffd" not in written and len(written) <= MAX_NAME
    return written if fit else ""
