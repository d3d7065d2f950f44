"""The feed as a consumer reads it: each line a JSON object that fits the schema."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema_rs

from keepwarm.outputs.feed import schema


@cache
def _validator() -> Any:
    return jsonschema_rs.validator_for(schema(), validate_formats=True)


def valid_lines(text: str) -> list[dict[str, Any]]:
    """Give the lines of a feed, each of which must fit the schema that ships."""
    assert text == "" or text.endswith("\n"), "the feed ends in the middle of a line"
    lines = [json.loads(line) for line in text.split("\n")[:-1]]
    for line in lines:
        faults = [fault.message for fault in _validator().iter_errors(line)]
        assert faults == [], f"line {line.get('seq')}: {faults}"
    return lines
