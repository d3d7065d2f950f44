"""The feed's schema is a contract: it does not change under readers who go by its number."""

from __future__ import annotations

import hashlib
import json

from keepwarm.outputs.feed import SCHEMA, schema

PUBLISHED = {1: "413e5dadeac15bc133aa3f7e6390c139"}
"""By number: what was shipped under it. A published number keeps its digest for good."""

WHAT_TO_DO = (
    "The feed's schema has changed. Raise SCHEMA in outputs/feed.py, and `$id` and `schema.const` in "
    "outputs/feed.schema.json; say in CHANGELOG.md and docs/feed.md what readers have to do; then add the new number "
    "here with the digest {digest}. Do not change the digest of a number that was published."
)


def digest(document: object) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def test_the_schema_does_not_change_without_its_number() -> None:
    found = digest(schema())
    assert PUBLISHED.get(SCHEMA) == found, WHAT_TO_DO.format(digest=found)


def test_lines_name_the_number_of_the_schema_that_ships() -> None:
    assert (schema()["$id"], schema()["properties"]["schema"]) == (f"urn:keepwarm:feed:{SCHEMA}", {"const": SCHEMA})
    assert max(PUBLISHED) == SCHEMA
