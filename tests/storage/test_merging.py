"""Merging: one person with several addresses is one contact, in whatever order things come, and two when told so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from keepwarm.storage import feed, kinship, label_words, people
from keepwarm.storage.history_reader import histories
from keepwarm.storage.identity import contact_id
from keepwarm.storage.observations import Answer, Attendee, MessageKind, Party
from keepwarm.storage.proposals import proposals
from keepwarm.storage.tables import address, contact
from tests.storage.world import ANA, BOB, CY, DAY, HOUR, NOW, SAM, Store, event, mail

if TYPE_CHECKING:
    from keepwarm.storage.histories import History
    from keepwarm.storage.views import FeedEntry

HOME, THIRD = "ana@gmail.com", "ana@second.example"


def merge(store: Store, first: str, second: str) -> None:
    with store.database.writing() as connection:
        kinship.merge(connection, first, second, NOW)


def part(store: Store, some: list[str], others: list[str]) -> None:
    with store.database.writing() as connection:
        kinship.part(connection, some, others, NOW)


def groups(store: Store) -> dict[str, str]:
    """Sort; give the id of the contact of each address, as that of the address it is made of."""
    ids = {contact_id(text): text for text in (ANA, HOME, THIRD, BOB, CY)}
    return {text: ids[ref.id] for ref in store.sort().values() for text in ref.addresses}


def history(store: Store, who: str) -> History:
    with store.database.reading() as connection:
        [one] = people.find(connection, who)
        [found] = histories(connection, [one], store.owner)
    return found


def proposed(store: Store) -> dict[tuple[str, str], str]:
    store.sort()
    with store.database.reading() as connection:
        return {(one.first.addresses[0], one.second.addresses[0]): one.reason for one in proposals(connection)}


def test_merged_addresses_are_one_contact_and_the_id_is_that_of_the_one_named_first(store: Store) -> None:
    store.pull(mail(SAM, ANA, HOME, THIRD, BOB))
    store.sort()
    merge(store, HOME, ANA)
    assert groups(store) == {HOME: HOME, ANA: HOME, THIRD: THIRD, BOB: BOB}
    merge(store, ANA, THIRD)
    assert groups(store) == {HOME: HOME, ANA: HOME, THIRD: HOME, BOB: BOB}
    assert store.rows(select(contact.c.id).where(contact.c.id.in_(list(map(contact_id, (ANA, THIRD)))))) == []


def test_a_split_makes_of_it_what_there_was_before(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=5), mail(SAM, HOME, number=3), mail(SAM, THIRD, number=4))
    before = store.sort()
    rows = store.rows(select(contact).order_by(contact.c.id))
    merge(store, ANA, HOME)
    merge(store, ANA, THIRD)
    assert len(store.sort()) == 1
    part(store, [ANA, THIRD], [HOME])
    part(store, [ANA], [THIRD])
    assert store.sort() == before
    assert store.rows(select(contact).order_by(contact.c.id)) == rows


def test_what_is_taken_out_together_stays_together_and_so_does_what_is_left(store: Store) -> None:
    store.pull(mail(SAM, ANA, HOME, THIRD, BOB))
    for other in (HOME, THIRD, BOB):
        merge(store, ANA, other)
    part(store, [ANA, BOB], [THIRD, HOME])
    assert groups(store) == {ANA: ANA, BOB: ANA, THIRD: THIRD, HOME: THIRD}
    part(store, [BOB], [ANA])
    assert groups(store) == {ANA: ANA, BOB: BOB, THIRD: THIRD, HOME: THIRD}


def test_what_held_the_rest_together_may_be_taken_out(store: Store) -> None:
    store.pull(mail(SAM, ANA, HOME, THIRD, BOB))
    merge(store, THIRD, HOME)
    merge(store, HOME, ANA)
    merge(store, BOB, HOME)
    part(store, [THIRD, ANA, BOB], [HOME])
    assert groups(store) == {BOB: BOB, THIRD: BOB, ANA: BOB, HOME: HOME}


def test_a_merge_after_a_split_is_the_last_word_and_a_word_can_be_taken_back(store: Store) -> None:
    store.pull(mail(SAM, ANA, HOME))
    merge(store, ANA, HOME)
    part(store, [ANA], [HOME])
    merge(store, HOME, ANA)
    assert groups(store) == {ANA: HOME, HOME: HOME}
    with store.database.writing() as connection:
        [word] = kinship.listed(connection)
        assert (word.first, word.second, word.same, word.at) == (HOME, ANA, True, NOW)
        assert kinship.find(connection, word.id) == word
        kinship.withdraw(connection, word)
    assert groups(store) == {ANA: ANA, HOME: HOME}


def test_an_address_from_which_they_only_wrote_is_theirs_once_the_owner_says_so(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1), mail(HOME, SAM, number=2))
    assert groups(store) == {ANA: ANA}
    merge(store, ANA, HOME)
    assert groups(store) == {ANA: ANA, HOME: ANA}
    assert [one.outbound for one in history(store, ANA).messages] == [True, False]
    part(store, [ANA], [HOME])
    assert groups(store) == {ANA: ANA}


def test_an_address_that_turns_out_to_be_a_robots_or_the_owners_leaves(store: Store) -> None:
    store.pull(mail(SAM, ANA, HOME, THIRD))
    merge(store, ANA, HOME)
    merge(store, ANA, THIRD)
    store.sort()
    store.pull(mail(ANA, SAM, number=2, kind=MessageKind.AUTOMATED))
    store.change_owner(SAM, THIRD)
    with store.database.writing() as connection:
        people.mark_all_dirty(connection)
    assert groups(store) == {HOME: ANA}  # whose id it stays


def test_names_labels_and_the_day_are_of_all_addresses(store: Store) -> None:
    store.pull(mail(SAM, to=(Party(ANA, "Ana"),), number=9), mail(Party(HOME, "Ana Acme"), SAM, number=1))
    store.pull(mail(SAM, HOME, number=2))
    merge(store, ANA, HOME)
    [found] = store.sort(labels=(("client", (ANA,)), ("friend", ("*@gmail.com",)))).values()
    assert (found.id, found.name, found.labels) == (contact_id(ANA), "Ana Acme", ("client", "friend"))
    assert store.rows(select(contact.c.added_at)) == [(NOW - 30 * DAY + 2 * HOUR,)]


def test_they_work_where_they_last_wrote_from_and_free_mail_is_no_work(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1), mail(SAM, HOME, number=2))
    merge(store, HOME, ANA)
    assert store.sort()[ANA].organisation == "acme.example"
    merge(store, HOME, THIRD)
    store.pull(mail(THIRD, SAM, number=3))
    assert store.sort()[ANA].organisation == "second.example"
    store.pull(mail(ANA, SAM, number=4))
    assert store.sort()[ANA].organisation == "acme.example"


def test_a_message_to_both_addresses_counts_once_and_a_meeting_with_both_has_one_of_them(store: Store) -> None:
    both = (Attendee(address=ANA, answer=Answer.DECLINED), Attendee(address=HOME, answer=Answer.ACCEPTED))
    store.pull(mail(SAM, HOME, cc=(Party(ANA),)), event(organizer=SAM, attendees=(*both, Attendee(address=SAM))))
    merge(store, ANA, HOME)
    store.sort()
    found = history(store, HOME)
    assert [one.direct for one in found.messages] == [True]
    [meeting] = found.meetings
    assert (meeting.revisions[-1].people, meeting.revisions[-1].their_answer) == (2, Answer.ACCEPTED)


def test_the_owners_labels_are_added_and_taken_away_until_taken_back(store: Store) -> None:
    labels = (("client", ("*@acme.example",)),)
    store.pull(mail(SAM, ANA, BOB))
    store.sort(labels=labels)
    with store.database.writing() as connection:
        for label, given in (("vip", True), ("client", False)):
            label_words.say(connection, ANA, label, NOW, given=given)
    assert {who: ref.labels for who, ref in store.sort(labels=labels).items()} == {ANA: ("vip",), BOB: ("client",)}
    with store.database.writing() as connection:
        label_words.say(connection, ANA, "vip", NOW, given=False)
        taken = label_words.listed(connection)
        assert [(word.label, word.given) for word in taken] == [("vip", False), ("client", False)]
        label_words.withdraw(connection, taken[1])
    assert store.sort(labels=labels)[ANA].labels == ("client",)


def test_of_two_addresses_the_later_word_on_a_label_counts_and_each_keeps_its_own(store: Store) -> None:
    store.pull(mail(SAM, ANA, HOME))
    store.sort()
    merge(store, ANA, HOME)
    with store.database.writing() as connection:
        label_words.say(connection, HOME, "client", NOW, given=False)
        label_words.say(connection, ANA, "client", NOW, given=True)
    assert store.sort()[ANA].labels == ("client",)
    part(store, [ANA], [HOME])
    assert {who: ref.labels for who, ref in store.sort().items()} == {ANA: ("client",), HOME: ()}


PROPOSED = [
    (Party(ANA, "Ana Acme"), Party("a.acme@acme.example", "Acme, Ana"), "both at acme.example"),
    (Party(ANA, "Ana Acme"), Party(HOME, "Ána ACME"), "free mail"),
    (Party("ana@gmx.de", "Ana Acme"), Party(HOME, "Ana Acme"), "free mail"),
    (Party("a.n.a+x@googlemail.com"), Party(HOME), "two spellings"),
    (Party("ana+shop@acme.example"), Party(ANA), "two spellings"),
    (Party(ANA, "Ana"), Party("ana@acme.test", "Ana"), "look like one company"),
]
NOT_PROPOSED = [
    (Party(ANA, "Ana Acme"), Party(THIRD, "Ana Acme")),  # two people at two organisations
    (Party(ANA, "Ana"), Party(HOME, "Ana")),  # a first name alone
    (Party(ANA, "A. Acme"), Party(HOME, "A. Acme")),
    (Party("a.na@acme.example"), Party(ANA)),  # dots are ignored by Google alone
    (Party("info@acme.example", "Ana Acme"), Party(HOME, "Ana Acme")),
    (Party("info+x@acme.example"), Party("info@acme.example")),
    (Party(ANA, "Ana"), Party("ana@acme.test", "Anatol")),
]


@pytest.mark.parametrize(("one", "other", "why"), PROPOSED)
def test_who_is_likely_one_person_is_proposed(other_store: Store, one: Party, other: Party, why: str) -> None:
    other_store.pull(mail(SAM, to=(one,), number=1), mail(SAM, to=(other,), number=2))
    [(pair, reason)] = proposed(other_store).items()
    assert pair == (one.address, other.address)
    assert why in reason


@pytest.mark.parametrize(("one", "other"), NOT_PROPOSED)
def test_who_is_not_is_not(other_store: Store, one: Party, other: Party) -> None:
    other_store.pull(mail(SAM, to=(one,), number=1), mail(SAM, to=(other,), number=2))
    assert proposed(other_store) == {}


def test_two_people_with_the_same_mailboxes_at_two_domains_make_these_one_companys(store: Store) -> None:
    for number, local in enumerate(("ana", "bob"), start=1):
        store.pull(*(mail(SAM, to=(Party(f"{local}@{at}", local),), number=10 * number + len(at)) for at in
                     ("old.example", "renamed.example")))  # fmt: skip
    assert set(proposed(store)) == {(f"{one}@old.example", f"{one}@renamed.example") for one in ("ana", "bob")}


def test_what_was_answered_is_not_proposed_again_also_not_of_a_larger_family(store: Store) -> None:
    store.pull(mail(SAM, to=(Party(ANA, "Ana Acme"),)), mail(SAM, to=(Party(HOME, "Ana Acme"),), number=2))
    store.pull(mail(SAM, THIRD, number=3))
    merge(store, ANA, THIRD)
    assert len(proposed(store)) == 1
    part(store, [ANA, THIRD], [HOME])
    assert proposed(store) == {}
    part(store, [ANA], [THIRD])
    assert proposed(store) == {}


def test_a_name_that_many_bear_proposes_nobody(other_store: Store) -> None:
    other_store.pull(*(mail(SAM, to=(Party(f"p{n}@x.example", "Ana Acme"),), number=n) for n in range(60)))
    other_store.pull(mail(SAM, "p1+a@x.example", number=6000))
    assert set(proposed(other_store)) == {("p1@x.example", "p1+a@x.example")}


def publish(store: Store) -> list[FeedEntry]:
    """Have the feed tell of everybody, as an evaluation does; give the lines that are new."""
    store.sort()
    with store.database.writing() as connection:
        last = max((entry.seq for entry in feed.entries(connection)), default=0)
        for row in connection.execute(select(contact)).all():
            added = {"id": f"add {row.id}", "type": "contact.added", "time": row.added_at, "data": {}}
            feed.stage(connection, row.id, [{**added, "contact_id": row.id}])
        feed.publish(connection)
        return list(feed.entries(connection, last))


def fates(entries: list[FeedEntry]) -> list[tuple[str, str, Any]]:
    return [(entry.type, entry.contact.id, entry.data.get("merged")) for entry in entries]


def test_the_feed_tells_of_each_merging_and_each_separation_once(store: Store) -> None:
    ana, home = contact_id(ANA), contact_id(HOME)
    store.pull(mail(SAM, ANA, number=1), mail(SAM, HOME, number=2))
    told = publish(store)
    for _ in range(2):
        merge(store, ANA, HOME)
        merged = publish(store)
        assert fates(merged) == [("contact.merged", ana, home)]
        assert merged[0].data == {"merged": home, "into": ana, "addresses": [HOME]}
        assert (merged[0].contact.addresses, merged[0].time) == ((ANA, HOME), NOW)
        assert publish(store) == []
        part(store, [ANA], [HOME])
        back = publish(store)
        assert fates(back) == [("contact.added", home, None)]
        assert publish(store) == []
        told += merged + back
    assert len({entry.id for entry in told}) == len(told)


def test_the_feed_tells_into_whom_everybody_went_also_in_steps_and_back(store: Store) -> None:
    ana, home, third = map(contact_id, (ANA, HOME, THIRD))
    store.pull(mail(SAM, ANA, HOME, THIRD))
    publish(store)
    merge(store, HOME, THIRD)
    publish(store)
    merge(store, ANA, HOME)
    assert sorted(fates(publish(store))) == sorted([("contact.merged", ana, third), ("contact.merged", ana, home)])
    with store.database.writing() as connection:
        kinship.withdraw(connection, kinship.listed(connection)[0])
    assert sorted(fates(publish(store))) == sorted([("contact.added", home, None), ("contact.merged", home, third)])


def test_of_whom_the_feed_never_heard_it_tells_no_merging(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1), mail(HOME, SAM, number=2))
    publish(store)
    merge(store, ANA, HOME)
    assert publish(store) == []


def test_the_owners_word_outlives_that_everything_is_derived_anew(store: Store) -> None:
    store.pull(mail(SAM, ANA, HOME, BOB))
    merge(store, ANA, HOME)
    store.sort()
    with store.database.writing() as connection:
        label_words.say(connection, HOME, "client", NOW, given=True)
        people.mark_all_dirty(connection)
        connection.execute(address.update().values(contact_id=None))
        connection.execute(contact.delete())
    found = store.sort()
    assert (found[ANA].addresses, found[ANA].labels, len(found)) == ((ANA, HOME), ("client",), 2)
