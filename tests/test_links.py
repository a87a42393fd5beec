"""Links between the documents lead somewhere: to a file that exists, and to a heading that it has."""

import re
from pathlib import Path

import pytest

from tests.documents import EVERY, PAGES, README, ROOT, label, read

FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def links(text: str) -> list[str]:
    """Find the addresses of all links and pictures that are inside the project."""
    prose = re.sub(r"`[^`\n]*`", "", FENCED.sub("", text))
    found = re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'(?:src|srcset|href)="([^"]+)"', prose)
    return [address for address in found if not re.match(r"[a-z]+:", address)]


def anchors(text: str) -> list[str]:
    """Name the headings as GitHub does in addresses: small letters, hyphens for spaces, no punctuation."""
    headings = re.findall(r"^#{1,6} (.+)$", FENCED.sub("", text), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("document", EVERY, ids=label)
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(document: Path) -> None:
    assert [broken for address in links(read(document)) if (broken := complaint(document, address))] == []


def complaint(document: Path, address: str) -> str:
    """Say what is wrong with a link; mostly nothing."""
    name, _, heading = address.partition("#")
    target = (document.parent / name).resolve() if name else document
    if not target.is_relative_to(ROOT):
        return f"{address} leads out of the project"
    if not target.exists():
        return f"{address}: there is no such file"
    if heading and heading not in anchors(read(target)):
        return f"{address}: there is no such heading"
    return ""


@pytest.mark.parametrize("document", PAGES, ids=label)
def test_every_page_is_found_from_the_readme_and_leads_back(document: Path) -> None:
    assert f"docs/{document.name}" in links(read(README))
    found = {address.partition("#")[0] for address in links(read(document))}
    assert "../README.md" in found
    assert found & {other.name for other in PAGES}, "a page links to its neighbours"


@pytest.mark.parametrize("document", PAGES, ids=label)
def test_every_page_begins_with_one_sentence_on_what_it_is_for(document: Path) -> None:
    title, first, neighbours = read(document).split("\n\n")[:3]
    assert title.startswith("# ")
    assert first.startswith("This page ")
    assert first.count(". ") == 0
    assert first.endswith(".")
    assert neighbours.startswith("See also: ")


@pytest.mark.parametrize("document", EVERY, ids=label)
def test_no_document_has_two_headings_of_one_name(document: Path) -> None:
    names = anchors(read(document))
    assert len(names) == len(set(names))
