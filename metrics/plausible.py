"""Is a reported figure believable? Pure: from the figure, what the same source said of this period, and of those before.

What is beyond its bounds, jumps by a factor, lies in the future or is not the sum of its parts is held back: the last good value
stays until a person decides. What merely looks odd (a cumulative figure that falls, the same figure period after period) is
stored as reported and noted: a question to whoever reported it, not an accusation; where the definition says `hold`, held too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from metrics.model import Plausible

Kind = Literal["bounds", "jump", "future", "parts", "falls", "frozen"]
HELD: frozenset[Kind] = frozenset({"bounds", "jump", "future", "parts"})
AHEAD = timedelta(minutes=10)
"""How far a source's clock may be ahead of ours."""
DEFAULT = Plausible()
"""What holds for every reported figure, whatever its definition says: it is not of a time to come."""


@dataclass(frozen=True, slots=True)
class Doubt:
    kind: Kind
    words: str
    """What is odd, with both figures; English, for the Run and the log. Screens word it by the kind."""
    held: bool
    against: Decimal | None = None
    """The other figure: what was said before, or the sum of the parts."""


def doubt(
    how: Plausible,
    value: Decimal,
    said: Decimal | None,
    before: Sequence[Decimal],
    start: datetime,
    now: datetime,
    parts: Decimal | None = None,
    last: Decimal | None = None,
) -> Doubt | None:
    """The gravest thing that is odd, or None.

    value: in display units. said: what the source said of the same period until now. before: of the periods before, nearest
    first, as far as they are known. parts: the sum of the figures this one is made of, where the source reports all of them.
    last: of the nearest period before it that is known, though others between may be missing.
    """

    def odd(kind: Kind, words: str, against: Decimal | None = None) -> Doubt:
        return Doubt(kind, words, kind in HELD or kind in how.hold, against)

    if start > now + AHEAD:
        return odd("future", f"the period begins at {start:%Y-%m-%d %H:%M} UTC, which is yet to come")
    if (how.at_least is not None and value < how.at_least) or (how.at_most is not None and value > how.at_most):
        low, high = (str(one) if one is not None else "…" for one in (how.at_least, how.at_most))
        return odd("bounds", f"{value} lies outside {low} to {high}")
    nearest = before[0] if before else last
    for other, words in ((said, "what was said before"), (nearest, "the period before")):
        if how.jump is not None and other is not None and _jumps(value, other, how.jump):
            what = f"{value} against {other} of {words}: more than {how.jump} times; is the unit the same?"
            return odd("jump", what, other)
    if parts is not None and (wrong := apart(how, value, parts)) is not None:
        return wrong
    if how.cumulative and nearest is not None and value < nearest:
        return odd("falls", f"{value} after {nearest}: a cumulative figure fell", nearest)
    if how.frozen is not None and len(before) >= how.frozen - 1 and set(before[: how.frozen - 1]) == {value}:
        return odd("frozen", f"{value} for {how.frozen} periods in a row", before[0])
    return None


def apart(how: Plausible, value: Decimal, parts: Decimal) -> Doubt | None:
    """A whole and the sum of its parts."""
    if how.parts is None or abs(value - parts) <= how.parts:
        return None
    return Doubt("parts", f"{value}, and its parts add up to {parts}", True, parts)


def _jumps(value: Decimal, other: Decimal, factor: Decimal) -> bool:
    """Zero says nothing of a factor."""
    a, b = abs(value), abs(other)
    return a > 0 and b > 0 and max(a, b) > factor * min(a, b)
