"""The short code of a number as it was printed: made from the number itself, so the same number always gets the same code."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import asdict, dataclass

from metrics.answers import Cell
from metrics.arrivals import Series
from metrics.periods import to_us
from metrics.values import Values

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
"""31 characters, a prime number: one wrong character, or two that changed places, is always told by the last one."""
LENGTH = 10
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "Z": "2", "U": "V"})


@dataclass(frozen=True)
class Printed:
    """What a code stands for: one figure as it was taken away, or (with `query`) one list of cases. Instants in microseconds."""

    series: Series
    period_start: int
    version: int
    """Of the definition."""
    revision: int
    """What was known: the figure's own revision."""
    evaluated_at: int
    values: Values
    query: str = ""
    """Of a list: its parameters, as a URL has them; `values.n` is its length then."""

    @property
    def said(self) -> bool:
        """There is something to have a code: not what nobody reported, nor what is no longer kept."""
        return bool(self.query) or self.values.num is not None or self.values.status not in ("M", "L")


def of_cell(cell: Cell, head: int, head_at: int) -> Printed:
    """A figure of a sheet. What has no row of its own (nothing came, nothing happened) is known at the newest revision."""
    known = cell.revision > 0
    return Printed(
        cell.series, to_us(cell.period_start), cell.version, cell.revision if known else head,
        to_us(cell.evaluated_at) if known else head_at,
        Values(cell.num, cell.den, cell.n, cell.apart, cell.status, cell.have, cell.want),
    )  # fmt: skip


def code(printed: Printed, again: int = 0) -> str:
    """Ten characters, the last one a check. `again`: where another number already has the code, the next one to try."""
    said = json.dumps([asdict(printed), again], sort_keys=True, ensure_ascii=False)
    number = int.from_bytes(hashlib.sha256(said.encode()).digest()[:16])
    digits = []
    for _ in range(LENGTH - 1):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(digit)
    return "".join(ALPHABET[digit] for digit in [*digits, _check(digits)])


def shown(made: str) -> str:
    """`7K2M9-4QX3B`: as it is printed."""
    return f"{made[:5]}-{made[5:]}"


def read(text: str) -> str | None:
    """What somebody typed from paper: small letters, spaces, O for 0, I or L for 1; None where it is no code."""
    clean = unicodedata.normalize("NFKC", text).upper().translate(_READ_AS)
    found = "".join(one for one in clean if one not in " -‐–—·\u3000")
    if len(found) != LENGTH or any(one not in ALPHABET for one in found):
        return None
    digits = [ALPHABET.index(one) for one in found]
    return found if digits[-1] == _check(digits[:-1]) else None


def _check(digits: list[int]) -> int:
    return sum(place * digit for place, digit in enumerate(digits, 2)) % len(ALPHABET)
