"""What the lines above a table say about it: above all, the unit of its figures."""

from __future__ import annotations

import re
from collections.abc import Iterable

UNIT = re.compile(r"单位[：:]\s*([^\s,，;；)）]+)|[(（]\s*([^()（）]{1,12}?)\s*[)）]\s*$|\bunit:\s*(\S+)", re.IGNORECASE)
"""`单位：万元`, `城镇单位就业人员(万人)`, `Unit: km`."""


def found_in(titles: Iterable[str], wanted: re.Pattern[str]) -> str | None:
    """What the pattern's first group that took part says, in the lowest line that has it; None where none has."""
    wanted = UNIT if wanted.pattern == "unit" else wanted
    for title in reversed(list(titles)):
        match = wanted.search(title)
        if match:
            return next((group.strip() for group in (*match.groups(), match[0]) if group), "")
    return None
