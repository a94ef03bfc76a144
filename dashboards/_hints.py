"""What to do about a failed Run and why rows were refused, in the reader's language.

Collectors say it in English; the catalogue holds the same words in every language.
"""

from __future__ import annotations

import re
from functools import cache

from dashboards._text import catalogue

_SPOT = re.compile(r"\\\{([a-z]+)\\\}")


def hint(text: str, lang: str) -> str:
    """Where nobody translated it, as it was said."""
    return _said(text, lang, "hint.")


def reason(text: str, lang: str) -> str:
    """Why a row was refused."""
    return _said(text, lang, "reason.")


def _said(text: str, lang: str, kind: str) -> str:
    if lang == "en":
        return text
    for pattern, key in _patterns(kind):
        if found := pattern.fullmatch(text):
            said = catalogue()[key][lang]
            for name, value in found.groupdict().items():
                said = said.replace(f"{{{name}}}", value)
            return said
    return text


@cache
def _patterns(kind: str) -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(_SPOT.sub(r"(?P<\1>.+)", re.escape(text["en"]))), key)
        for key, text in catalogue().items()
        if key.startswith(kind)
    ]
