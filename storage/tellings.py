"""Tellings: under which name the feed tells of a signal now.

A line cannot be unsaid, so a signal that is not true any more is cleared; if older mail shows later that it was true
after all, it is told again. For readers each telling is a signal of its own: the first is named as the signal is, the
next ones ``ID.2``, ``ID.3``; the line that clears one names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keepwarm.storage.identity import content_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Told:
    """What the feed has told: the ids of lines, and the tellings that it has cleared."""

    ids: Collection[str]
    cleared: Collection[str]


def withdrawal(telling: str) -> str:
    """Give the id of the line that says of a telling that it never was."""
    return content_id("clr", telling, "withdrawn")


def as_told(lines: Sequence[dict[str, Any]], told: Told) -> Iterator[dict[str, Any]]:
    """Give the lines (``id``, ``type``, ``time``, ``data`` ...) with the names under which their signals are told now.

    Another name than before has a signal that was withdrawn, and one that is open though it was told as cleared.
    """
    over = {line["data"]["signal"] for line in lines if line["type"] == "signal.cleared"}
    for line in lines:
        if line["type"] == "signal.opened":
            yield {**line, "id": _telling(line["id"], told, is_over=line["id"] in over)}
        elif line["type"] == "signal.cleared":
            signal = line["data"]["signal"]
            telling = _telling(signal, told, is_over=True)
            yield line if telling == signal else _cleared(line, telling)
        else:
            yield line


def tellings(signal_ids: Iterable[str], withdrawn: Collection[str]) -> Iterator[str]:
    """Give the last telling of each signal, by the ids of the lines that have withdrawn some."""
    told = Told(ids=withdrawn, cleared=())
    yield from (_telling(signal, told, is_over=True) for signal in signal_ids)


def _telling(signal: str, told: Told, *, is_over: bool) -> str:
    telling, following = signal, f"{signal}.2"
    number = 2
    while withdrawal(telling) in told.ids or (telling in told.cleared and (following in told.ids or not is_over)):
        number += 1
        telling, following = following, f"{signal}.{number}"
    return telling


def _cleared(line: dict[str, Any], telling: str) -> dict[str, Any]:
    named = content_id("clr", telling, line["time"].isoformat())
    return {**line, "id": named, "data": {**line["data"], "signal": telling}}
