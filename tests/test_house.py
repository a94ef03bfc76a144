"""The house keeps its own rules: who may import whom, and what is installed is what is imported."""

import ast
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("access", "alerts", "collectors", "dashboards", "demo", "metrics", "migrations", "publish")


def files_of_the_product() -> list[Path]:
    return [*ROOT.glob("*.py"), *(file for folder in PRODUCT for file in (ROOT / folder).rglob("*.py"))]


def third_party_imports(files: list[Path]) -> dict[str, Path]:
    """Top-level modules that are neither Python's nor ours, each with a file that imports it."""
    ours = {path.stem if path.is_file() else path.name for path in ROOT.iterdir()} | {*PRODUCT, "app", "worker"}
    found: dict[str, Path] = {}
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            else:
                continue
            for name in {name.split(".")[0] for name in names}:
                if name not in sys.stdlib_module_names and name not in ours:
                    found.setdefault(name, file)
    return found


def pinned(file: str) -> set[str]:
    return {
        re.split(r"[\[=;]", line)[0].lower().replace("_", "-")
        for line in (ROOT / file).read_text("utf-8").splitlines()
        if line and not line.startswith(("#", "-"))
    }


def distributions(module: str) -> set[str]:
    return {name.lower().replace("_", "-") for name in installed().get(module, [module])}


@cache
def installed() -> Mapping[str, list[str]]:
    """Module -> the distributions that bring it; to look costs a second."""
    return packages_distributions()


def test_it_installs_what_the_product_imports() -> None:
    have = pinned("requirements.txt") | {"flask", "markupsafe", "werkzeug"}  # they come with Dash, whose server they are
    missing = {name: file for name, file in third_party_imports(files_of_the_product()).items() if not distributions(name) & have}
    assert missing == {}, "imported, but not in requirements.txt"


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_it_pins_every_direct_dependency_to_one_version(file: str) -> None:
    lines = [line for line in (ROOT / file).read_text("utf-8").splitlines() if line and not line.startswith(("#", "-"))]
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+(; .+)?", line)] == []


def test_it_keeps_to_who_may_import_whom() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    told = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr
