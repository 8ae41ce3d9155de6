"""Every command has a picture, every picture shows what the game says today, and the documents show every one."""

from __future__ import annotations

import json
import re

from simulator.served import GALLERY
from tests.browser.pictures import FOLDER, PAGE, TAKEN, digests, file_of, shown
from tests.project.test_laws import pages

AGAIN = "run make pictures (make picture COMMAND=ping takes that of /ping), look at them, and commit them"
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+\.png)\)")
MOST = 4 * 1024 * 1024  # bytes that a clone carries for them


def headings() -> set[str]:
    return {scene["name"] for scene in json.loads(GALLERY.read_text(encoding="utf-8"))}


def test_every_command_and_every_other_sender_has_a_picture():
    assert shown().keys() == headings(), "tests/browser/pictures.py names what the game does not say"


def test_the_pictures_are_of_what_the_game_says_today():
    taken, now = json.loads(TAKEN.read_text(encoding="utf-8")), digests()
    assert [file for file in now if taken.get(file) != now[file]] == [], AGAIN


def test_there_are_these_pictures_and_no_others():
    wanted = {*map(file_of, shown()), *PAGE, TAKEN.name}
    assert {file.name for file in FOLDER.iterdir()} == wanted, AGAIN


def test_a_clone_does_not_carry_much_for_them():
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < MOST


def test_the_documents_show_every_picture_and_say_in_words_what_is_on_it():
    named = {
        (page.parent / target).resolve(): words
        for page in pages()
        for words, target in PICTURE.findall(page.read_text(encoding="utf-8"))
    }
    in_documents = {path.name for path in named if path.parent == FOLDER}
    assert {path.name for path in FOLDER.glob("*.png")} == in_documents
    assert [path.name for path, words in named.items() if not words.strip()] == []
