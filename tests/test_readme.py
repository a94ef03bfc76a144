"""What the documents say is so: links lead somewhere, promises name tests that exist."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_it_links_only_to_what_is_there(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_it_names_an_existing_test_for_every_promise() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    table = readme.split("<!-- promises:")[1].split("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert rows
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", row)
        assert named, f"no test named in: {row}"
        for file, test in named:
            assert (ROOT / file).is_file(), f"{file} does not exist: {row}"
            assert not test or f"def {test}(" in (ROOT / file).read_text("utf-8"), f"{file} has no {test}: {row}"


def test_it_says_every_command_of_the_makefile_with_what_it_does() -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for command in ["help", "run", "test", "soak", "newcomer", "check", "lint", "bench"]:
        assert re.search(rf"^  make {command}\s+\w", told, re.M), f"make help does not explain {command}"
