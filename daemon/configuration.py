"""The configuration file: read whole, or refused with everything that is wrong in it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.paths import config_file
from keepwarm.daemon.problems import Problem, problems_of, shown
from keepwarm.daemon.settings import Configuration

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Configuration", "ConfigurationError", "Problem", "load", "parse"]


class ConfigurationError(BadUsage):
    """The configuration cannot be used; the text names the file and all problems, each with key and cure."""

    def __init__(self, path: Path, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join([f"{path} cannot be used:", *(f"  {problem}" for problem in problems)]))
        self.path = path
        self.problems = problems


def load(path: Path | None = None) -> Configuration:
    """Read the configuration at ``path``, or at its usual place.

    Raises ConfigurationError.
    """
    file = (path or config_file()).expanduser().absolute()
    return parse(_text(file), file)


def parse(text: str, file: Path) -> Configuration:
    """Read ``text`` as the content of ``file``, which need not exist.

    Raises ConfigurationError.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(file, (Problem("", "this is no TOML", _with_line(str(error), text)),)) from None
    except RecursionError:
        raise ConfigurationError(file, (Problem("", "this is no TOML", "it is nested too deeply"),)) from None
    problems = _doubled_names(data)
    try:
        configuration = Configuration.model_validate(data, context={"folder": file.parent})
    except ValidationError as error:
        # "from None": pydantic's own text shows the values, and one of them may be a password.
        raise ConfigurationError(file, (*problems_of(error, Configuration, data), *problems)) from None
    if problems:
        raise ConfigurationError(file, problems)
    return configuration


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        problem = Problem("", "there is no such file", "`keepwarm init` writes one")
    except UnicodeDecodeError as error:
        problem = Problem("", f"byte {error.start} is not UTF-8", "TOML must be: save the file as UTF-8")
    except OSError as error:
        problem = Problem("", f"it cannot be read: {error.strerror}", "make it a file that your user may read")
    raise ConfigurationError(file, (problem,))


def _with_line(reason: str, text: str) -> str:
    """Give tomllib's reason; it has line and column, unless the fault is at the end of the document."""
    *above, last = text.split("\n")
    return reason.replace(
        "at end of document", f"at line {len(above) + 1}, column {len(last) + 1}, the end of the file"
    )


def _doubled_names(data: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Find accounts named as an earlier one; in raw data, so that it is told beside all other problems."""
    accounts = data.get("account")
    first: dict[str, int] = {}
    problems = []
    for number, account in enumerate(accounts if isinstance(accounts, list) else [], start=1):
        name = account.get("name") if isinstance(account, Mapping) else None
        if isinstance(name, str) and first.setdefault(name, number) != number:
            allowed = f"allowed is a name of its own: account[{first[name]}] has this one"
            problems.append(Problem(f"account[{number}].name", f"found {shown(name)}", allowed))
    return tuple(problems)
