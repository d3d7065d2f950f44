"""A mailbox at Gmail: messages with labels, and the history of what happened to them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

from tests.servers.google_answers import Answer, NotThere, error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from email.message import Message

HIDDEN = frozenset({"SPAM", "TRASH"})
_KINDS = {"messageAdded": "messagesAdded", "labelRemoved": "labelsRemoved", "labelAdded": "labelsAdded"}


@dataclass(slots=True)
class Kept:
    """One message."""

    id: str
    raw: bytes
    at: int  # internalDate, in milliseconds
    labels: list[str]

    def short(self) -> dict[str, Any]:
        return {"id": self.id, "threadId": self.id}


@dataclass(slots=True)
class GoogleMail:
    """The messages by id; ids and history ids grow as Google's do."""

    address: str = "me@example.com"
    messages: dict[str, Kept] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    newest: int = 2**64 + 1000  # Google's own exceed 64 bits at times
    oldest: int = 0
    page_size: int = 500  # the most of one page, whatever is asked for
    empty_first: int = 0  # so many first pages of a history are empty, and have a nextPageToken
    between_pages: Callable[[], None] | None = None  # what happens after a page that is not the last
    goes_round: bool = False  # a page's nextPageToken is its own
    lists_gone: list[str] = field(default_factory=list)  # ids that are listed, and gone when they are asked for

    def deliver(self, raw: bytes, at: int, *labels: str) -> str:
        """Take in a message at ``at`` (seconds since 1970); give its id."""
        number = f"{0x18F000000000 + len(self.messages) + 1:x}"
        self.messages[number] = Kept(number, raw, at * 1000, list(labels or ("INBOX",)))
        self._note("messagesAdded", number)
        return number

    def relabel(self, number: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Change labels, as moving a message does."""
        kept = self.messages[number]
        kept.labels = [*(label for label in kept.labels if label not in set(remove)), *add]
        if remove:
            self._note("labelsRemoved", number, list(remove))
        if add:
            self._note("labelsAdded", number, list(add))

    def delete(self, number: str) -> None:
        """Delete a message for good; its history stays."""
        del self.messages[number]
        self._note("messagesDeleted", number)

    def forget_history(self) -> None:
        """Let all history records expire: who asks from before now gets 404."""
        self.newest += 1
        self.oldest = self.newest
        self.history.clear()

    def profile(self) -> Answer:
        total = len(self.messages)
        named = {"emailAddress": self.address, "historyId": str(self.newest)}
        return Answer(200, {**named, "messagesTotal": total, "threadsTotal": total})

    def list(self, one: dict[str, str]) -> Answer:
        shown = [kept for kept in self.messages.values() if not HIDDEN & set(kept.labels)]
        shown.sort(key=lambda kept: (kept.at, kept.id), reverse=True)
        if token := one.get("pageToken"):
            if not token.startswith("before-"):
                return error(400, "invalidArgument", "Invalid pageToken")
            _, at, number = token.split("-")
            shown = [kept for kept in shown if (kept.at, kept.id) < (int(at), number)]
        size = min(int(one.get("maxResults", 100)), 500, self.page_size)
        page = shown[:size]
        body: dict[str, Any] = {"resultSizeEstimate": len(shown)}
        if page:
            body["messages"] = [kept.short() for kept in page] + [{"id": n, "threadId": n} for n in self.lists_gone]
        if len(shown) > size:
            body["nextPageToken"] = f"before-{page[-1].at}-{page[-1].id}"
        return Answer(200, body)

    def get(self, number: str, form: str, wanted: Iterable[str]) -> Answer:
        kept = self.messages.get(number)
        if kept is None:
            raise NotThere
        body = {
            **kept.short(),
            "labelIds": kept.labels,
            "internalDate": str(kept.at),
            "sizeEstimate": len(kept.raw),
            "historyId": str(self.newest),
            "snippet": "",
        }
        if form == "raw":
            return Answer(200, {**body, "raw": base64.urlsafe_b64encode(kept.raw).decode()})
        names = {name.lower() for name in wanted}
        found = message_from_bytes(kept.raw)
        headers = [
            {"name": name, "value": " ".join(str(value).split())}
            for name, value in found.items()
            if not names or name.lower() in names
        ]
        return Answer(200, {**body, "payload": {**_tree(found, deep=form == "full"), "headers": headers}})

    def list_history(self, one: dict[str, str], kinds: Iterable[str]) -> Answer:
        start = int(one["startHistoryId"])
        if start < self.oldest:
            raise NotThere
        wanted = {_KINDS[kind] for kind in kinds if kind in _KINDS} or set(_KINDS.values())
        token = one.get("pageToken", "")
        skipped, _, known = token.partition("-")  # later pages show what was there when the first was asked for
        upto = int(known or self.newest)
        records = [one for one in self.history if start < int(one["id"]) <= upto and wanted & one.keys()]
        body: dict[str, Any] = {"historyId": str(self.newest)}
        empty = (
            int(skipped.removeprefix("empty") or 0) if skipped.startswith("empty") or not token else self.empty_first
        )
        if empty < self.empty_first:
            following = f"empty{empty + 1}" if empty + 1 < self.empty_first else "0"
            return Answer(200, {**body, "nextPageToken": f"{following}-{upto}"})
        if self.goes_round:
            return Answer(200, {**body, "nextPageToken": "again"})
        first, size = int(skipped or 0), min(int(one.get("maxResults", 100)), 500, self.page_size)
        if page := records[first : first + size]:
            body["history"] = page
        if len(records) > first + size:
            body["nextPageToken"] = f"{first + size}-{upto}"
            if self.between_pages is not None:
                self.between_pages()
        return Answer(200, body)

    def _note(self, kind: str, number: str, labels: Iterable[str] = ()) -> None:
        self.newest += 3
        kept = self.messages.get(number)
        message = {"id": number, "threadId": number, "labelIds": list(kept.labels) if kept else []}
        entry = {"message": message, **({"labelIds": list(labels)} if labels else {})}
        short = {"id": number, "threadId": number}
        self.history.append({"id": str(self.newest), "messages": [short], kind: [entry]})


def _tree(part: Message, *, deep: bool) -> dict[str, Any]:
    tree: dict[str, Any] = {"mimeType": part.get_content_type(), "filename": part.get_filename() or ""}
    if deep and part.is_multipart():
        tree["parts"] = [_tree(inner, deep=True) for inner in part.get_payload()]  # type: ignore[arg-type, union-attr]
    return tree
