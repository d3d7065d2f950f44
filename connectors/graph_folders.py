"""The folders of a mailbox at Microsoft: which are read, and what their streams are called."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from keepwarm.connectors.graph_client import NotThereError
from keepwarm.connectors.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keepwarm.connectors.graph_client import GraphClient, Json

SENT = "sentitems"
EVERYTHING = ("*",)
CALENDARS = "calendar:"
"""What the globs that choose among the calendars begin with."""

MAX_FOLDERS = 2_000
MAX_DEPTH = 20
MAX_NAME = 200
_NAMED = ("inbox", SENT, "archive")
"""Well-known folders whose streams are named so: their display names are in the mailbox's language."""

_LEFT_OUT = ("junkemail", "deleteditems", "drafts", "outbox", "syncissues", "conversationhistory")
_PROPERTIES = "id,displayName,childFolderCount"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """One folder. ``stream`` names it for good, ``path`` as its owner knows it."""

    id: str
    stream: str
    path: str
    unwanted: bool = False  # junk, deleted items, drafts, or in one of those
    well_known: bool = False  # so that its stream has a name of Microsoft's


def folders(client: GraphClient) -> list[Folder]:
    """List the folders of a mailbox that are not hidden.

    Raises NotAllowedError, and the contract's errors.
    """
    named = {number: name for name in _NAMED if (number := _well_known(client, name))}
    left_out = {number for name in _LEFT_OUT if (number := _well_known(client, name))}
    found: list[Folder] = []
    waiting: list[tuple[str, Folder | None, int]] = [("/me/mailFolders", None, 0)]
    while waiting and len(found) < MAX_FOLDERS:
        path, parent, depth = waiting.pop()
        for listed in _listed(client, path):
            folder = _folder(listed, parent, named, left_out)
            if folder is None:
                continue
            found.append(folder)
            if listed.get("childFolderCount") and depth < MAX_DEPTH:
                waiting.append((f"/me/mailFolders/{quote(folder.id, safe='')}/childFolders", folder, depth + 1))
    return found


def chosen(found: Iterable[Folder], include: Sequence[str], exclude: Sequence[str]) -> list[Folder]:
    """Give the folders to read, the inbox first; ``include`` names exactly what is read, be it junk."""
    include = [glob for glob in include if not glob.startswith(CALENDARS)] or EVERYTHING
    every = tuple(include) == EVERYTHING
    wanted = [
        folder
        for folder in found
        if (not folder.unwanted if every else _matches(folder, include)) and not _matches(folder, exclude)
    ]
    return sorted(wanted, key=lambda folder: (folder.stream != "inbox", folder.stream))


def told_apart(found: Sequence[Folder]) -> list[Folder]:
    """Give each folder a stream of its own: "A/B" may be the name of a folder, or of B in A."""
    count = Counter(folder.stream for folder in found)
    return [
        folder if folder.well_known or count[folder.stream] == 1 else replace(folder, stream=_with_number(folder))
        for folder in found
    ]


def _with_number(folder: Folder) -> str:
    return f"{folder.stream}:{sha256(folder.id.encode()).hexdigest()[:8]}"


def _well_known(client: GraphClient, name: str) -> str:
    try:
        number = client.get(client.address(f"/me/mailFolders/{name}", _select="id")).get("id")
    except NotThereError:  # not every mailbox has each of them
        return ""
    return number if isinstance(number, str) else ""


def _listed(client: GraphClient, path: str) -> Iterator[Json]:
    first = client.address(path, _select=_PROPERTIES, _top="100")
    for page in client.pages(first, from_start=True):
        yield from page.items


def _folder(listed: Json, parent: Folder | None, named: dict[str, str], left_out: set[str]) -> Folder | None:
    number, name = listed.get("id"), listed.get("displayName")
    is_search = str(listed.get("@odata.type", "")).endswith("mailSearchFolder")  # shows what lies elsewhere
    if not isinstance(number, str) or not isinstance(name, str) or is_search:
        return None
    shown = clean(name)[:MAX_NAME]
    return Folder(
        id=number,
        stream=named.get(number) or (f"{parent.stream}/{shown}" if parent else shown),
        path=f"{parent.path}/{shown}" if parent else shown,
        unwanted=number in left_out or (parent is not None and parent.unwanted),
        well_known=number in named,
    )


def _matches(folder: Folder, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob.replace("[", "[[]")) for glob in globs for name in (folder.path, folder.stream))
