"""What changed in a calendar at Google, put together by series: a series with all its exceptions, or a single event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.contract import Later
from keepwarm.connectors.google_events import Event, is_cancelled, is_exception, recurrence_id, series_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from keepwarm.connectors.google_api import GoogleApi, Parts
    from keepwarm.connectors.series import Window

PAGE = 2500  # events
BATCH = 50
"""Requests that the Calendar API takes in one batch."""

_MOST_PAGES = 1000
_PATIENCE = 3
"""Pulls in which a series cannot be had, until it is noted, and the rest of its calendar goes on without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A series with its exceptions, or a single event; ``name`` is its id."""

    name: str
    events: tuple[Event, ...]
    is_whole: bool = True  # nothing of it is missing

    @property
    def uid(self) -> str:
        """The UID that its events share; one made of the id if Google told none."""
        return next((str(one["iCalUID"]) for one in self.events if one.get("iCalUID")), f"{self.name}@google.com")

    @property
    def repeats(self) -> bool:
        """Is it a series, whose later occurrences come into the window as days pass?"""
        return any(event.get("recurrence") for event in self.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is new or changed, and what was deleted: keys, with a "/" at the end for all of a series."""

    groups: tuple[Group, ...]
    gone: tuple[str, ...] = ()
    token: str  # the next sync token
    whole: bool = False  # ``groups`` is all that the calendar holds
    refused: Mapping[str, str] = field(default_factory=dict)  # series that Google does not hand over: UID by name


