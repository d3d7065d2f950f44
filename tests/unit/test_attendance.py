"""Who came to a call: nobody is said to have stayed away while somebody in it may be them."""

from __future__ import annotations

import pytest

from keepwarm.connectors.attendance import Present, attended
from keepwarm.storage.observations import Attendee

ME, ANA, BOB = "me@example.com", "ana@acme.example", "bob@acme.example"
INVITED = (
    Attendee(address=ME, name="Sam Carter"),
    Attendee(address=ANA, name="Ana  Lopez"),
    Attendee(address=BOB),
    Attendee(address="room@acme.example", name="Room 4", person=False),
)
I_WAS_THERE = Present(address=ME)


def told(*present: Present, invited: tuple[Attendee, ...] = INVITED) -> dict[str, bool | None]:
    return {one.address: one.attended for one in attended(invited, present)}


def test_alone_in_the_call_the_owner_was_stood_up() -> None:
    assert told(I_WAS_THERE) == {ME: True, ANA: False, BOB: False}


def test_whoever_is_named_came_by_address_or_by_name() -> None:
    assert told(I_WAS_THERE, Present(name="ANA LOPEZ")) == {ME: True, ANA: True, BOB: False}
    assert told(I_WAS_THERE, Present(address=BOB, name="Ana Lopez")) == {ME: True, ANA: False, BOB: True}


@pytest.mark.parametrize(
    "unknown", [Present(name="iPhone"), Present(), Present(name="Room 4 upstairs"), Present(address="x@else.example")]
)
def test_somebody_unknown_in_the_call_may_be_anybody(unknown: Present) -> None:
    assert told(I_WAS_THERE, unknown) == {ME: True, ANA: None, BOB: None}


def test_two_of_one_name_cannot_be_told_apart() -> None:
    twins = (Attendee(address=ANA, name="Ana Lopez"), Attendee(address=BOB, name="ana lopez"))
    assert told(Present(name="Ana Lopez"), invited=twins) == {ANA: None, BOB: None}


def test_a_call_without_anybody_proves_nothing() -> None:
    assert told() == {ME: None, ANA: None, BOB: None}
