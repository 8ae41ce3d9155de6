"""The shipped challenges are many, different, short, kind and safe, and keep their ids for ever."""

import re
from collections import Counter
from difflib import SequenceMatcher
from functools import cache
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import pytest

from mastermind.game.challenges import content as challenges

CATALOGUE = challenges.load()
ALL = tuple(CATALOGUE.by_id.values())
TEXTS = tuple(each.text for each in ALL)

KNOWN_IDS = Path(__file__).with_name("known_challenge_ids.txt").read_text(encoding="utf-8").splitlines()
"""Every id that was ever shipped, in order of its appearance: new ones are added at the end, none leaves."""

SEALS = {303: "ca796f324f6f0b3aaef2528aa3bbf8eeae1bc14e9581e9a5e7571066f19c8bfb"}
"""The digest of so many first lines of the known ids. When ids are appended, add a digest; the older ones stay true."""

RETIRED: frozenset[str] = frozenset()
"""Ids that were shipped once and are no longer offered: members' completions still carry them."""

TITLES = [
    "Warm-Up & Icebreakers",
    "Playful Curiosity",
    "Small Social Experiments",
    "Light Play in Public",
    "Fun Conversation Starters",
    "Social Warm-Up Games",
    "Physical Playfulness",
    "Small Challenges",
    "Vocal Play",
    "Crowd Energy",
    "Character Play",
    "Personal Sharing",
    "Unusual Questions",
    "Social Momentum",
    "Fun With Movement",
    "Playful Acting",
    "Public Games",
    "Friendly Dares",
    "Light Public Discomfort",
    "Group Play",
    "Self-Amplification",
    "Connection Depth",
    "Positive Impact",
    "Rapid Fire",
    "Grandmaster Challenges",
]

VERBS = frozenset(
    re.findall(
        r"\w+",
        """
        Admit Announce Answer Apologise Ask Balance Be Begin Blow Bow Bring Build Call Carry Chalk Challenge Cheer
        Collect Commentate Conduct Confide Count Cross Dance Dare Describe Disagree Discover Eat End Enter Examine
        Exchange Explain Face Find Fly Fold Follow Form Freeze Gather Get Give Go Greet Guess Guide Hand Have Hold Host
        Hum Inspect Introduce Invent Invite Join Keep Land Lay Lead Learn Let Lie Lighten Listen Make March Mime
        Moonwalk Move Nod Offer Open Paint Pause Pay Perform Phone Pick Pitch Place Play Post Practise Praise Present
        Prop Propose Publish Put Raise Read Repeat Replay Reply Return Ring Roll Run Say Send Serve Set Shake Share
        Show Sign Sing Sit Sketch Skip Speak Spin Spread Stand Start Stay Stop Stretch Strike Stroll Swap Swing Take
        Talk Teach Tell Thank Tie Trade Try Turn Unmute Visit Wait Walk Waltz Wave Wear Wish Work Write
        """,
    )
)

