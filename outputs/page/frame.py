"""Frame: what every view of the page has around it, and the setting of a view as an HTML document."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from keepwarm.outputs.templating import html_templates
from keepwarm.outputs.wording import Wording, wording

if TYPE_CHECKING:
    from jinja2 import Environment, Template

    from keepwarm.outputs.desk import Desk

NOTHING = "\u2013"
"""Stands where there is nothing to say."""

VIEWS = ("sonar", "signals", "attention", "accounts")
PATHS = {"sonar": "/", "signals": "/signals", "attention": "/attention", "accounts": "/accounts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is around a view."""

    desk: Desk
    view: str  # the one of VIEWS that is shown, or ""
    csrf: str  # what each form brings
    provisional: bool  # a first read goes on: nothing is final yet
    done: str = ""  # what has just been done: a key of page.done; "" if nothing

    @property
    def words(self) -> Wording:
        """The words."""
        return self.desk.words

    @property
    def done_in_words(self) -> str:
        """What has just been done; "" if nothing, or if nobody knows the key."""
        return str(self.words.get("page.done").get(self.done, ""))


def html(template: str, frame: Frame, **values: object) -> str:
    """Set one of the templates as an HTML document."""
    return _template(template).render(frame=frame, words=frame.words, paths=PATHS, **values)


def html_alone(template: str, words: Wording, **values: object) -> str:
    """Set a template that has no frame: for who has not been let in."""
    return _template(template).render(words=words, **values)


@cache
def page_words(language: str) -> Wording:
    """Load the report's catalogue with the page's words under "page". Raises FileNotFoundError for another language."""
    text = files("keepwarm.outputs.page.texts").joinpath(f"{language}.toml").read_text("utf-8")
    return Wording({**wording(language).catalogue, "page": tomllib.loads(text)})


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = html_templates("keepwarm.outputs.page.templates")
    environment.filters["coordinate"] = coordinate
    return environment


def coordinate(value: float) -> Markup:
    """Give a number as a drawing has it: "12.5", "12"."""
    return Markup(f"{value:.1f}".removesuffix(".0"))  # noqa: S704 - digits
