"""Rules and series as keys of a statement: a row in a list of rows, (a, b) IN (...), is found by no index of SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
Pair = tuple[str, int]
"""Rule and series."""
MOST = 50
"""Pairs at once: an index is asked for each of their rules with each of their series."""


def chunks(pairs: Sequence[T]) -> Iterator[Sequence[T]]:
    for place in range(0, len(pairs), MOST):
        yield pairs[place : place + MOST]


def both(pairs: Sequence[tuple[str, int, *tuple[object, ...]]]) -> dict[str, list[str] | list[int]]:
    """For `rule IN :rules AND series_id IN :ids`; more is found than was asked for."""
    return {"rules": sorted({one[0] for one in pairs}), "ids": sorted({one[1] for one in pairs})}
