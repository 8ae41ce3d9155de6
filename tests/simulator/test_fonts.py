"""The page brings every font that its messages need, so its pictures are the same on every machine."""

from __future__ import annotations

import json
import re

from simulator.served import BUILT, FONTS, GALLERY, SIGNS, page

FACES = re.compile(r"@font-face\s*{([^}]*)}")
RANGES = re.compile(r"unicode-range:([^;}]*)")
FILE = re.compile(r'url\("?(?:\./)?([^")]+)"?\)')
WITHOUT_A_GLYPH = {"\N{VARIATION SELECTOR-16}", "\n"}
ELSEWHERE = {"\N{MIDLINE HORIZONTAL ELLIPSIS}"}
"""No font of ours has it; every system's has."""


def covered() -> set[int]:
    """What the fonts of the page draw, where its style sheet uses them."""
    found = set[int]()
    for face in FACES.findall((BUILT / "app.css").read_text(encoding="utf-8")):
        ranges, file = RANGES.search(face), FILE.search(face)
        if ranges and file:  # without a range it is for code alone
            found |= wanted(ranges[1]) & has(file[1]) if file[1] in SIGNS else wanted(ranges[1])
    return found


def has(font: str) -> set[int]:
    """The characters of a font of the pictures."""
    runs = json.loads((FONTS / "coverage.json").read_bytes())[font]
    return {code for first, more, _ in runs for code in range(first, first + more + 1)}


def wanted(ranges: str) -> set[int]:
    ends = [each.strip().removeprefix("U+").partition("-") for each in ranges.split(",")]
    return {code for first, _, last in ends for code in range(int(first, 16), int(last or first, 16) + 1)}


def test_every_character_of_every_message_has_a_font_of_the_page():
    used = {*json.dumps(json.loads(GALLERY.read_bytes()), ensure_ascii=False)} - WITHOUT_A_GLYPH - ELSEWHERE
    known = covered()
    assert {character for character in used if ord(character) not in known} == set()


def test_each_font_is_served_and_its_licence_stands_beside_it():
    for name in (*SIGNS, *(file.name for file in BUILT.glob("*.wof*"))):
        sent = page(name)
        assert sent is not None
        assert sent[1]["Content-Type"].startswith("font/")
    assert "SIL Open Font License" in (BUILT / "noto-license.txt").read_text(encoding="utf-8")
    assert "SIL Open Font License" in (BUILT / "figtree-license.txt").read_text(encoding="utf-8")
    for name in SIGNS:
        licence = FONTS / f"{name.partition('_')[0]}.LICENSE"
        assert "SIL Open Font License" in licence.read_text(encoding="utf-8")
