"""Who is in the practice: people, where they work, and which script each of them plays."""

from __future__ import annotations

from dataclasses import dataclass

from tests.practice.letters import Mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A correspondent of the owner."""

    name: str
    address: str
    script: str  # a name in scripts.SCRIPTS
    software: str = "outlook"  # mail and calendar program: "outlook" or "google"
    second_address: str = ""
    alias: bool = False  # writes to the owner's second address
    in_copy: tuple[Persona, ...] = ()  # colleagues in Cc of each of their mails

    @property
    def mailbox(self) -> Mailbox:
        """Give name and address."""
        return Mailbox(self.name, self.address)

    @property
    def addresses(self) -> frozenset[str]:
        """Give all addresses."""
        return frozenset({self.address, self.second_address} - {""})


CLIENTS = (
    "nordwind.example",
    "baumann-soehne.example",
    "atelier-lumen.example",
    "rosen-apotheken.example",
    "kestrel-energy.example",
    "mondial-foods.example",
    "stadtwerke-elbtal.example",
    "polder-bikes.example",
    "sunfield-schools.example",
    "opal-dental.example",
    "viktoria-museum.example",
)
PROSPECTS = ("fjordtech.example", "linden-verlag.example", "quarry-legal.example")

FRIEDRICH = Persona(name="Friedrich Baumann", address="f.baumann@baumann-soehne.example", script="in_copy")
DENIZ = Persona(name="Deniz Öztürk", address="deniz.oeztuerk@nordwind.example", script="monthly", software="google")


def _person(name: str, address: str, script: str, software: str = "outlook", alias: bool = False) -> Persona:
    return Persona(name=name, address=address, script=script, software=software, alias=alias)


CAST: tuple[Persona, ...] = (
    # the large organisation with four people
    _person("Ana Kovač", "ana.kovac@nordwind.example", "weekly_with_series"),
    _person("Björn Lindqvist", "bjorn.lindqvist@nordwind.example", "fortnightly"),
    _person("Claire Dubois", "claire.dubois@nordwind.example", "monthly"),
    DENIZ,
    # healthy in other ways
    Persona(
        name="Eva Baumann",
        address="eva@baumann-soehne.example",
        script="monthly_with_meeting",
        in_copy=(FRIEDRICH,),
    ),
    FRIEDRICH,
    Persona(
        name="Emil Sørensen",
        address="emil.sorensen@fjordtech.example",
        script="fortnightly",
        software="google",
        second_address="emil.sorensen.privat@gmail.com",
    ),
    _person("Kim Tran", "kim.tran@mondial-foods.example", "on_leave"),
    _person("Lena Fuchs", "l.fuchs@tannenberg-hotels.example", "fortnightly_with_meetings"),
    _person("Marco Bianchi", "marco@zephyr-robotics.example", "weekly_with_series", "google"),
    _person("Nora Keller", "nora.keller@viktoria-museum.example", "monthly"),
    _person("Oskar Thiel", "praxis@opal-dental.example", "fortnightly", "google", alias=True),
    _person("Priya Nair", "priya.nair@sunfield-schools.example", "weekly", "google"),
    _person("Rasmus Holm", "rasmus.holm@stadtwerke-elbtal.example", "monthly_with_meeting"),
    _person("Sophie Laurent", "sophie@atelier-lumen.example", "fortnightly_with_meetings", "google"),
    _person("Tomáš Dvořák", "tomas.dvorak@linden-verlag.example", "weekly"),
    _person("Uta Zimmermann", "u.zimmermann@polder-bikes.example", "on_leave"),
    _person("Ingo Schaller", "ingo.schaller.hh@gmx.de", "quarterly", "google"),
    _person("Julia Brandt", "julia.brandt.photo@gmail.com", "quarterly", "google"),
    _person("Helga Carter", "helga.carter1951@web.de", "mother", "google"),
    _person("Fatima Rahimi", "fatima.rahimi@rosen-apotheken.example", "ended_well"),
    _person("Jonas Weidlich", "jonas@weidlich-writes.example", "writes_a_newsletter", "google"),
    # just not that into you
    _person("Inès Moreau", "ines.moreau@atelier-lumen.example", "goes_quiet"),
    _person("Henrik Petersen", "henrik.petersen@hafenlogistik.example", "goes_quiet", "google"),
    _person("Katharina Vogel", "k.vogel@rosen-apotheken.example", "fades"),
    _person("Liam O'Sullivan", "liam@kestrel-energy.example", "fades", "google"),
    _person("Marta Nowak", "marta.nowak@brightwater.example", "leaves_it_to_the_owner"),
    _person("Nils Andersen", "nils.andersen@fjordtech.example", "leaves_it_to_the_owner", "google"),
    _person("Olivia Grant", "olivia.grant@mondial-foods.example", "counters_three_times"),
    _person("Pavel Novotný", "pavel.novotny@linden-verlag.example", "moves_three_times"),
    _person("Quentin Mercier", "quentin.mercier@stadtwerke-elbtal.example", "cancels_late"),
    _person("Rosa Delgado", "rosa@polder-bikes.example", "declines_late", "google"),
    _person("Gustav Pohl", "gustav.pohl@hafenlogistik.example", "stands_up"),
    _person("Hanna Weiss", "hanna.weiss@brightwater.example", "stands_up", "google"),
    _person("Igor Petrenko", "igor.petrenko@kestrel-energy.example", "leaves_an_invitation"),
    _person("Jana Kolb", "jana.kolb@zephyr-robotics.example", "leaves_an_invitation", "google"),
    # not what it looks like
    _person("Kerstin Vogt", "kerstin.vogt@viktoria-museum.example", "declines_while_away"),
    _person("Lars Behrens", "lars.behrens@quarry-legal.example", "changes_a_series", "google"),
    # warming
    _person("Stefan Kruse", "kruse@quarry-legal.example", "warms"),
    _person("Theresa Lang", "theresa.lang@sunfield-schools.example", "warms", "google"),
    _person("Umut Şahin", "umut.sahin@opal-dental.example", "comes_back"),
    _person("Vera Hoffmann", "vera.hoffmann@tannenberg-hotels.example", "comes_back", "google"),
    # the mirror
    _person("Wiebke Janßen", "wiebke.janssen@viktoria-museum.example", "waits_for_the_owner"),
    _person("Xaver Huber", "xaver.huber@zephyr-robotics.example", "waits_for_the_owner", "google"),
    _person("Yara Haddad", "yara.haddad@hafenlogistik.example", "waits_for_the_owner"),
    _person("Zoë Martin", "zoe.martin.design@gmail.com", "waits_for_the_owner", "google", alias=True),
    _person("Anton Berger", "anton.berger@kestrel-energy.example", "was_forgotten"),
    _person("Bettina Krause", "bettina.krause@quarry-legal.example", "was_forgotten", "google"),
    _person("Carlos Mendes", "carlos.mendes@brightwater.example", "is_put_off_by_the_owner"),
    _person("Dorothea Engel", "dorothea.engel@linden-verlag.example", "is_put_off_by_the_owner", "google"),
    _person("Gerda Lorenz", "gerda.lorenz@stadtwerke-elbtal.example", "gets_only_invoices"),
    _person("Ivo Marić", "ivo.maric@polder-bikes.example", "gets_only_invoices", "google"),
    _person("Karin Ahlers", "k.ahlers@mondial-foods.example", "is_served_worse"),
    _person("Miguel Santos", "miguel.santos@opal-dental.example", "is_served_worse", "google"),
    _person("Paula Reimers", "paula.reimers@tannenberg-hotels.example", "has_lunch_no_more"),
    _person("Sven Halvorsen", "sven.halvorsen@brightwater.example", "has_lunch_no_more", "google"),
    _person("Tanja Wolff", "tanja.wolff@sunfield-schools.example", "is_told_business"),
    _person("Viktor Lindner", "viktor.lindner@zephyr-robotics.example", "is_told_business", "google"),
    _person("Wanda Kowalski", "wanda.kowalski@fjordtech.example", "waits_at_first"),
    _person("Yusuf Demir", "yusuf.demir@quarry-legal.example", "waits_at_first", "google"),
)

CLASSMATES: tuple[Mailbox, ...] = (
    Mailbox("Till Ritter", "till.ritter.77@gmx.de"),
    Mailbox("Sabine Möller", "sabine.moeller.kiel@web.de"),
    Mailbox("Georg Schäfer", "georg.schaefer.foto@gmail.com"),
    Mailbox("Anja Petri", "anja.petri@posteo.de"),
    Mailbox("Ralf Dombrowski", "ralf.dombrowski@t-online.de"),
    Mailbox("Ulrike Sander", "ulrike.sander.hl@gmx.de"),
    Mailbox("Marek Zielinski", "marek.zielinski.lab@gmail.com"),
    Mailbox("Conny Busch", "conny.busch@web.de"),
    Mailbox("Hannes Vogt", "hannes.vogt.segelt@gmail.com"),
)
