"""An interview: what the options do not say is asked for, or, without a terminal, noted as missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.values import NotAllowedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Read = Callable[[object], object]  # raises NotAllowedError

_NONE = "-"


class Interview:
    """``options`` are those of a click command; ``asks`` tells whether there is a terminal to ask on."""

    def __init__(self, options: Mapping[str, Any], *, asks: bool) -> None:
        self.options = options
        self.asks = asks
        self._missing: list[str] = []

    def need(self, option: str, question: str, *, guess: str = "", read: Read | None = None) -> str:
        """Give what has to be known; without option and terminal it is ``guess``, or else missing."""
        if value := self.options[option]:
            return str(value)
        if self.asks:
            return _ask(question, guess or None, read)
        if not guess:
            self.miss(f"--{option.replace('_', '-')}")
        return guess

    def may(self, option: str, question: str, *, guess: str = "", read: Read | None = None) -> str:
        """Give what can be left open, then ""; ``guess`` is offered, never taken unasked."""
        if self.options[option] is not None or not self.asks:
            return self.options[option] or ""
        answer = _ask(
            f"{question} ({_NONE} for none)",
            guess or _NONE,
            lambda text: text == _NONE or (read and read(text)),
        )
        return "" if answer == _NONE else answer

    def tell(self, text: str) -> None:
        """Say what is good to know before an answer. Only for a terminal."""
        click.echo(text, err=True)

    def choose(self, question: str, choices: Sequence[str]) -> str:
        """Ask for one of ``choices``; the first is offered. Only for a terminal."""
        return str(click.prompt(question, default=choices[0], type=click.Choice(choices), err=True))

    def miss(self, option: str) -> None:
        """Note that ``option`` has to be given."""
        self._missing.append(option)

    def end(self) -> None:
        """Raise UsageError if anything is missing."""
        if self._missing:
            raise click.UsageError(f"There is no terminal to ask on; needed: {', '.join(self._missing)}.")


def _ask(question: str, guess: str | None, read: Read | None) -> str:
    def checked(answer: str) -> str:
        try:
            if read is not None:
                read(answer)
        except NotAllowedError as error:
            raise click.UsageError(f"Allowed is {error.allowed}.") from None
        return answer

    return str(click.prompt(question, default=guess, value_proc=checked, err=True))
