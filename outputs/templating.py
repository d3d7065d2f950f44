"""Templating: how the templates of a package become HTML. What comes from a mailbox is escaped, whoever asks."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined


def html_templates(package: str) -> Environment:
    """Give the templates of ``package``; a value that a template names and is not given raises UndefinedError."""
    return Environment(
        loader=FunctionLoader(lambda name: files(package).joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
