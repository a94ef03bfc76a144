"""What to do about a failed Run, in the reader's language: collectors say it in English, the catalogue holds it in both."""

from __future__ import annotations

import re
from functools import cache

from dashboards._text import catalogue

_SPOT = re.compile(r"\\\{([a-z]+)\\\}")


def hint(text: str, lang: str) -> str:
    """Where nobody translated it, as it was said."""
    if lang == "en":
        return text
    for pattern, key in _patterns():
        if found := pattern.fullmatch(text):
            said = catalogue()[key][lang]
            for name, value in found.groupdict().items():
                said = said.replace(f"{{{name}}}", value)
            return said
    return text


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(_SPOT.sub(r"(?P<\1>.+)", re.escape(text["en"]))), key)
        for key, text in catalogue().items()
        if key.startswith("hint.")
    ]
