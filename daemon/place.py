"""A place in the configuration: the user's key for a location of pydantic's, and what may be there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic.fields import FieldInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One step is taken for each part of a location; see ``of``."""

    key: str = ""  # as in the file: account[2] "work".poll
    name: str = ""  # the last key alone
    value: Any = None  # what the file has here; None if nothing
    known: tuple[str, ...] = ()  # the keys of the table that holds this one
    field: FieldInfo | None = None  # None for an unknown key
    tables: tuple[type[BaseModel], ...] = ()  # what tables may stand here: none, one, or one for each kind

    @classmethod
    def of(cls, loc: Sequence[int | str], model: type[BaseModel], data: Mapping[str, Any]) -> Place:
        """Walk from the whole ``data`` to ``loc``."""
        place = cls(value=data, tables=(model,))
        for part in loc:
            place = place._step(part)
        return place

    @property
    def description(self) -> str:
        """What the field's own description says is allowed; "" if there is none."""
        return (self.field.description if self.field else None) or ""

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that may stand here, or the kinds of the tables that may."""
        if self.tables:
            return tuple(kind for table in self.tables for kind in _kinds(table))
        return get_args(self.field.annotation) if self.field else ()

    def _step(self, part: int | str) -> Place:
        if isinstance(part, int):
            return self._element(part)
        if len(self.tables) > 1:
            return self._of_kind(part)
        return self._key(part)

    def _element(self, index: int) -> Place:
        value = self.value[index] if isinstance(self.value, list) else None
        key = f"{self.key}[{index + 1}]{_quoted_name(value)}"
        return Place(key=key, name=self.name, value=value, known=self.known, field=self.field, tables=self.tables)

    def _of_kind(self, kind: str) -> Place:
        """Choose among tables: the location has the kind as a part of its own, the file has not."""
        chosen = tuple(table for table in self.tables if kind in _kinds(table))
        return Place(key=self.key, name=self.name, value=self.value, field=self.field, tables=chosen)

    def _key(self, name: str) -> Place:
        fields = {field.alias or key: field for table in self.tables for key, field in table.model_fields.items()}
        field = fields.get(name)
        return Place(
            key=".".join(filter(None, (self.key, one_line(name)))),
            name=name,
            value=self.value.get(name) if isinstance(self.value, Mapping) else None,
            known=tuple(fields),
            field=field,
            tables=tuple(_tables_in(field.annotation)) if field else (),
        )


def _quoted_name(table: object) -> str:
    name = table.get("name") if isinstance(table, Mapping) else None
    return f' "{one_line(name)}"' if isinstance(name, str) else ""


def _kinds(table: type[BaseModel]) -> tuple[str, ...]:
    field = table.model_fields.get("kind")
    return get_args(field.annotation) if field else ()


def _tables_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _tables_in(argument)
