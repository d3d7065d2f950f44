"""The calendars of an account at Google: those that the user owns, shown or not, or has ticked."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.contract import Later, Refused
from keepwarm.connectors.google_api import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keepwarm.connectors.google_api import GoogleApi

_MOST_PAGES = 40
_READABLE = frozenset({"owner", "writer", "reader"})
_VIRTUAL = "@group.v.calendar.google.com"  # holidays, birthdays, phases of the moon


def wanted_calendars(api: GoogleApi, include: Sequence[str], exclude: Sequence[str]) -> dict[str, str]:
    """Give the calendars to read: the title of each, by its id.

    ``include`` and ``exclude`` are globs over titles and ids. Raises Later, SignInNeeded or Refused.
    """
    found = [entry for entry in _entries(api) if _is_read(entry)]
    wanted = {str(entry["id"]): _title(entry) for entry in found if _is_chosen(entry, include, exclude)}
    if found and not wanted:
        names = ", ".join(_title(entry) for entry in found[:10])
        raise Refused("None of the calendars at Google is chosen by this account's folders.", f"Choose among: {names}.")
    return wanted


def _entries(api: GoogleApi) -> Iterator[Mapping[str, Any]]:
    calendars, token = api.service.calendarList(), ""
    for _ in range(_MOST_PAGES):
        page = {"pageToken": token} if token else {}
        try:
            answer = api.ask(calendars.list(maxResults=250, showHidden=True, showDeleted=False, **page), 1)
        except NotFoundError:
            raise Refused("There is no list of calendars at Google.", "Sign in as the one who is meant.") from None
        yield from answer.get("items", ())
        token = str(answer.get("nextPageToken", ""))
        if not token:
            return
    raise Later("Google gives calendars without an end.")


def _is_read(entry: Mapping[str, Any]) -> bool:
    if entry.get("deleted") or str(entry.get("id", _VIRTUAL)).endswith(_VIRTUAL):
        return False
    role, shown = entry.get("accessRole"), not entry.get("hidden")
    return role == "owner" or (role in _READABLE and shown and bool(entry.get("selected")))


def _title(entry: Mapping[str, Any]) -> str:
    return str(entry.get("summaryOverride") or entry.get("summary") or entry["id"])


def _is_chosen(entry: Mapping[str, Any], include: Sequence[str], exclude: Sequence[str]) -> bool:
    names = {_title(entry), str(entry.get("summary", "")), str(entry["id"])}
    chosen, left_out = (
        any(fnmatchcase(name, glob.replace("[", "[[]")) for glob in globs for name in names)
        for globs in (include, exclude)
    )
    return chosen and not left_out
