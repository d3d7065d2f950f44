"""The contract of all connectors: whoever stores each batch with its cursor has every item in the end."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keepwarm.connectors.contract import Connector
    from keepwarm.storage.observations import Batch, Cursor
    from tests.contract.sources import Source

LARGEST_BATCH = 1_000


@pytest.fixture
def connector(source: Source) -> Iterator[Connector]:
    connector = source.connector()
    yield connector
    connector.close()


def pull(connector: Connector, cursor: Cursor | None = None) -> list[Batch]:
    [stream] = connector.streams()
    return list(connector.pull(stream, cursor))


def keys(batches: Iterable[Batch]) -> list[str]:
    return [item.source_key for batch in batches for item in batch.seen]


def test_a_second_pull_finds_nothing_new(source: Source, connector: Connector) -> None:
    source.add(range(20))
    first = pull(connector)
    assert len(keys(first)) == 20
    assert pull(connector, first[-1].cursor) == []


def test_batches_are_bounded_and_count_what_they_stand_for(source: Source, connector: Connector) -> None:
    source.add(range(source.many))
    batches = pull(connector)
    assert len(batches) > 1
    assert max(len(batch.seen) for batch in batches) <= LARGEST_BATCH
    assert sum(batch.looked_at for batch in batches) == source.many
    assert {batch.total for batch in batches} <= {None, source.many}


def test_resuming_from_any_cursor_misses_nothing(source: Source, connector: Connector) -> None:
    source.add(range(source.many))
    batches = pull(connector)
    everything = keys(batches)
    assert len(set(everything)) == len(everything) == source.many
    for position, batch in enumerate(batches[:-1], 1):
        resumed = keys(pull(source.connector(), batch.cursor))
        assert set(keys(batches[:position])) | set(resumed) == set(everything)
        if not source.rereads:
            assert resumed == keys(batches[position:])


def test_new_items_are_found_from_the_last_cursor(source: Source, connector: Connector) -> None:
    source.add(range(5))
    before = pull(connector)
    source.add(range(5, 8))
    after = pull(connector, before[-1].cursor)
    new = set(keys(after)) - set(keys(before))
    assert len(new) == 3
    assert source.rereads or set(keys(after)) == new
    assert pull(connector, after[-1].cursor) == []


def test_an_empty_source_is_read_when_something_comes(source: Source, connector: Connector) -> None:
    empty = pull(connector)
    assert keys(empty) == []
    source.add(range(2))
    assert len(keys(pull(connector, empty[-1].cursor if empty else None))) == 2


def test_a_broken_item_is_rejected_once_and_the_others_are_read(source: Source, connector: Connector) -> None:
    source.add(range(3))
    source.add_broken()
    source.add(range(3, 6))
    batches = pull(connector)
    assert len(keys(batches)) == 6
    [rejected] = (item for batch in batches for item in batch.rejected)
    assert all((rejected.source_key, rejected.reason, rejected.where))
    assert pull(connector, batches[-1].cursor) == []


def test_cursors_are_json_without_a_clock(source: Source, connector: Connector) -> None:
    source.add(range(3))
    cursors = [batch.cursor for batch in pull(connector)]
    second = int(time.time())
    while int(time.time()) == second:  # a clock with a resolution of a second would be seen now
        time.sleep(0.01)
    assert [batch.cursor for batch in pull(source.connector())] == cursors
    assert all(json.loads(json.dumps(cursor)) == cursor and cursor["v"] == 1 for cursor in cursors)


def test_reading_leaves_the_source_as_it_is(source: Source, connector: Connector) -> None:
    source.add(range(3))
    source.add_broken()
    before = source.state()
    pull(connector, pull(connector)[-1].cursor)
    assert source.state() == before


def test_a_connector_can_be_used_after_it_was_closed(source: Source, connector: Connector) -> None:
    source.add(range(2))
    before = keys(pull(connector))
    connector.close()
    connector.close()
    assert keys(pull(connector)) == before


def test_the_streams_are_the_same_each_time(source: Source, connector: Connector) -> None:
    source.add(range(1))
    assert list(connector.streams()) == list(source.connector().streams())


def test_waiting_without_news_gives_no_hint(source: Source, connector: Connector) -> None:
    source.add(range(1))
    [stream] = connector.streams()
    assert connector.wait(stream, 0.05) is False
