"""The people of an event (RFC 5545, 3.8.4.1 and 3.8.4.3), as far as mail could reach them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from keepwarm.connectors.robots import is_calendar_address, is_robot_address
from keepwarm.connectors.words import clean
from keepwarm.storage.observations import Answer, Attendee, Party

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.connectors.contentlines import Property

MAX_ATTENDEES = 500
MAX_NAME = 200
_ADDRESS = re.compile(r"[^\s<>()\[\],;:@\\\"]{1,64}@[^\s<>()\[\],;:@\\\"]{1,253}")
_OPTIONAL = ("OPT-PARTICIPANT", "NON-PARTICIPANT")
_THINGS = ("ROOM", "RESOURCE", "GROUP")


def agent(found: Property | None) -> str:
    """Give the address of who may speak for an ORGANIZER (SENT-BY; RFC 5545, 3.2.18), or ""."""
    return "" if found is None else _bare(found.parameters.get("SENT-BY", ""))


def claims(found: Property) -> frozenset[str]:
    """Give both addresses of an ORGANIZER or ATTENDEE: that of its value, and its EMAIL."""
    return frozenset(filter(None, (_bare(found.value), _bare(found.parameters.get("EMAIL", "")))))


def organizer(found: Property | None) -> Party | None:
    """Read an ORGANIZER; None if there is none, or none that mail could reach."""
    address = "" if found is None else _address(found)
    if found is None or not address:
        return None
    return Party(address, _name(found), robot=is_robot_address(address))


def attendees(found: Sequence[Property], flaws: set[str]) -> tuple[Attendee, ...]:
    """Read the ATTENDEEs, each address once and at most 500; what is left out is noted in ``flaws``."""
    people: dict[str, Attendee] = {}
    for line in found:
        address = _address(line)
        if not address:
            flaws.add("attendee-without-address")
        elif len(people) >= MAX_ATTENDEES:
            flaws.add("too-many-attendees")
            break
        elif address not in people or people[address].answer is Answer.NONE:
            people[address] = _attendee(address, line)
    return tuple(people.values())


def _attendee(address: str, line: Property) -> Attendee:
    said = line.parameters
    return Attendee(
        address=address,
        name=_name(line),
        answer=_answer(said.get("PARTSTAT", "")),
        required=said.get("ROLE", "").upper() not in _OPTIONAL,
        person=said.get("CUTYPE", "").upper() not in _THINGS and not is_calendar_address(address),
        robot=is_robot_address(address),
    )


def _answer(text: str) -> Answer:
    try:
        return Answer(text.lower())
    except ValueError:
        return Answer.NONE


def _name(line: Property) -> str:
    return clean(line.parameters.get("CN", ""))[:MAX_NAME].rstrip()


def _address(line: Property) -> str:
    """Give the address of a CAL-ADDRESS (RFC 5545, 3.3.3), else its EMAIL (RFC 7986, 6.2), else "".

    iCloud puts a relay in the value, another one in each mail, and the person's own address in EMAIL.
    """
    value, email = _bare(line.value), _bare(line.parameters.get("EMAIL", ""))
    return email if email and (not value or is_calendar_address(value)) else value


def _bare(text: str) -> str:
    """Give the address of a mailto URI, or one that stands bare; "" if it is none."""
    scheme, colon, rest = text.strip().partition(":")
    bare = unquote(rest) if colon and scheme.strip().lower() == "mailto" else text
    address = bare.strip().strip("<>").partition("?")[0].lower()
    return address if _ADDRESS.fullmatch(address) and address.isprintable() else ""
