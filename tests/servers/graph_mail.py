"""The mail of the tests' Graph: folders, messages, and delta query of the messages of a folder."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.servers.graph import GONE, Log, RefusedError, Told, error, packed, paged, selected, unpacked

if TYPE_CHECKING:
    from tests.servers.graph import Asked

WELL_KNOWN = {
    "inbox": "Inbox",
    "sentitems": "Sent Items",
    "archive": "Archive",
    "drafts": "Drafts",
    "deleteditems": "Deleted Items",
    "junkemail": "Junk Email",
    "outbox": "Outbox",
}
BASIC = (
    "id", "createdDateTime", "lastModifiedDateTime", "changeKey", "categories", "receivedDateTime", "sentDateTime",
    "hasAttachments", "internetMessageId", "subject", "importance", "parentFolderId", "conversationId",
    "conversationIndex", "isDeliveryReceiptRequested", "isReadReceiptRequested", "isRead", "isDraft", "webLink",
    "inferenceClassification", "flag", "sender", "from", "toRecipients", "ccRecipients", "bccRecipients", "replyTo",
    "internetMessageHeaders", "meetingMessageType",
)  # fmt: skip
WITHHELD = ("body", "bodyPreview", "uniqueBody")
READING = frozenset({"Mail.ReadBasic", "Mail.Read"})
_FOLDERS = re.compile(r"/me/mailFolders(?:/([^/]+))?(/childFolders)?")
_DELTA = re.compile(r"/me/mailFolders[/(]'?([^/']+)'?\)?/messages/delta")
_ONE = re.compile(r"/me/messages/([^/]+)")
MOST_FILTERED = 5_000


@dataclass(slots=True)
class Folder:
    """A folder, with the changes in it."""

    id: str
    name: str
    parent: str = "root"
    hidden: bool = False
    log: Log = field(default_factory=Log)


@dataclass(slots=True)
class Mailbox:
    """A mailbox. ``headers``: "given", "left out" or "refused" to whoever may not read bodies."""

    folders: dict[str, Folder] = field(default_factory=dict)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)  # by immutable id
    headers: str = "given"
    loops: bool = False  # each nextLink leads to the page that it stands on
    empty_pages: int = 0  # before each page that holds anything
    sent: list[bytes] = field(default_factory=list)  # what was sent as MIME
    count: int = 0
    _told_at: dict[str, int] = field(default_factory=dict)  # state of the log when more than isRead changed

    def __post_init__(self) -> None:
        for name in WELL_KNOWN.values():
            self.add_folder(name)

    def add_folder(self, name: str, parent: str = "root", *, hidden: bool = False) -> str:
        """Add a folder; give its id."""
        number = f"folder{len(self.folders)}=="
        self.folders[number] = Folder(number, name, parent, hidden)
        return number

    def folder(self, name: str) -> Folder:
        """Give a folder by its id, its well-known name or its display name. Raises RefusedError."""
        shown = WELL_KNOWN.get(name.lower(), name)
        for folder in self.folders.values():
            if name == folder.id or shown == folder.name:
                return folder
        raise RefusedError(error(404, "ErrorItemNotFound", "The specified object was not found in the store."))

    def add(self, message: dict[str, Any], folder: str = "inbox") -> str:
        """Put a message into a folder; give its immutable id."""
        self.count += 1
        number = f"immutable{self.count}"
        within = self.folder(folder)
        self.messages[number] = {"@odata.type": "#microsoft.graph.message", "isDraft": False, **message}
        self.messages[number] |= {"parentFolderId": within.id}
        within.log.note(number)
        self._told_at[number] = within.log.state
        return number

    def change(self, number: str, **properties: Any) -> None:
        """Change a message where it lies; if that is whether it was read, delta tells of nothing else."""
        self.messages[number] |= properties
        log = self._where(number).log
        log.note(number)
        if properties.keys() != {"isRead"}:
            self._told_at[number] = log.state

    def move(self, number: str, folder: str) -> None:
        """Move a message to another folder: it keeps its immutable id, and gets another ordinary one."""
        self._where(number).log.note(number)
        to = self.folder(folder)
        self.messages[number]["parentFolderId"] = to.id
        to.log.note(number)
        self._told_at[number] = to.log.state

    def away_and_back(self, number: str, folder: str) -> None:
        """Move a message away and back between two polls: with immutable ids delta tells of neither."""
        self._where(number).log.note(number, silently=True)
        self.folder(folder).log.note(number, silently=True)

    def delete(self, number: str) -> None:
        """Delete a message for good."""
        self._where(number).log.note(number)
        del self.messages[number]

    def _where(self, number: str) -> Folder:
        return self.folders[self.messages[number]["parentFolderId"]]

    # What is answered.

    def __call__(self, asked: Asked) -> Told | None:
        if asked.path.startswith("/me/mailFolders") and asked.scopes.isdisjoint(READING):
            return error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        if found := _DELTA.fullmatch(asked.path):
            return self._delta(self.folder(found[1]), asked)
        if found := _FOLDERS.fullmatch(asked.path):
            return self._folders(found[1], bool(found[2]), asked)
        if found := _ONE.fullmatch(asked.path):
            return self._one(found[1], asked)
        if (asked.method, asked.path) == ("POST", "/me/sendMail"):
            return self._send(asked)
        return None

    def _one(self, key: str, asked: Asked) -> Told:
        message = self.messages.get(unquote(key))
        if asked.scopes.isdisjoint(READING) or message is None:
            return error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        withheld = () if "Mail.Read" in asked.scopes else WITHHELD
        chosen = [name for name in asked.query.get("$select", "").split(",") if name and name not in withheld]
        return Told(body=selected({**message, "id": key}, ["id", *chosen], (*BASIC, *WITHHELD)))

    def _send(self, asked: Asked) -> Told:
        if "Mail.Send" not in asked.scopes:
            return error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        if asked.headers.get("content-type") != "text/plain":
            return error(415, "UnsupportedMediaType", "Only MIME is taken here.")
        try:
            self.sent.append(base64.b64decode(asked.body, validate=True))
        except ValueError:
            return error(400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content.")
        return Told(status=202, headers={"request-id": f"request-{len(self.sent)}"})

    def _folders(self, name: str | None, children: bool, asked: Asked) -> Told:
        if name and not children:
            return Told(body=self._shown(self.folder(name)))
        parent = self.folder(name).id if name else "root"
        hidden = asked.query.get("includeHiddenFolders") == "true"
        found = [one for one in self.folders.values() if one.parent == parent and (hidden or not one.hidden)]
        return paged([self._shown(one) for one in found], asked)

    def _shown(self, folder: Folder) -> dict[str, Any]:
        children = sum(one.parent == folder.id for one in self.folders.values())
        return {
            "id": folder.id,
            "displayName": folder.name,
            "parentFolderId": folder.parent,
            "childFolderCount": children,
            "isHidden": folder.hidden,
        }

    def _delta(self, folder: Folder, asked: Asked) -> Told:
        token = asked.query.get("$skiptoken") or asked.query.get("$deltatoken")
        state = unpacked(token) if token else self._begun(folder, asked)
        self._check_headers(state["select"], asked)
        if state["until"] < folder.log.forgotten:
            return GONE
        if "$deltatoken" in asked.query:
            state = {**state, "since": state["until"], "until": folder.log.state, "after": 0, "given": 0}
        page, more = self._page(folder, state, asked)
        shown = [self._item(folder, key, state, asked) for key in page]
        link = f"{asked.base}/me/mailfolders('{folder.id}')/messages/delta?"
        link = link.replace("mailfolders", "mailFolders")
        if more or state.get("empty", 0) > 0:
            following = packed(state if self.loops else more or {**state, "empty": state["empty"] - 1})
            return Told(body={"@odata.nextLink": f"{link}$skiptoken={following}", "value": shown})
        done = {"since": 0, "until": state["until"], "after": 0, "given": 0, "select": state["select"]}
        return Told(body={"@odata.deltaLink": f"{link}$deltatoken={packed(done)}", "value": shown})

    def _begun(self, folder: Folder, asked: Asked) -> dict[str, Any]:
        select = [name for name in asked.query.get("$select", "").split(",") if name]
        begun = {"since": -1, "until": folder.log.state, "after": 0, "given": 0, "select": select}
        if "$filter" in asked.query:
            begun["most"] = MOST_FILTERED
        return begun

    def _check_headers(self, select: list[str], asked: Asked) -> None:
        if "internetMessageHeaders" in select and self.headers == "refused" and "Mail.Read" not in asked.scopes:
            raise RefusedError(error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."))

    def _page(self, folder: Folder, state: dict[str, Any], asked: Asked) -> tuple[list[str], dict[str, Any] | None]:
        """Give the keys of a page, and the state of the next one, if there is more."""
        if state.get("empty", 0) > 0:
            return [], None
        if state["since"] < 0:  # a first round: what is there, in the order in which it came
            items = [
                (at, key) for key, at in sorted(folder.log.order.items(), key=lambda one: one[1])
                if key in self.messages and self._where(key) is folder and at <= state["until"]
            ]  # fmt: skip
        else:
            items = folder.log.changed(state["since"], state["until"])
        left = [(at, key) for at, key in items if at > state["after"]]
        most = min(asked.page, state.get("most", 10**9) - state["given"])
        page = left[:most]
        if len(page) < len(left) and state["given"] + len(page) < state.get("most", 10**9):
            more = {**state, "after": page[-1][0], "given": state["given"] + len(page), "empty": self.empty_pages}
            return [key for _, key in page], more
        return [key for _, key in page], None

    def _item(self, folder: Folder, key: str, state: dict[str, Any], asked: Asked) -> dict[str, Any]:
        number = key if asked.immutable else f"{folder.id}-{key}"
        message = self.messages.get(key)
        if message is None or self._where(key) is not folder:
            return {
                "@odata.type": "#microsoft.graph.message",
                "id": number,
                "@removed": {"reason": "deleted"},
            }
        if self._told_at[key] <= state["since"]:
            return {
                "@odata.type": "#microsoft.graph.message",
                "id": number,
                "isRead": message["isRead"],
                "parentFolderId": folder.id,
            }
        full = "Mail.Read" in asked.scopes
        withheld = () if full else WITHHELD
        if not full and self.headers != "given":
            withheld = (*withheld, "internetMessageHeaders")
        told = {name: value for name, value in message.items() if name not in withheld}
        # Headers and the part of a body that is new are given to whoever asks for them only.
        chosen = state["select"] or [name for name in told if name not in ("internetMessageHeaders", "uniqueBody")]
        return selected({**told, "id": number}, chosen, (*BASIC, *WITHHELD, *told))
