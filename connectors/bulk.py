"""The class of a message: written by a person, or one of the kinds that say nothing about a relationship.

Evidence is what a sender's software states in the header: RFC 2919 (List-Id), RFC 2369 (List-Unsubscribe),
RFC 3834 (Auto-Submitted), RFC 6522 (multipart/report), and the habits of well-known products, which are
data (``bulk.toml``).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from keepwarm.connectors.robots import bulk_data, is_robot_address
from keepwarm.storage.observations import MessageKind

if TYPE_CHECKING:
    from keepwarm.connectors.fields import Fields

TICKET_FIELDS: tuple[str, ...] = tuple(bulk_data()["tickets"]["fields"])

BULK_FIELDS: tuple[str, ...] = (
    "Auto-Submitted",
    "Content-Type",
    "Feedback-ID",
    "In-Reply-To",
    "List-Id",
    "List-Post",
    "List-Unsubscribe",
    "Precedence",
    "Return-Path",
    "X-Auto-Response-Suppress",
    "X-Autoreply",
    "X-Autorespond",
    *TICKET_FIELDS,
)
"""The header fields that ``kind_of`` looks at."""

_TICKET_KEYS = frozenset(field.lower() for field in TICKET_FIELDS)
_SELDOM = frozenset(field.lower() for field in BULK_FIELDS) - {"content-type", "in-reply-to", "return-path"}
_LIST_KEYS = frozenset(("list-id", "list-unsubscribe", "list-post"))
_WORDS = bulk_data()["out_of_office"]
_AWAY_PREFIXES, _AWAY_BEGINNINGS = tuple(_WORDS["prefixes"]), tuple(_WORDS["beginnings"])
_DESKS = frozenset(bulk_data()["robots"]["desks"])


def kind_of(fields: Fields, *, author: str, subject: str) -> MessageKind:
    """Classify a message by its header, its author's address ("" if unknown) and its decoded subject."""
    content_type = _first(fields, "content-type")
    if content_type.startswith("text/calendar"):
        return MessageKind.INVITATION
    if content_type.startswith("multipart/report"):
        return MessageKind.AUTOMATED
    subject = subject.lower()
    # What most people's programs write says nothing: then neither need be asked what it says.
    says_something = not _SELDOM.isdisjoint(fields) or _first(fields, "return-path") == "<>"
    if _is_out_of_office(fields, author, subject) if says_something else _is_announced(author, subject):
        return MessageKind.OUT_OF_OFFICE
    if says_something and _is_list(fields):
        return MessageKind.LIST
    if _is_automated(fields, author) if says_something else is_robot_address(author):
        return MessageKind.AUTOMATED
    return MessageKind.INVOICE if _is_invoice(fields, subject) else MessageKind.HUMAN


def _first(fields: Fields, name: str) -> str:
    values = fields.get(name)
    return values[0].lower() if values else ""


def _auto_submitted(fields: Fields) -> str:
    """Give the value of Auto-Submitted (RFC 3834, 5); "" where it says that a person wrote."""
    value = _first(fields, "auto-submitted")
    return "" if value.partition(";")[0].partition("(")[0].strip() == "no" else value


def _is_announced(author: str, subject: str) -> bool:
    """Say whether the subject alone is an absent person's machine's, and none of a help desk's."""
    return subject.startswith(_AWAY_PREFIXES) and not is_robot_address(author) and not _is_desk(author)


def _is_out_of_office(fields: Fields, author: str, subject: str) -> bool:
    """Tell an absent person's machine from a person who writes of an absence, and from a help desk's."""
    if _is_announced(author, subject):
        return True
    if is_robot_address(author) or _is_desk(author):
        return False
    if "x-autoreply" in fields or "x-autorespond" in fields:
        return True
    automatic = _auto_submitted(fields)
    if automatic.startswith("auto-replied") and "vacation" in automatic:  # Sieve (RFC 5230) says it in a comment
        return True
    says_so = automatic or _first(fields, "precedence") == "auto_reply" or _first(fields, "return-path") == "<>"
    return bool(says_so) and subject.startswith(_AWAY_BEGINNINGS)


def _is_list(fields: Fields) -> bool:
    return not _LIST_KEYS.isdisjoint(fields) or _first(fields, "precedence") == "list"


def _is_automated(fields: Fields, author: str) -> bool:
    return (
        bool(_auto_submitted(fields))
        or _first(fields, "precedence") in {"bulk", "junk", "auto_reply"}
        or _first(fields, "return-path") == "<>"
        or _is_bulk_feedback(_first(fields, "feedback-id"))
        or not _TICKET_KEYS.isdisjoint(fields)
        or is_robot_address(author)
        # Exchange adds this field to what people write too: it is worth something only from a desk.
        or ("x-auto-response-suppress" in fields and _is_desk(author))
    )


def _is_bulk_feedback(feedback_id: str) -> bool:
    sender = feedback_id.rpartition(":")[2].strip()
    return bool(feedback_id) and sender not in bulk_data()["feedback"]["personal"]


def _is_desk(author: str) -> bool:
    return author.partition("@")[0].partition("+")[0] in _DESKS


def _is_invoice(fields: Fields, subject: str) -> bool:
    """Recognise an invoice, and no talk about one: that is a reply, asks something, or has other words."""
    if "in-reply-to" in fields or "?" in subject:
        return False
    return _invoice().match(subject) is not None


@cache
def _invoice() -> re.Pattern[str]:
    words = bulk_data()["invoices"]
    lead, document, link, month, ending = (
        "|".join(map(re.escape, words[key])) for key in ("leads", "documents", "links", "months", "endings")
    )
    # "May" is a month at the end, or before a number: "invoice may be late" is talk.
    rest = rf"\S*\d|(?:{month})\b\W*(?:\d|$)|(?:{ending})\W*$"
    return re.compile(rf"(?:(?:{lead})[:,]? )?(?:{document})\b\W*(?:$|(?:(?:{link})\b\W*){{0,2}}(?:{rest}))")
