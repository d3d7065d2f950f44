"""A small summary of a large set of names, by which to tell later which names may be new.

Each name falls into one cell in each of three rows, and a cell holds the sum of its names' hashes. When the
sums of a later state of the set are compared, a name that was not in the earlier one finds all three of its
cells changed. A name that was in it rarely does: with ten other names gone, one in two thousand; so very
few are looked at in vain.
"""

from __future__ import annotations

from hashlib import blake2b
from struct import Struct

_ROWS = 3
_CELLS = 128  # a power of two that fits in a byte
_MODULUS = 2**32
_HASH = Struct("<BBBxIII")


class NameSet:
    """The summary of a set of names; 1.5 KB, whatever the number of names."""

    __slots__ = ("_sums",)

    def __init__(self, sums: list[int] | None = None) -> None:
        self._sums = sums or [0] * (_ROWS * _CELLS)

    @classmethod
    def from_text(cls, text: str) -> NameSet:
        """Read what ``text`` wrote. Raises ValueError if it is something else."""
        data = bytes.fromhex(text)
        if len(data) != _ROWS * _CELLS * 4:
            raise ValueError("a set of names with another number of cells")
        return cls([int.from_bytes(data[i : i + 4], "big") for i in range(0, len(data), 4)])

    def text(self) -> str:
        """Write the summary as text for a cursor."""
        return b"".join(value.to_bytes(4, "big") for value in self._sums).hex()

    def add(self, name: str) -> None:
        """Take in a name that is not in the set."""
        for cell, value in _cells(name):
            self._sums[cell] = (self._sums[cell] + value) % _MODULUS

    def discard(self, name: str) -> None:
        """Take out a name that is in the set."""
        for cell, value in _cells(name):
            self._sums[cell] = (self._sums[cell] - value) % _MODULUS

    def may_lack(self, name: str, now: NameSet) -> bool:
        """Say whether ``name``, which is in the set ``now``, may have been missing from this one."""
        return all(self._sums[cell] != now._sums[cell] for cell, _ in _cells(name))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NameSet) and self._sums == other._sums

    __hash__ = None  # type: ignore[assignment]  # it changes


def _cells(name: str) -> tuple[tuple[int, int], ...]:
    digest = blake2b(name.encode("utf-8", "surrogateescape"), digest_size=_HASH.size).digest()
    first, second, third, one, two, three = _HASH.unpack(digest)
    return (
        (first % _CELLS, one),
        (_CELLS + second % _CELLS, two),
        (2 * _CELLS + third % _CELLS, three),
    )