class ChangeReader:
    """Asks one calendar.

    ``known`` keeps what was answered of series while the rest is put off, so that whoever asks again goes on there.
    """

    def __init__(self, api: GoogleApi, calendar: str, window: Window, known: Parts) -> None:
        self._api = api
        self._calendar = calendar
        self._window = window
        self._known = known
        self._events = api.service.events()

    def everything(self) -> Changes:
        """Give all that the calendar holds. Raises NotFoundError, Later, SignInNeeded or Refused."""
        since = self._window.since.strftime("%Y-%m-%dT%H:%M:%SZ")
        items, token = self._listed(timeMin=since)
        return Changes(groups=tuple(_grouped(items)), token=_needed(token), whole=True)

    def since(self, token: str, again: Mapping[str, str]) -> Changes:
        """Give what changed since ``token``, and the series of ``again`` (UID by id) in any case.

        Raises NotFoundError (410: the token is not known any more), Later, SignInNeeded or Refused.
        """
        items, following = self._listed(syncToken=token)
        series, singles, gone = dict[str, list[Event]](), list[Group](), list[str]()
        for item in items:
            if is_cancelled(item) and not is_exception(item):
                gone.append(series_of(item))  # what the owner organized keeps its details, so its recurrence, too
            elif is_exception(item) or item.get("recurrence"):
                series.setdefault(series_of(item), []).append(item)
            else:
                singles.append(Group(name=series_of(item), events=(item,)))
        deleted = set(gone)
        wanted = {name: series.get(name, []) for name in (*series, *again) if name not in deleted}
        groups, lost = self._whole_series(wanted, again)
        keys = (*(f"{name}/" for name in gone), *lost)
        refused = {
            name: _uid(wanted[name]) or again.get(name, "")
            for name in wanted
            if self._key(name, wanted[name]) in self._known.refused
        }
        return Changes(groups=(*singles, *groups), gone=keys, token=_needed(following), refused=refused)

    def _whole_series(
        self, wanted: Mapping[str, Sequence[Event]], uids: Mapping[str, str]
    ) -> tuple[list[Group], list[str]]:
        """Read series whole, given what is known to have changed in each; give them, and the keys of what is gone."""
        known = {name: uid for name in wanted if (uid := _uid(wanted[name]) or uids.get(name, ""))}
        unknown = [name for name in wanted if name not in known]
        asked = self._together(
            {f"id {name}": self._events.get(calendarId=self._calendar, eventId=name) for name in unknown}
        )
        known |= {name: uid for name in unknown if (uid := str(asked.get(f"id {name}", {}).get("iCalUID", "")))}
        keys = {name: self._key(name, wanted[name]) for name in known}
        answers = self._together({keys[name]: self._with_uid(uid) for name, uid in known.items()})
        lists = {name: answers[key] for name, key in keys.items() if key in answers}
        groups, gone = list[Group](), list[str]()
        for name, changed in wanted.items():
            if name in keys and keys[name] in self._known.refused:
                continue
            found = list(self._rest(lists[name], known[name])) if name in lists else []
            events = _merged(name, found, changed)
            core = next((one for one in events if one["id"] == name), None)
            if core is not None:
                if is_cancelled(core):
                    gone.append(f"{name}/")
                else:
                    groups.append(Group(name=name, events=tuple(events)))
                continue
            # The owner has single occurrences of somebody's series, or nothing of it any more.
            left = [one for one in events if is_exception(one) and not is_cancelled(one)]
            if left:
                groups.append(Group(name=name, events=tuple(left), is_whole=False))
            gone += [f"{name}/{recurrence_id(one)}" for one in events if is_exception(one) and is_cancelled(one)]
        return groups, gone

    def _with_uid(self, uid: str, **page: str) -> Any:
        return self._events.list(
            calendarId=self._calendar, iCalUID=uid, showDeleted=True, singleEvents=False, maxResults=PAGE, **page
        )

    def _rest(self, answer: Mapping[str, Any], uid: str) -> Iterator[Event]:
        """Give the events of an answer, and of the pages after it."""
        for _ in range(_MOST_PAGES):
            yield from answer.get("items", ())
            token = str(answer.get("nextPageToken", ""))
            if not token:
                return
            answer = self._api.ask(self._with_uid(uid, pageToken=token), 1)
        raise Later("Google gives pages of a series without an end.")

    def _together(self, requests: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """Ask in batches; what does not exist is left out. Raises Later if one of the answers cannot be had now."""
        names = list(requests)
        for start in range(0, len(names), BATCH):
            chunk = {name: requests[name] for name in names[start : start + BATCH]}
            if self._api.ask_together(chunk, 1, self._known).failed:
                # The list of changes came a moment ago: it is these series, not Google, that cannot be had.
                self._known.lose_patience(_PATIENCE)
            if self._known.failed:
                raise self._api.put_off(self._known)
        return {name: self._known.found[name] for name in names if name in self._known.found}

    def _key(self, name: str, changed: Sequence[Event]) -> str:
        """Name a request for a series: what is known of it is old once it has changed again."""
        return "\n".join([name, *sorted(f"{one.get('id')} {one.get('updated')} {one.get('etag')}" for one in changed)])

    def _listed(self, **asked: str) -> tuple[list[Event], str]:
        """List all pages; give the events, and the next sync token."""
        items, token = list[Event](), ""
        tokens = set[str]()
        while True:
            page = {"pageToken": token} if token else {}
            answer = self._api.ask(
                self._events.list(
                    calendarId=self._calendar, showDeleted=True, singleEvents=False, maxResults=PAGE, **asked, **page
                ),
                1,
            )
            items += [one for one in answer.get("items", ()) if one.get("id")]
            token = str(answer.get("nextPageToken", ""))
            if not token:
                return items, str(answer.get("nextSyncToken", ""))
            if token in tokens or len(tokens) > _MOST_PAGES:
                raise Later("Google gives pages of a calendar without an end.")
            tokens.add(token)


def _needed(token: str) -> str:
    if not token:
        raise Later("Google gave no sync token for this calendar.")
    return token


def _grouped(items: Iterable[Event]) -> Iterator[Group]:
    """Put a whole calendar together by series; what was deleted is simply not there."""
    by_series: dict[str, dict[str, Event]] = {}
    for item in items:
        by_series.setdefault(series_of(item), {})[item["id"]] = item
    for name, events in by_series.items():
        core = events.get(name)
        if core is not None and is_cancelled(core):
            continue
        kept = [one for one in events.values() if core is not None or not is_cancelled(one)]
        if kept:
            yield Group(name=name, events=tuple(kept))


def _uid(events: Iterable[Event]) -> str:
    return next((str(one["iCalUID"]) for one in events if one.get("iCalUID")), "")


def _merged(name: str, found: Iterable[Event], changed: Iterable[Event]) -> list[Event]:
    """Give the events of one series: as they were just listed, else as they came with the changes."""
    mine = {one["id"]: one for one in changed if one.get("id")}
    mine |= {one["id"]: one for one in found if one.get("id") and series_of(one) == name}
    return list(mine.values())
