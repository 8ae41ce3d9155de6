"""Whatever a file of the repository points at is in the repository: links, and documents that code cites."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.project.test_laws import ROOT, anchors, headings, pages, tracked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CITED = re.compile(r"(?<![\w./:-])(?:docs/)?(?:[\w-]+/)*[\w-]+\.md\b(?P<section>#[\w-]+|, (?=[A-Z]).{1,80})?")
"""A document, alone or with a section: docs/rules/xp.md#rounding, or docs/rules/xp.md, Rounding."""

NEW_LINE = re.compile(r"\s*\n\s*(?:(?:#|--|//|\*)\s+)?")
"""A citation may go on in the next line of a comment."""

CODE = {".py", ".sql", ".yaml", ".yml", ".toml", ".ts", ".tsx", ".css", ".mjs", ".json", ".dot", ""}
INVENTED = {"tests/project/test_references.py", "tests/operations/test_migrations.py"}
"""Files that name documents which are not meant to exist."""


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path):
    for target in LINK.findall(page.read_text()):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page
        assert file.exists(), f"{target} leads nowhere"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file), f"{target}: no such heading"


def test_code_cites_documents_and_sections_that_exist():
    files = [path for path in tracked() if path.suffix in CODE and str(path.relative_to(ROOT)) not in INVENTED]
    wrong = {f"{path.relative_to(ROOT)}: {each}" for path in files for each in dangling(path.read_text())}
    assert wrong == set()


@pytest.mark.parametrize(
    "text",
    ["see contracts.md", "docs/rules/no-such-page.md", "docs/rules/xp.md#no-such", "(docs/rules/xp.md,\n# No Heading)"],
)
def test_a_citation_of_nothing_would_be_found(text: str):
    assert list(dangling(text)) != []


def test_a_citation_of_something_is_fine():
    assert list(dangling("(docs/rules/xp.md,\n-- Below zero), docs/rules/xp.md#rounding, README.md. SECURITY.md")) == []


def dangling(text: str) -> Iterator[str]:
    """Every citation whose document or section is not in the repository."""
    for found in CITED.finditer(NEW_LINE.sub(" ", text)):
        name, section = found[0].removesuffix(found["section"] or ""), found["section"] or ""
        if not name.startswith("docs/"):
            section = ""
        cited = [page for page in pages() if f"/{page.relative_to(ROOT)}".endswith(f"/{name}")]
        if not any(_has(page, section) for page in cited):
            yield found[0]


GUARDED = re.compile(r"`(tests/[\w/]+\.py)`:((?:\s+\*[^*]+\*[;.,]?)+)")
"""In the threat model: a file of tests, and what its tests are called, as sentences in italics."""


def test_the_threat_model_names_tests_that_exist():
    guards = [
        (file, sentence)
        for file, sentences in GUARDED.findall((ROOT / "docs/rules/threats.md").read_text())
        for sentence in re.findall(r"\*([^*\s][^*]*)\*", sentences)
    ]
    assert len(guards) > 50
    for file, sentence in guards:
        assert f"def test_{'_'.join(sentence.split())}(" in (ROOT / file).read_text(), (file, sentence)


def _has(page: Path, section: str) -> bool:
    if section.startswith("#"):
        return section[1:] in anchors(page)
    said = section.removeprefix(", ")
    return not said or any(re.match(rf"{re.escape(heading)}\b", said) for heading in headings(page))
