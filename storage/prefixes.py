"""Source keys that begin alike: a series with its occurrences, a resource with all that is in it.

Written as a range of keys, which an index serves. It holds where texts are ordered by their code points: SQLite does so
by itself, on PostgreSQL the column has the collation "C". LIKE would be slower on both, and on SQLite blind to case.
"""

from __future__ import annotations

_LAST = chr(0x10FFFF)
_BEFORE_SURROGATES, _AFTER_SURROGATES = chr(0xD7FF), chr(0xE000)  # between them are no characters


def end_of(prefix: str) -> str:
    """Give the first text that comes after all that begin with ``prefix``, which must not be empty.

    Raises ValueError if there is none.
    """
    rest = prefix.rstrip(_LAST)
    if not rest:
        raise ValueError("nothing comes after it")
    last = rest[-1]
    return rest[:-1] + (_AFTER_SURROGATES if last == _BEFORE_SURROGATES else chr(ord(last) + 1))
