"""Multistatus (RFC 4918, 13): the documents in which a WebDAV server says something of many resources at once.

Terms. A *collection* is a folder on the server; a calendar is one. A *resource* is what lies in it; an *href* names
either, as a path or as a whole address. An *answer* is one response element: what a server says about one href.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CALENDAR_SERVER = "{http://calendarserver.org/ns/}"
MAX_DEPTH = 64  # of elements in each other
MAX_ELEMENTS = 5_000_000  # of a document
MAX_ANSWERS = 200_000  # of a document
_STATUS = re.compile(r"HTTP/\d(?:\.\d)? +(\d{3})")
_UNRESERVED = "~!$&'()*+,;=:@"  # what may stand in a path segment as it is (RFC 3986, 3.3)


class BrokenAnswerError(ValueError):
    """A document that is no multistatus, or no bearable one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a multistatus says about one href (RFC 4918, 14.24)."""

    href: str  # its path, normalised
    status: int = 200  # of the resource as a whole; 200 if properties follow
    properties: Mapping[str, Element] = field(default_factory=dict)  # those that the server gave, by "{namespace}name"

    def text(self, name: str) -> str:
        """Give the text of a property; "" if there is none."""
        found = self.properties.get(name)
        return (found.text or "").strip() if found is not None else ""

    def hrefs(self, name: str) -> list[str]:
        """Give the hrefs inside a property, as they were written."""
        found = self.properties.get(name)
        each = () if found is None else found.iter(f"{DAV}href")
        return [href for href in ((one.text or "").strip() for one in each) if href]

    def children(self, name: str) -> list[Element]:
        """Give the elements directly inside a property."""
        return list(self.properties.get(name, ()))


@dataclass(frozen=True, slots=True)
class Multistatus:
    """All answers of one document, with the token that RFC 6578 puts beside them."""

    answers: tuple[Answer, ...]
    sync_token: str = ""


def multistatus(body: bytes, url: str) -> Multistatus:
    """Read a multistatus document; ``url`` is what was asked. Raises BrokenAnswerError."""
    answers: list[Answer] = []
    token = ""
    for element in _children(body, f"{DAV}multistatus"):
        if element.tag == f"{DAV}response":
            answers.extend(_answers(element, url))
        elif element.tag == f"{DAV}sync-token":
            token = (element.text or "").strip()
        if len(answers) > MAX_ANSWERS:
            raise BrokenAnswerError("it names too many resources")
    return Multistatus(tuple(answers), token)


def conditions(body: bytes) -> frozenset[str]:
    """Give the preconditions that an error's body says were not met (RFC 4918, 16); none if it cannot be read."""
    try:
        return frozenset(element.tag for element in _children(body, f"{DAV}error"))
    except BrokenAnswerError:
        return frozenset()


def normal_path(href: str, url: str = "") -> str:
    """Give the path of an href, each octet escaped in one way only: two spellings of one resource become equal.

    It never begins with two slashes: joined to an address, what follows them would be another host.
    """
    try:
        path = urlsplit(urljoin(url, href)).path
    except ValueError:  # unbalanced brackets
        path = href
    if path.startswith("//"):
        path = f"/{path.lstrip('/')}"
    return "/".join(quote(unquote_to_bytes(part), safe=_UNRESERVED) for part in path.split("/"))


def _answers(response: Element, url: str) -> Iterator[Answer]:
    hrefs = [normal_path((one.text or "").strip(), url) for one in response.findall(f"{DAV}href")]
    status = _status(response) or 200
    properties: dict[str, Element] = {}
    for propstat in response.findall(f"{DAV}propstat"):
        if (_status(propstat) or 200) // 100 == 2:
            properties.update((one.tag, one) for one in propstat.findall(f"{DAV}prop/*"))
    for href in hrefs:
        yield Answer(href, status, properties)


def _status(element: Element) -> int | None:
    found = _STATUS.match((element.findtext(f"{DAV}status") or "").strip())
    return int(found[1]) if found else None


def _children(body: bytes, root: str) -> Iterator[Element]:
    """Give the elements directly below the root, which must be ``root``; each is dropped when the next is asked for.

    Without entities and document types: nothing in the document can grow when it is read.
    """
    depth = count = 0
    top: Element | None = None
    try:
        for event, element in iterparse(io.BytesIO(body), events=("start", "end"), forbid_dtd=True):
            depth, count = depth + (1 if event == "start" else -1), count + 1
            if depth > MAX_DEPTH or count > MAX_ELEMENTS * 2:
                raise BrokenAnswerError("it is nested too deeply, or too long")
            if top is None:
                top = element
                if top.tag != root:
                    raise BrokenAnswerError("it is another kind of document")
            elif event == "end" and depth == 1:
                yield element
                top.remove(element)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        # ValueError and LookupError: what an unusable declaration of the encoding ends in.
        raise BrokenAnswerError("it is no well-formed XML") from error
    if top is None or depth:
        raise BrokenAnswerError("it is cut off")
