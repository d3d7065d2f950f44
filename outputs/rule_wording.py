"""Rule wording: what a finding says in the report's language, where a rule speaks another one itself."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keepwarm.outputs.desk import Desk
    from keepwarm.outputs.wording import Wording
    from keepwarm.storage.views import EvidenceView, SignalView

_SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")


@dataclass(frozen=True, slots=True)
class Told:
    """A finding's words."""

    sentence: str
    advice: str


def told(desk: Desk, signal: SignalView) -> Told:
    """Give a finding's words in the report's language.

    They are the rule's own if it has none in that language, if its words are the owner's, or if a fact is missing.
    """
    own = Told(signal.sentence, signal.advice)
    written = _texts(desk.words.get("language")).get("rules", {}).get(signal.rule)
    if written is None or signal.rule in desk.week.reworded:
        return own
    values = {**signal.params, **signal.facts, "name": desk.name(signal.contact)}
    sentence = written["sentence"]
    if any(name not in values or values[name] is None for name, _ in _SLOT.findall(sentence)):
        return own
    units = Units(desk)
    return Told(_SLOT.sub(lambda slot: units.said(values[slot[1]], slot[2] or ""), sentence), written["advice"])


def seen(words: Wording, evidence: EvidenceView) -> str:
    """Give what is told of an observation, with its first words in the report's language where they are known."""
    who, colon, rest = evidence.what.partition(": ")
    return f"{_texts(words.get('language')).get('evidence', {}).get(who, who)}{colon}{rest}"


@dataclass(frozen=True, slots=True)
class Units:
    """Says values with their units."""

    desk: Desk

    def said(self, value: Any, form: str) -> str:
        """Say a value as ``keepwarm.rules.sentences`` says it in English."""
        match form:
            case "date":
                return self.desk.dates.day(date.fromisoformat(str(value)))
            case "percent":
                return str(self._text("percent")).format(n=round(100 * float(value)))
            case "days":
                return self._counted("days", value) if value < 700 else self._counted("years", value / 365.25)
            case "hours":
                return self._hours(float(value))
            case "":
                return f"{value:.1f}".replace(".", self._text("decimal")) if isinstance(value, float) else str(value)
        return self._counted(form, value)

    def _hours(self, value: float) -> str:
        if value < 1:
            return str(self._text("hours_less"))
        return self._counted("hours", value) if value < 16 else self._counted("working_days", value / 9)

    def _counted(self, unit: str, value: float) -> str:
        n = round(value)
        return str(self._text(unit)["one" if n == 1 else "other"]).format(n=self.desk.words.number(n))

    def _text(self, unit: str) -> Any:
        return _texts(self.desk.words.get("language"))["units"][unit]


@cache
def _texts(language: str) -> dict[str, Any]:
    """Load a language's texts; those of English are in the rules themselves."""
    file = files("keepwarm.outputs.rule_texts").joinpath(f"{language}.toml")
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
