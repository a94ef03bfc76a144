"""The words of the interface in its languages: `i18n/*.yaml`, one file a matter, each entry {zh, en}."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("zh", "en")
FOLDER = Path(__file__).parent / "i18n"


class TextFault(Exception):
    """A text that is not there."""


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """key -> {zh, en} over all files of the folder; a test forbids the same key in two of them."""
    texts: dict[str, Mapping[str, str]] = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        for key, text in (yaml.safe_load(file.read_text("utf-8")) or {}).items():
            texts.setdefault(key, {str(lang): str(words) for lang, words in text.items()})
    return texts


def t(key: str, lang: str, **words: object) -> str:
    """The text `key` with its `{placeholders}` filled; a key nobody wrote is a fault of the page, not a blank."""
    try:
        text = catalogue()[key][lang]
    except KeyError:
        raise TextFault(f"no text {key} in {lang}") from None
    return text.format(**words) if words else text


def name(text: Mapping[str, str] | None, lang: str) -> str:
    """A name the workspace gives in every language; the other language where one is missing."""
    if not text:
        return ""
    return text.get(lang) or next(iter(text.values()), "")
