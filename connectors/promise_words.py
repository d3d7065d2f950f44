"""The words of promises, language by language, as patterns. Each is bounded: a sentence is what somebody wrote."""

from __future__ import annotations

import re
import tomllib
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from keepwarm.connectors.written_days import months

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LANGUAGES = ("en", "de")
_MOST_BETWEEN = 2  # such words: "I will then certainly send"
_MOST_DAYS = 99
_NEAR = 60  # characters before a day that say what it is the day of


@cache
def language(name: str) -> Language:
    """Give the words of a language."""
    file = files("keepwarm.connectors").joinpath(f"promises.{name}.toml")
    return Language(tomllib.loads(file.read_text("utf-8")))


class Language:
    """What a sentence of one language is looked through for."""

    def __init__(self, words: dict[str, Any]) -> None:
        self._words = words
        self._days = words["days"]
        self.weeks = frozenset(self._days["weeks"])

    def plain(self, sentence: str) -> str:
        """Give a sentence with what means the same put the same, and what says nothing left out."""
        same: dict[str, str] = self._words["same"]
        return " ".join(self._same.sub(lambda found: same[found[0].lower()], sentence).split())

    def denies(self, text: str) -> bool:
        """Tell whether a sentence in lower case takes back, asks, or sets a condition."""
        return self._unless.search(text) is not None

    def commitment(self, sentence: str) -> tuple[int, int] | None:
        """Say where in a sentence somebody takes something upon themselves: from where to where."""
        found = self._commitment.search(sentence) or self._exact.search(sentence)
        if found is not None:
            return found.span()
        opening = self._opening.search(sentence)
        closed = opening is not None and self._closing.search(sentence, opening.end()) is not None
        return opening.span() if opening is not None and closed else None

    def days(self, kind: str, text: str) -> Iterator[re.Match[str]]:
        """Find the words for a day of that kind ("tomorrow")."""
        return self._spoken[kind].finditer(text)

    def cue_before(self, text: str, start: int) -> int:
        """Give where the words begin that lead up to a day ("by", "on the"); ``start`` if there are none."""
        near = max(0, start - _NEAR)
        found = self._led_up.search(text[near:start])
        return start if found is None else near + found.start()

    def is_first(self, text: str, start: int, end: int, commitment: int) -> bool:
        """Tell whether a sentence begins with the day, and goes on with the promise: "By Friday I will ..."."""
        return not text[:start].strip(" ,:-") and len(text[end:commitment].split()) <= 1 + _MOST_BETWEEN

    def is_when(self, text: str, start: int, end: int, committed: int) -> bool:
        """Tell whether a day is when it is to be done, and not the day of something else: "our call on Monday"."""
        about = self._behind.search(text[max(0, start - _NEAR) : start])
        said = max(0, start - _NEAR) + about.end() if about else 0
        if about is not None and said > committed:
            return False
        return self._ahead.match(text, end) is None

    def number(self, text: str) -> int | None:
        """Read a number in digits or as a word; None if it is too large to be meant."""
        if text.isdecimal():
            return int(text) if int(text) <= _MOST_DAYS else None
        return 1 if text in self._days["also_one"] else self._days["numbers"].index(text) + 1

    def weekday_of(self, name: str) -> int:
        """Give the number of a weekday, Monday being 0."""
        return next(
            number
            for key in ("weekdays", "short_weekdays")
            for number, names in enumerate(self._days[key])
            if name in names
        )

    @cached_property
    def weekday(self) -> re.Pattern[str]:
        """Match a weekday, with what says that it is not the first one ahead."""
        cues, nexts, weeks = _any(self._days["cues"]), _any(self._days["next"]), _any(self._days["in_next_week"])
        full, short = (
            _any(name for names in self._days[key] for name in names) for key in ("weekdays", "short_weekdays")
        )
        one = rf"(?P<weekday>{full})|(?:(?:{cues})\s(?P<short>{short}))"
        return re.compile(rf"(?<!\w)(?:(?P<next>{nexts})\s)?(?:{one})(?!\w)\.?(?:,?\s(?P<week>{weeks})(?!\w))?")

    @cached_property
    def counted(self) -> re.Pattern[str]:
        """Match "in two days"."""
        by, units = _any(self._days["counted_by"]), _any([*self._days["days"], *self._days["weeks"]])
        numbers = _any([*self._days["numbers"], *self._days["also_one"]])
        return re.compile(rf"(?<!\w)(?:{by})\s(?P<number>\d{{1,3}}|{numbers})\s(?P<unit>{units})(?!\w)")

    @cached_property
    def after_cue(self) -> re.Pattern[str]:
        """Match what stands before a date."""
        cues = _any(self._days["cues"])
        between = _any(
            [
                *self._days["between"],
                *(name for key in ("weekdays", "short_weekdays") for names in self._days[key] for name in names),
            ]
        )
        return re.compile(rf"(?<!\w)(?:{cues})\s(?:(?:{between})(?!\w)\.?,?\s){{0,3}}")

    @cached_property
    def end_of_month(self) -> re.Pattern[str]:
        """Match "end of November"."""
        return re.compile(rf"(?<!\w)(?:{_any(self._days['end_of'])})\s(?P<month>{_any(months())})(?!\w)")

    @cached_property
    def _same(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{_any(self._words['same'])})(?!\w)", re.IGNORECASE)

    @cached_property
    def _unless(self) -> re.Pattern[str]:
        unless = self._words["unless"]
        endings = "".join(rf"|{re.escape(ending)}(?!\w)" for ending in unless["endings"])
        return re.compile(rf"(?<!\w)(?:{_any(unless['words'])})(?!\w){endings}")

    @cached_property
    def _commitment(self) -> re.Pattern[str]:
        words = self._words["promise"]
        subjects, verbs, phrases, begins = (_any(words[key]) for key in ("subjects", "verbs", "phrases", "begins"))
        between = rf"(?:(?:{_any(words['between'])})\s){{0,{_MOST_BETWEEN}}}" if words["between"] else ""
        inverted = rf"|(?:{verbs})\s(?:{subjects})" if words["inverted"] else ""
        whole = rf"(?:{subjects})\s{between}(?:{verbs})|(?:{phrases}){inverted}"
        return re.compile(rf"(?<!\w)(?:{whole})(?!\w)|\A(?:{begins})(?!\w)", re.IGNORECASE)

    @cached_property
    def _exact(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{_any(self._words['promise']['exact'])})(?!\w)")

    @cached_property
    def _opening(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{_any(self._words['promise']['openings'])})(?!\w)", re.IGNORECASE)

    @cached_property
    def _closing(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{_any(self._words['promise']['closings'])})(?!\w)", re.IGNORECASE)

    @cached_property
    def _spoken(self) -> dict[str, re.Pattern[str]]:
        kinds = ("today", "tomorrow", "after_tomorrow", "this_week", "next_week", "this_month", "next_month")
        return {kind: re.compile(rf"(?<!\w)(?:{_any(self._days[kind])})(?!\w)") for kind in kinds}

    @cached_property
    def _led_up(self) -> re.Pattern[str]:
        words = _any([*self._days["cues"], *self._days["between"]])
        return re.compile(rf"(?<!\w)(?:(?:{words})\s){{1,4}}\Z")

    @cached_property
    def _behind(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{_any(self._days['behind'])})(?:\s(?:the|den|dem|der|uns|us))?\s?\Z")

    @cached_property
    def _ahead(self) -> re.Pattern[str]:
        return re.compile(rf"(?:\s?)(?:{_any(self._days['ahead'])})(?!\w)")


def _any(words: Iterable[str]) -> str:
    """Match one of the words, the longest first; nothing if there are none."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True)) or r"(?!)"
