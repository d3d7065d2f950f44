"""Feed: what happened, one JSON object a line, for other tools to follow."""

from __future__ import annotations

import json
import re
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from keepwarm.outputs.json_views import contact_object, utc_text

if TYPE_CHECKING:
    from keepwarm.storage.views import FeedEntry

SCHEMA = 1

_FINDING = ("rule", "strength", "sentence", "historical", "facts", "evidence")
_DATA = {
    "signal.opened": _FINDING,
    "signal.cleared": ("signal", *_FINDING),
    "warmth.changed": ("before", "after", "band", "cause", "signal"),
    "contact.added": (),
    "contact.merged": ("merged", "into", "addresses"),
    "contact.forgotten": (),
    "meeting.changed": ("change", "by", "notice_hours"),
}
TYPES = tuple(_DATA)

# JSON lets these stand as they are; a terminal would obey them, and a reader of lines break at some.
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def line(entry: FeedEntry) -> str:
    """Give ``entry`` as one JSON object on one line, without the newline; keys in the contract's order.

    A control character or direction mark is written as its escape; a lone surrogate, which UTF-8 cannot hold,
    as U+FFFD. The same entry always gives the same line. Raises KeyError for a type that is not of the
    contract, and for data that is not or is missing; ValueError for a number that JSON has not (RFC 8259, 6).
    """
    document = {
        "seq": entry.seq,
        "id": entry.id,
        "type": entry.type,
        "time": utc_text(entry.time),
        "schema": SCHEMA,
        "contact": contact_object(entry.contact),
        "data": _data(entry),
    }
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, default=_plain)
    return _SURROGATE.sub("\ufffd", _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of one line."""
    text = files("keepwarm.outputs").joinpath("feed.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _data(entry: FeedEntry) -> dict[str, Any]:
    keys = _DATA[entry.type]
    unknown = entry.data.keys() - set(keys)
    if unknown:
        raise KeyError(f"{entry.type} has no {', '.join(sorted(unknown))}")
    data = {key: entry.data[key] for key in keys}
    if "facts" in data:
        data["facts"] = dict(sorted(data["facts"].items()))
    if "evidence" in data:
        data["evidence"] = [_evidence(item) for item in data["evidence"]]
    return data


def _evidence(item: dict[str, Any]) -> dict[str, Any]:
    return {key: item[key] for key in ("kind", "ref", "time", "what")}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return utc_text(value)
    raise TypeError(f"not for a feed: {value!r}")
