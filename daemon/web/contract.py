"""The contract: the API as OpenAPI 3.1 has it, with the feed's own schema in it."""

from __future__ import annotations

import json
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from keepwarm.outputs import feed

_LOCAL = "#/$defs/"
_SHARED = "#/components/schemas/feed_"


def document(origin: str) -> dict[str, Any]:
    """Give the OpenAPI document of the API that is served there."""
    found: dict[str, Any] = json.loads(files("keepwarm.daemon.web").joinpath("openapi.json").read_text("utf-8"))
    found["info"]["version"] = version("keepwarm")
    found["servers"] = [{"url": origin}]
    entry = _shared(feed.schema())
    for name in ("$schema", "$id"):
        del entry[name]
    parts = {f"feed_{name}": part for name, part in entry.pop("$defs").items()}
    found["components"]["schemas"] |= {"feed_entry": entry, **parts}
    return found


def _shared(schema: Any) -> Any:
    """Give a schema whose references are to the document's components."""
    match schema:
        case dict():
            return {
                name: part.replace(_LOCAL, _SHARED) if name == "$ref" else _shared(part)
                for name, part in schema.items()
            }
        case list():
            return [_shared(part) for part in schema]
    return schema
