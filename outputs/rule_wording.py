"""Rule wording: what a finding says in the report's language, where a rule speaks another one itself."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from keepwarm.outputs.rule_phrases import Phrases

if TYPE_CHECKING:
    from keepwarm.outputs.desk import Desk
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


def seen(desk: Desk, evidence: EvidenceView) -> str:
    """Give what is told of an observation in the report's language; "" for one of which that language says nothing."""
    language = desk.words.get("language")
    if not _texts(language):
        return evidence.what
    if evidence.kind != "signal":
        return _phrases(language).said(desk, evidence.what)
    found = next((signal for signal in desk.week.signals if signal.id == evidence.ref), None)
    return told(desk, found).sentence if found else ""


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
            case "said":
                return self._phrases().said(self.desk, str(value))
            case "list":
                return self._phrases().listed(self.desk, str(value))
            case "times":
                return self._times(round(value))
            case "":
                return self._plain(value)
        return self._counted(form, value)

    def _plain(self, value: Any) -> str:
        if isinstance(value, float):
            return f"{value:.1f}".replace(".", self._text("decimal"))
        return self._phrases().quoted(value) if isinstance(value, str) else str(value)

    def _times(self, n: int) -> str:
        words = self._text("times")
        return str(words["words"][n]) if n < len(words["words"]) else str(words["other"]).format(n=n)

    def _hours(self, value: float) -> str:
        if value < 1:
            return str(self._text("hours_less"))
        return self._counted("hours", value) if value < 16 else self._counted("working_days", value / 9)

    def _counted(self, unit: str, value: float) -> str:
        n = round(value)
        return str(self._text(unit)["one" if n == 1 else "other"]).format(n=self.desk.words.number(n))

    def _text(self, unit: str) -> Any:
        return _texts(self.desk.words.get("language"))["units"][unit]

    def _phrases(self) -> Phrases:
        return _phrases(self.desk.words.get("language"))


@cache
def _texts(language: str) -> dict[str, Any]:
    """Load a language's texts; those of English are in the rules themselves."""
    file = files("keepwarm.outputs.rule_texts").joinpath(f"{language}.toml")
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


@cache
def _phrases(language: str) -> Phrases:
    return Phrases(_texts(language).get("phrases", {}))
