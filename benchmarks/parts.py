"""Parts of a benchmark on a practice of its own, each run in a child process; the command line that they share."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.children import ChildError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping

Found = dict[str, Any]


def run(
    about: str,
    sizes: Mapping[str, int],
    parts: Mapping[str, Callable[[Namespace], Found]],
    measured: Callable[[Namespace], Found],
    table: Callable[[Found], str],
) -> int:
    """Measure, and print a table or, with --json, a document; or, as such a child, be one part. Give the exit status.

    ``about`` is the benchmark's docstring; ``sizes`` are options with their defaults; a part writes what it found to
    ``PART.json`` in the folder, where ``measured`` takes it.
    """
    parser = argparse.ArgumentParser(description=about.partition("\n")[0])
    for name, number in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--folder", type=Path, default=Path(".bench"), help="where the practice is made")
    parser.add_argument("--part", choices=parts, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if chosen.part:
        (chosen.folder / f"{chosen.part}.json").write_text(json.dumps(parts[chosen.part](chosen)))
        return 0
    chosen.folder.mkdir(exist_ok=True)
    try:
        with TemporaryDirectory(dir=chosen.folder) as name:
            chosen.folder = Path(name).resolve()
            found = measured(chosen)
    except ChildError as failure:
        print(failure, file=sys.stderr)
        return 1
    print(json.dumps(found, indent=2) if chosen.json else table(found))
    return 0
