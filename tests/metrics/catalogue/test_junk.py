"""Whatever stands in a workspace, `check` says what is wrong and never fails itself."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.catalogue import check
from tests.metrics.catalogue.writing import SOUND

JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 3.5, "", "x", "in_period", "missing", "${NOWHERE}", "env:NOWHERE", [], [1], ["x", "x"], [None], {},
     {"x": 1}, {"key": "x"}, [{"key": "x"}], [[]], {"field": "x"}, "北", "on_time", ["on_time"], {"not": "x"}, {"at_least": "x"}]
)  # fmt: skip


def spots(value: Any, spot: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [spot, *(found for key, one in inner for found in spots(one, (*spot, key)))]


def replaced(value: Any, spot: tuple[Any, ...], junk: Any) -> Any:
    if not spot:
        return junk
    copy = value.copy()
    copy[spot[0]] = replaced(value[spot[0]], spot[1:], junk)
    return copy


PLAIN = {name: yaml.load(dedent(text), yaml.BaseLoader) for name, text in SOUND.items()}
PLACES = [(name, spot) for name, value in PLAIN.items() for spot in spots(value)]


@pytest.mark.property
@settings(max_examples=1_000 if os.environ.get("YUNCHA_SOAK") else 200)  # ten thousand take a quarter of an hour
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
def test_junk_anywhere_is_a_fault_or_nothing(planted: list[tuple[tuple[str, tuple[Any, ...]], Any]]) -> None:
    values = dict(PLAIN)
    for (name, spot), junk in planted:
        try:
            values[name] = replaced(values[name], spot, junk)
        except (TypeError, KeyError, IndexError, AttributeError):
            continue  # an earlier one took its place
    with TemporaryDirectory() as folder:
        for name, value in values.items():
            file = Path(folder) / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")
        for fault in check(Path(folder)):
            assert fault.line >= 1
            assert (Path(folder).resolve() / fault.file).parent.is_relative_to(Path(folder).resolve())
