"""What is written for readers: the README, the pages in docs/, and the other Markdown files of the project."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").glob("*.md"))
CARDS = sorted((ROOT / "assets").glob("*/README.md"))
LESSONS = sorted((ROOT / "docs").glob("*/README.md"))
EVERY = [README, *PAGES, *LESSONS, *CARDS, *(ROOT / f"{name}.md" for name in ("CONTRIBUTING", "SECURITY", "CHANGELOG"))]


def read(path: Path) -> str:
    """Read a document."""
    return path.read_text(encoding="utf-8")


def page(name: str) -> str:
    """Read a page of docs/."""
    return read(ROOT / "docs" / f"{name}.md")


def label(path: Path) -> str:
    """Name a document in the title of a test."""
    return str(path.relative_to(ROOT))
