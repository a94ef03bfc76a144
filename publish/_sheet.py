"""What every export holds: a title, what is said about it, columns and rows. One file of this folder writes it in one format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from metrics.answers import Ask
from metrics.passport import Printed

Again = Callable[[], AbstractContextManager[Ask]]
"""The same question on a connection of its own, for what is fetched while it is written."""
Value = str | int | Decimal | datetime | None
"""None: nothing was reported, which is an empty cell and never 0. Instants are in the workspace's zone."""


@dataclass(frozen=True)
class Sheet:
    title: str
    about: Sequence[tuple[str, str]]
    """Definition, source, period, revision, time and the demo mark, as (name, words)."""
    columns: Sequence[str]
    rows: Iterable[Sequence[Value]]
    """Read once, from the first to the last: a long list is fetched while it is written."""
    line: int | None = None
    """The column to draw as a line over the first one, where a format can."""
    printed: Sequence[Printed | None] = ()
    """The figure the sheet is about, then that of each row (or none of the rows): each gets the code of its passport."""
    lines: Iterable[str] | None = None
    """`rows` again, as the lines of a CSV file, many at a time; one of the two is read."""
    finish: Callable[[], Sheet] | None = None
    """Of a long list the title and `about` are known at once; this reads on and gives it whole: more said about it, its figure,
    columns and rows."""
    lang: str = "zh"
    many: int | None = None
    """How many rows there are, where that is known before they are read."""

    def whole(self) -> Sheet:
        return self.finish() if self.finish is not None else self

    @property
    def file(self) -> str:
        """The title as a file name on any system."""
        return re.sub(r'[\\/:*?"<>|\s]+', "_", self.title).strip("_.")[:100] or "yuncha"

    def coded(self, codes: Sequence[str | None], name: str) -> Sheet:
        """With the codes of `printed`: the first one above the table, the others in a column of their own."""
        if not codes:
            return self
        about = [*self.about, (name, codes[0])] if codes[0] else self.about
        if len(codes) == 1:
            return replace(self, about=about)
        rows = ([*row, code] for row, code in zip(self.rows, codes[1:], strict=True))
        return replace(self, about=about, columns=[*self.columns, name], rows=rows)


UNHELD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula, without the characters a sheet cannot hold."""
    clean = text if text.isprintable() else UNHELD.sub("", text)
    return f"'{clean}" if clean.startswith(FORMULA) else clean
