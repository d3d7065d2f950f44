"""What people write about: stems of subjects, sentences, greetings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

SUBJECTS: tuple[str, ...] = tuple(
    line.strip()
    for line in """
    Workshop on Thursday
    Notes from our call
    Draft of the roadmap
    Questions on the offer
    Pricing for the next phase
    Interview list
    Slides for the board
    Kick-off: who comes?
    Budget for the second half
    Onboarding of the new team
    Findings from the site visit
    Numbers for March
    Three thoughts on the reorganisation
    A short question
    Feedback from the steering group
    Next steps
    Access to the data room
    Training plan
    Which supplier?
    The new shift model
    Agenda for Monday
    Protocol of yesterday
    Contract: two small changes
    Stakeholder map
    Service desk: first results
    Travel to Hamburg
    Hotel for the offsite
    Customer interviews
    Sales figures, cleaned
    The warehouse question
    Moving the launch
    Risk list
    Team survey
    Job profile for the head of sales
    Candidates
    Lessons from the pilot
    Pilot in Bremen
    Rollout calendar
    Translation of the handbook
    Photos from the workshop
    Who owns the process?
    Process map, version 2
    Reporting: what do we need?
    Dashboard for the managers
    Complaints in spring
    Delivery times
    Call centre scripts
    Price list
    Comparison with last year
    Market study
    Your article
    Recommendation for a lawyer
    Insurance
    Data protection: one point
    Works council
    Meeting with the mayor
    Funding application
    Grant deadline
    Annual plan
    Strategy day
    Mission statement, once more
    New website
    Texts for the brochure
    Logo on the slides
    Trade fair in Leipzig
    Visit to the plant
    Quality numbers
    Machine downtime
    Spare parts
    Energy costs
    Heating concept
    Bike leasing
    Parking
    Canteen project
    Opening hours
    Summer party
    Lunch next week?
    Coffee?
    Back from holiday
    Greetings from the sea
    Book that I mentioned
    Podcast
    Congratulations
    Anniversary
    Change of address
    Who can help with Excel?
    Template for the minutes
    Two versions, please choose
    Final version
    Final version, really
    Corrections
    Typo on page 4
    Sign-off
    Approval by the board
    Delay at the printer's
    Question from our auditors
    Numbers for the bank
    Liquidity
    Succession
    Handover
    Maternity cover
    Appraisal talks
    Salary bands
    Home office rules
    Language course
    Safety briefing
    Project diary
    Weekly note
    Status
    Open points
    Decision needed
    Idea for autumn
    Follow-up to the fair
    Contact at the chamber
    Conference in May
    Talk: title and abstract
    Panel
    Press inquiry
    Reference letter
    Case study
    May we name you?
    Besuch in Köln
    Rückfrage zum Angebot
    Entwurf für Freitag
    Termin im Mai
    Unterlagen für den Beirat
    Kurze Frage
    Grüße aus Zürich
    Schulung für das Lager
    Übergabe an das Team
    Zahlen für das Quartal
    Vorschlag für den Ablauf
    Nachlese Werkstatt
    Führungskräfte: nächste Runde
    Prüfung der Verträge
    """.strip().splitlines()
)

OPENINGS: tuple[str, ...] = (
    "Could you have a look at this before the end of the week?",
    "I have been thinking about what you said last time.",
    "Here is what I promised; tell me what is missing.",
    "A quick question before I go on with it.",
    "We had a good discussion here, and one point stayed open.",
    "Would it help if I joined the first half hour?",
    "I am putting the list together and need your view.",
    "The team liked the first version and wants to see more.",
    "Can we decide this without a meeting?",
    "Something came up that you should know about.",
    "I read your notes on the train and have two remarks.",
    "Do you remember who made the calculation last year?",
)
SENTENCES: tuple[str, ...] = (
    "The numbers are in the second tab.",
    "I would start with the warehouse and leave the rest for later.",
    "Two of the five interviews are done, the others follow next week.",
    "Nobody objected, which surprised me.",
    "The plant manager wants to be asked first, and he is right.",
    "I suggest that we keep it small: six people, half a day.",
    "It costs more than we thought, but less than we feared.",
    "The old list had some people twice.",
    "My colleague has the details, I only have the picture.",
    "Let us not promise a date before we know who is on leave.",
    "The board meets on the twelfth, so we have a little time.",
    "I have marked what is still open in yellow.",
    "If it rains we move it indoors.",
    "The first draft was too long; this one is half as long.",
    "We tried it in one branch, and complaints went down by a third.",
    "I do not want to make a bigger thing of it than it is.",
    "Die Liste ist jetzt vollständig, bis auf zwei Namen.",
    "Für die Übergabe brauchen wir noch einen halben Tag.",
    "There is a café opposite the station where we could meet.",
    "Please do not pass it on yet.",
    "From my side this can go out as it is.",
    "We should ask those who do the work, not those who plan it.",
    "Our auditors want to see it in writing.",
    "I will be on the train from two, but can read mail.",
)
ANSWERS: tuple[str, ...] = (
    "Thank you, this helps.",
    "Yes, that works for us.",
    "Good question; I had to ask around.",
    "Agreed, with one small change.",
    "I would rather do it the other way round.",
    "That was quick. Here is our part.",
    "Sounds right to me.",
    "Let me check with the others and come back to you.",
    "Perfect, then we do it like that.",
    "I see it a little differently, but can live with it.",
)
GREETINGS: tuple[str, ...] = (
    "Hi {name},",
    "Hello {name},",
    "Dear {name},",
    "{name},",
    "Good morning {name},",
)
CLOSINGS: tuple[str, ...] = ("Best,", "Best regards,", "Kind regards,", "Viele Grüße", "Cheers,", "Thanks,")


def subjects(rng: Random) -> Iterator[str]:
    """Give stems of subjects without an end, each of the pool once before any comes again."""
    while True:
        pool = list(SUBJECTS)
        rng.shuffle(pool)
        yield from pool


def text(rng: Random, *, to: str, sender: str, answer: bool) -> str:
    """Write the text of a mail, without a quotation; ``to`` and ``sender`` are full names."""
    first = rng.choice(ANSWERS if answer else OPENINGS)
    rest = rng.sample(SENTENCES, min(len(SENTENCES), 1 + int(rng.expovariate(0.5))))
    greeting = rng.choice(GREETINGS).format(name=to.split(maxsplit=1)[0])
    closing = f"{rng.choice(CLOSINGS)}\n{sender.split(maxsplit=1)[0]}"
    return f"{greeting}\n\n{first} {' '.join(rest)}\n\n{closing}\n"


def quoted(text: str, who: str, when: str, lines: int = 12) -> str:
    """Quote the beginning of an earlier mail, as mail programs do below an answer."""
    return f"\nOn {when}, {who} wrote:\n" + "".join(f"> {line}\n" for line in text.splitlines()[:lines])
