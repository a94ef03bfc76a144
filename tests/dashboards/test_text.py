"""Every word of the interface is there in both languages, and every key a page uses exists."""

import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from dashboards import _text

DASHBOARDS = Path(_text.__file__).parent
USED = re.compile(r"""\bt\(\s*"([a-z_]+\.[a-z_0-9.]+)\"""")


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


def test_it_says_everything_in_both_languages():
    for key, text in _text.catalogue().items():
        assert set(text) == set(_text.LANGUAGES), key
        assert all(words.strip() for words in text.values()), key
        assert placeholders(text["zh"]) == placeholders(text["en"]), key


def test_it_has_every_key_that_pages_use():
    used = {key: file.name for file in DASHBOARDS.glob("*.py") for key in USED.findall(file.read_text("utf-8"))}
    assert used
    assert {key: where for key, where in used.items() if key not in _text.catalogue()} == {}


def test_it_keeps_each_text_in_one_place():
    keys = [key for file in _text.FOLDER.glob("*.yaml") for key in yaml.safe_load(file.read_text("utf-8"))]
    assert sorted(keys) == sorted(set(keys))


def test_it_names_every_state():
    for state in ("ok", "watch", "off", "serious", "none", "due", "few", "nrep", "stale", "down", "paused"):
        assert _text.t(f"state.{state}", "zh") != _text.t(f"state.{state}", "en")


def test_it_refuses_a_key_nobody_wrote():
    with pytest.raises(_text.TextFault):
        _text.t("no.such", "zh")
