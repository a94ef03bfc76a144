"""docs/workspace.md tells every key that may be written and every fault that may be found."""

import re
from pathlib import Path

import pytest

from metrics.catalogue import grammar, measures
from metrics.catalogue.scalars import Block

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "workspace.md").read_text(encoding="utf-8")
BLOCKS = [one for one in vars(grammar).values() if isinstance(one, type) and issubclass(one, Block) and one is not Block]
KEYS = sorted({field.alias or name for one in BLOCKS for name, field in one.model_fields.items()} - {"zh", "en"})
SOURCES = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "metrics" / "catalogue").glob("*.py"))
FAULTS = sorted(set(re.findall(r'(?:fault|faults\.add)\(\s*"([a-z]+-[a-z-]+|cycle)"', SOURCES)))


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_told(key: str) -> None:
    assert re.search(rf"`[^`\n]*\b{key}\b[^`\n]*`", PAGE), f"{key} is not in docs/workspace.md"


@pytest.mark.parametrize("id", FAULTS)
def test_every_fault_is_told(id: str) -> None:
    assert f"`{id}`" in PAGE


@pytest.mark.parametrize("kind", measures._KINDS)
def test_every_kind_of_measure_is_told(kind: str) -> None:
    assert re.search(rf"\b{kind}\b", PAGE)