FORBIDDEN = {
    "romance and looks": r"sex\w*|kiss\w*|flirt\w*|romanc\w*|romantic\w*|dat(e|es|ing)|seduc\w*|attractive|girls?|boys?"
    r"|girlfriends?|boyfriends?|wom[ae]n|m[ae]n|naked|nude|strip\w*|underwear|body|bodies",
    "touching people": r"touch\w*|hug\w*|cuddl\w*|massag\w*|tickl\w*|handshakes?|poke|grab\w*|push\w*",
    "intoxication": r"alcohol\w*|beers?|wines?|cocktails?|pubs?|bars?|nightclubs?|drunk|tipsy|drugs?|smok\w*"
    r"|cigarettes?|vap(e|es|ing)|weed",
    "capturing people": r"film\w*|videos?|record\w*|photo\w*|selfies?|livestream\w*|cameras?|eavesdrop\w*",
    "money": r"money|bets?|betting|wager\w*|borrow\w*|lend\w*|loans?|cash|coins?|beg|begging|buy|sell|donat\w*"
    r"|discounts?|haggl\w*",
    "lies and pranks": r"lies|lying|pretend\w*|deceiv\w*|prank\w*|fool\w*|fake\w*|imperson\w*|scar(e|es|ing)|startl\w*"
    r"|frighten\w*|shock\w*|annoy\w*|embarrass\w*|insult\w*|mock\w*|tease\w*|rude\w*",
    "pressure": r"insist\w*|until they|until somebody|forc(e|es|ing)|make (a stranger|them|somebody|people)|chas\w*"
    r"|follow (a|an|the|some\w*|them)|stalk\w*|stare at|interrupt\w*|persuad\w*",
    "children": r"child|children|kids?|toddlers?|bab(y|ies)|teenagers?|minors?|pupils?",
    "danger": r"roads?|motorway|rails?|tracks?|climb\w*|jump\w*|ladders?|ledge|midnight|at night|dark|alleys?"
    r"|hitchhik\w*|blindfold\w*|eyes closed|knife|knives|guns?|weapons?|fire|flames?|swim|ice",
    "law and alarm": r"steal\w*|shoplift\w*|trespass\w*|police\w*|ambulance|emergency|alarm|graffiti|bomb|airport",
    "intimate matters": r"passwords?|phone numbers?|home address|salar(y|ies)|earn|diagnos\w*|illness\w*|medication"
    r"|weight|how old|political|politics|religio\w*|god|skin|accents?",
}
"""What no challenge may name: patterns of whole words, by theme."""

PLACES = {
    "shop": r"shops?|supermarket|bakery|bookshop|greengrocer|fruit seller|cashier|groceries|self-checkout",
    "stop": r"bus|tram|train|stop",
    "park": r"park|lawn|bench|playground|grass",
    "café": r"café|barista|canteen",
    "work": r"office|colleagues?|meeting|at work|boss",
    "gym": r"gym|gym-goer|trainer",
    "library": r"library|librarian|bookshop|bookseller|book",
    "street": r"street|pavement|square|block",
    "telephone": r"phone|call somebody|call a friend|ring",
    "online": r"voice channel|online|unmute|group chat|community",
}

THIN = frozenset(
    re.findall(
        r"\w+",
        """
        a all an and any anybody as at be by do each every everybody for from had has have how if in into is it its no
        not of on one or out people person so somebody than that the their them there they this through to until up was
        what when where whether which while who whoever whom why with would you your
        """,
    )
)
"""Words that say nothing about the substance of a challenge."""

MOST_SHARED_WORDS = 0.3
"""The closest pairs that were found different by eye share 29 % of their telling words."""

MOST_SHARED_LETTERS = 0.7
"""The closest pairs that were found different by eye have a ratio of 0.69: the same rhythm, another act."""


@cache
def telling(text: str) -> frozenset[str]:
    found: list[str] = re.findall(r"[\w'-]+", text.casefold())
    return frozenset(re.sub(r"(ing|ed|es|s)$", "", word) for word in found if word not in THIN)


def shared_words(one: str, other: str) -> float:
    """The Jaccard index of the telling words, 0 to 1."""
    mine, yours = telling(one), telling(other)
    return len(mine & yours) / len(mine | yours)


def shared_letters(one: str, other: str) -> float:
    """How much of the two texts runs in parallel, 0 to 1."""
    return SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio()


def are_alike(one: str, other: str) -> bool:
    """Whether two texts share too much; letters are compared (slowly) only where a telling word is shared at all."""
    words = shared_words(one, other)
    return words > MOST_SHARED_WORDS or (words > 0 and shared_letters(one, other) > MOST_SHARED_LETTERS)


def themes(text: str) -> list[str]:
    """The forbidden themes that a text names."""
    return [theme for theme, pattern in FORBIDDEN.items() if re.search(rf"\b({pattern})\b", text.casefold())]


def is_one_sentence(text: str) -> bool:
    """A capital at the start, a full stop at the end, and nothing that ends or splits a sentence between."""
    return bool(re.fullmatch(r"[A-Z][^.!?;:\s]*( [^.!?;:\s]+)*\.", text))


def first_word(text: str) -> str:
    return text.split(maxsplit=1)[0]


def test_there_are_303_challenges_in_25_chapters():
    assert [len(chapter.challenges) for chapter in CATALOGUE.chapters] == [13] * 3 + [12] * 22
    assert CATALOGUE.count == 303


def test_the_chapters_bear_their_titles_in_order():
    assert [chapter.title for chapter in CATALOGUE.chapters] == TITLES


def test_every_chapter_says_in_one_sentence_of_its_own_what_it_is_about():
    abouts = [chapter.about for chapter in CATALOGUE.chapters]
    assert [about for about in abouts if not re.fullmatch(r"[A-Z][^.!?\n]{39,159}\.", about) or themes(about)] == []
    assert len(set(abouts)) == len(abouts)


def test_every_text_has_30_to_110_characters():
    assert [text for text in TEXTS if not 30 <= len(text) <= 110] == []


def test_every_text_is_one_sentence():
    assert [text for text in TEXTS if not is_one_sentence(text)] == []


def test_every_text_begins_with_what_to_do():
    assert [text for text in TEXTS if first_word(text) not in VERBS] == []


def test_no_text_names_anything_forbidden():
    assert {text: themes(text) for text in TEXTS if themes(text)} == {}


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("Flirt with a stranger at the station.", "romance and looks"),
        ("Hug the next person you meet.", "touching people"),
        ("Have two beers and say hello to a group.", "intoxication"),
        ("Film somebody who is dancing in the street.", "capturing people"),
        ("Borrow something small from a passer-by.", "money"),
        ("Play a small prank on the cashier.", "lies and pranks"),
        ("Ask for a favour again and again until they agree.", "pressure"),
        ("Wave to a child in the playground.", "children"),
        ("Climb a statue and sing from the top.", "danger"),
        ("Call the police and tell them a joke.", "law and alarm"),
        ("Ask a neighbour about their salary.", "intimate matters"),
    ],
)
def test_a_text_that_names_something_forbidden_is_found(text: str, theme: str):
    assert themes(text) == [theme]


@pytest.mark.prove
def test_no_two_texts_are_alike():
    assert [pair for pair in combinations(TEXTS, 2) if are_alike(*pair)] == []


@pytest.mark.parametrize(
    "variant",
    [
        "Ask a passer-by for the time and thank them with a smile as if they had found your keys.",
        "Roll a die before you enter a shop and greet as many people as it shows.",
        "Sing one full chorus while you walk through a market and keep it up when others pass.",
    ],
)
def test_a_mere_variant_of_a_text_is_found(variant: str):
    assert sum(are_alike(variant, text) for text in TEXTS) == 1


def test_the_challenges_lead_to_many_places():
    visits = {
        place: sum(bool(re.search(rf"\b({at})\b", text.casefold())) for text in TEXTS) for place, at in PLACES.items()
    }
    assert {place: count for place, count in visits.items() if count < 4} == {}


def test_the_challenges_ask_for_many_kinds_of_acts():
    assert len({first_word(text) for text in TEXTS}) >= 120
    assert max(Counter(map(first_word, TEXTS)).values()) <= 36


def test_five_of_ours_fit_one_page():
    assert {chapter.on_a_page for chapter in CATALOGUE.chapters} == {5}


def test_no_chapter_is_built_on_one_verb():
    firsts = [Counter(first_word(each.text) for each in chapter.challenges) for chapter in CATALOGUE.chapters]
    assert [count.most_common(1) for count in firsts if max(count.values()) > 5] == []


def test_ids_are_a_few_plain_words():
    assert [each.id for each in ALL if len(each.id) > 32 or not re.fullmatch(r"[a-z]+(-[a-z]+)+", each.id)] == []


def test_an_id_leaves_the_catalogue_only_by_being_retired():
    assert set(KNOWN_IDS) == {each.id for each in ALL} | RETIRED
    assert RETIRED.isdisjoint(each.id for each in ALL)


def test_known_ids_are_only_ever_appended():
    assert len(set(KNOWN_IDS)) == len(KNOWN_IDS) == max(SEALS)
    assert {count: sha256("\n".join(KNOWN_IDS[:count]).encode()).hexdigest() for count in SEALS} == SEALS
