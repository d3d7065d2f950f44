"""Forms: what was typed into one and could not be done, so that nothing of it is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Typed:
    """One form that was sent; without a name none was."""

    form: str = ""  # "note", "note-12", "dismiss-sig_..."
    values: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""  # why it could not be done, and the cure

    def value(self, form: str, name: str, otherwise: str = "") -> str:
        """Give what was typed into a field of a form, if that was the form."""
        return self.values.get(name, otherwise) if form == self.form else otherwise

    def problem_of(self, form: str) -> str:
        """Give why a form could not be done; "" if it was another one."""
        return self.problem if form == self.form else ""
