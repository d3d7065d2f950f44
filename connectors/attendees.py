"""The people of an event (RFC 5545, 3.8.4.1 and 3.8.4.3), as far as mail could reach them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from keepwarm.connectors.robots import is_robot_address
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
        person=said.get("CUTYPE", "").upper() not in _THINGS,
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
    """Give the address of a CAL-ADDRESS (RFC 5545, 3.3.3), else its EMAIL (RFC 7986, 6.2), else ""."""
    for text in (line.value, line.parameters.get("EMAIL", "")):
        scheme, colon, rest = text.strip().partition(":")
        bare = unquote(rest) if colon and scheme.strip().lower() == "mailto" else text
        address = bare.strip().strip("<>").partition("?")[0].lower()
        if _ADDRESS.fullmatch(address) and address.isprintable():
            return address
    return ""
