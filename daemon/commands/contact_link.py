"""``keepwarm contacts link``: pages that the owner wants at hand before they meet somebody of an organisation."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.opening import opened
from keepwarm.daemon.people import the_contact
from keepwarm.daemon.tables import Column, show, show_json
from keepwarm.daemon.words import only_one
from keepwarm.outputs.safe_text import one_line
from keepwarm.storage import links
from keepwarm.storage.organisations import organisation_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.links import Link

_DOMAIN = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}")
_LONGEST_URL, _LONGEST_TITLE = 2_000, 200
_LINKS = (
    Column("id", "ID", right=True),
    Column("organisation", "ORGANISATION"),
    Column("title", "TITLE"),
    Column("url", "LINK"),
)


@click.command("link")
@click.argument("organisation", metavar="[ORGANISATION URL]", required=False)
@click.argument("url", metavar="", required=False)
@click.option("--title", metavar="TEXT", help="What the link is called on a card.")
@click.option("--list", "listing", is_flag=True, help="List the links, of ORGANISATION or all.")
@click.option("--edit", type=int, metavar="ID", help="Change one: give its new --title, or --url.")
@click.option("--url", "elsewhere", metavar="URL", help="With --edit: where it leads now.")
@click.option("--remove", type=int, metavar="ID", help="Take a link back.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def link(
    session: Session,
    /,
    organisation: str | None,
    url: str | None,
    title: str | None,
    listing: bool,
    edit: int | None,
    elsewhere: str | None,
    remove: int | None,
    as_json: bool,
) -> None:
    """Keep a page at hand for the cards of an organisation's people: its news, its register, its jobs.

    ORGANISATION is its mail domain, or anybody there. Nothing is ever loaded from the page.
    """
    said_anew = not listing and edit is None and remove is None
    only_one(said_anew, listing, edit is not None, remove is not None, of="ORGANISATION URL, --list, --edit, --remove")
    if said_anew and (organisation is None or url is None):
        raise click.UsageError("Give ORGANISATION and URL, or one of --list, --edit and --remove.")
    if (edit is None and elsewhere is not None) or (edit is not None and title is None and elsewhere is None):
        raise click.UsageError("With --edit, give --title or --url.")
    with opened(session) as workshop:
        if listing:
            with workshop.database.reading() as connection:
                found = links.listed(connection, [_domain(connection, organisation)] if organisation else None)
            show([asdict(one) for one in found], _LINKS, as_json, empty="You keep no links.")
            return
        if remove is not None:
            one, done = _take_back(workshop, remove), "Taken back"
        elif edit is not None:
            one, done = _changed(workshop, edit, elsewhere, title), "Kept"
        else:
            one, done = _kept(workshop, str(organisation), str(url), title), "Kept"
    if as_json:
        show_json(asdict(one))
    else:
        click.echo(one_line(f"{done}, on {one.organisation}: {one.title or one.url}", 300))


def _kept(workshop: Workshop, organisation: str, url: str, title: str | None) -> Link:
    page, called = _page(url), _called(title)
    with workshop.database.writing() as connection:
        return _find(connection, links.add(connection, _domain(connection, organisation), page, called))


def _changed(workshop: Workshop, number: int, url: str | None, title: str | None) -> Link:
    with workshop.database.writing() as connection:
        one = _find(connection, number)
        page, called = one.url if url is None else _page(url), one.title if title is None else _called(title)
        links.change(connection, number, page, called)
        return _find(connection, number)


def _take_back(workshop: Workshop, number: int) -> Link:
    with workshop.database.writing() as connection:
        one = _find(connection, number)
        links.remove(connection, number)
    return one


def _find(connection: Connection, number: int) -> Link:
    """Raises BadUsage."""
    one = links.find(connection, number)
    if one is None:
        raise BadUsage(f"There is no link {number}.", "`keepwarm contacts link --list` shows the ids.")
    return one


def _domain(connection: Connection, wanted: str) -> str:
    """Give the domain of the organisation that is meant. Raises BadUsage."""
    text = wanted.strip().lower()
    if _DOMAIN.fullmatch(text) and (domain := organisation_of(f"anybody@{text}")):
        return domain
    try:
        found = the_contact(connection, wanted).organisation
    except BadUsage as error:
        raise BadUsage(
            f"No organisation is known as {wanted!r}.", "`keepwarm contacts organisations` lists them."
        ) from error
    if found is None:
        raise BadUsage(f"{wanted!r} belongs to no organisation.", "Their mail is at a provider that anybody can use.")
    return found


def _page(url: str) -> str:
    """Give the address of a page as it is kept. Raises BadUsage."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(url) > _LONGEST_URL or url != one_line(url, _LONGEST_URL) or " " in url:
        raise BadUsage(f"{one_line(url, 80)!r} is no address of a page.", "It begins with https:// or http://.")
    return url


def _called(title: str | None) -> str:
    return one_line(title or "", _LONGEST_TITLE)
