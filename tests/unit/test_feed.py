from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from keepwarm.outputs.feed import TYPES, line, schema
from keepwarm.outputs.json_views import contact_row, signal_row, utc_text
from tests.unit import views_samples as samples

if TYPE_CHECKING:
    from keepwarm.storage.views import FeedEntry

ENTRIES = samples.feed_entries()
VALID = Draft202012Validator(schema())
FINDING_KEYS = ["rule", "strength", "sentence", "historical", "facts", "evidence"]


def test_the_schema_is_a_valid_one() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_samples_cover_every_type() -> None:
    assert {entry.type for entry in ENTRIES} == set(TYPES) == set(schema()["properties"]["type"]["enum"])


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.seq}-{entry.type}")
def test_every_type_of_line_fits_the_schema(entry: FeedEntry) -> None:
    VALID.validate(json.loads(line(entry)))


@pytest.mark.parametrize("entry", ENTRIES[:4], ids=lambda entry: f"{entry.seq}-{entry.type}")
def test_the_schema_refuses_data_that_is_missing_or_unknown(entry: FeedEntry) -> None:
    document = json.loads(line(entry))
    assert not VALID.is_valid({**document, "data": {}})
    assert not VALID.is_valid({**document, "data": {**document["data"], "more": 1}})
    assert not VALID.is_valid({**document, "time": "2026-11-16T07:00:00+01:00"})


def test_keys_come_in_the_contracts_order_whatever_order_they_were_stored_in() -> None:
    document = json.loads(line(ENTRIES[0]))
    assert list(document) == ["seq", "id", "type", "time", "schema", "contact", "data"]
    assert list(document["contact"]) == ["id", "name", "addresses", "organisation", "labels"]
    assert list(document["data"]) == FINDING_KEYS
    assert list(document["data"]["facts"]) == ["held_after_move_60d", "moved_by_them_60d"]
    reordered = replace(ENTRIES[0], data=dict(reversed(ENTRIES[0].data.items())))
    assert line(reordered) == line(ENTRIES[0])


def test_a_line_has_no_break_and_no_control_and_loses_nothing() -> None:
    text = line(ENTRIES[0])
    assert len(text.splitlines()) == 1
    assert "\x9b" not in text
    assert json.loads(text)["data"]["evidence"][0]["what"] == "Ana moved “Review”\n\u2028\x9b"


def test_a_lone_surrogate_can_still_be_written() -> None:
    contact = replace(ENTRIES[0].contact, name="half \ud83d")
    assert json.loads(line(replace(ENTRIES[0], contact=contact)).encode())["contact"]["name"] == "half \ufffd"


def test_names_stay_readable() -> None:
    contact = replace(ENTRIES[0].contact, name="陳美玲")
    assert "陳美玲" in line(replace(ENTRIES[0], contact=contact))


def test_times_are_utc_with_a_z() -> None:
    assert json.loads(line(ENTRIES[0]))["time"] == "2026-11-22T17:00:00Z"
    assert utc_text(datetime.fromisoformat("2026-11-22T18:00:00.5+01:00")) == "2026-11-22T17:00:00.500000Z"
    with pytest.raises(ValueError, match="without a zone"):
        utc_text(datetime.fromisoformat("2026-11-22T18:00:00"))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"type": "contact.lost"}, KeyError),
        ({"data": {}}, KeyError),
        ({"data": {**ENTRIES[0].data, "more": 1}}, KeyError),
        ({"data": {**ENTRIES[0].data, "facts": {"ratio": float("nan")}}}, ValueError),
        ({"data": {**ENTRIES[0].data, "facts": {"set": {1}}}}, TypeError),
    ],
)
def test_what_is_not_of_the_contract_is_refused(changes: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        line(replace(ENTRIES[0], **changes))  # type: ignore[arg-type]


def test_a_contact_as_json_has_the_contracts_keys_and_no_others() -> None:
    row = contact_row(samples.JO)
    assert list(row) == [
        "id",
        "name",
        "addresses",
        "organisation",
        "labels",
        "warmth",
        "band",
        "trend",
        "last_in",
        "last_out",
        "next_meeting",
        "ping_interval_days",
        "open_signals",
    ]
    assert json.loads(json.dumps(row)) == row
    assert row["next_meeting"] == "2026-11-24T09:00:00Z"
    assert contact_row(samples.ANA)["next_meeting"] is None


def test_a_signal_as_json_has_the_contracts_keys_and_no_others() -> None:
    row = signal_row(samples.busy_signals()[0])
    assert list(row) == [
        "id",
        "rule",
        "contact",
        "strength",
        "opened",
        "cleared",
        "historical",
        "sentence",
        "facts",
        "evidence",
    ]
    assert json.loads(json.dumps(row)) == row
    assert row["contact"] == json.loads(line(ENTRIES[0]))["contact"]
    assert list(row["evidence"][0]) == ["kind", "ref", "time", "what"]
    assert row["cleared"] is None
