"""Parameters of the read API: what each means, read strictly. Whatever cannot be read is named, with what would be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from werkzeug.datastructures import MultiDict

from metrics import links, reading
from metrics.answers import Ask
from metrics.catalogue import Tree
from metrics.model import Indicator, Source
from metrics.store import scope

EARLIEST, LATEST = 1900, 2200
LONGEST = 200


class Wrong(Exception):
    """A parameter that cannot be read (400), or that names something unknown or out of scope (404)."""

    def __init__(self, status: int, id: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.status, self.id, self.message, self.hint = status, id, message, hint


def bad(name: str, why: str, hint: str = "") -> Wrong:
    return Wrong(400, "bad_parameter", f"{name}: {why}", hint)


def unknown(name: str, value: str, hint: str = "") -> Wrong:
    return Wrong(404, f"unknown_{name}", f"{name}: nothing known as {value[:60]!r}", hint)


def known(given: MultiDict[str, str], names: Sequence[str]) -> dict[str, str]:
    """The parameters, none misspelt and none given twice: a filter that is silently ignored gives figures silently wrong."""
    for name, value in given.items(multi=True):
        if name not in names:
            raise bad(name[:60], "no such parameter", f"one of: {', '.join(names)}" if names else "this address takes none")
        if len(value) > LONGEST:
            raise bad(name, f"longer than {LONGEST} characters")
        if links.CONTROL.search(value):
            raise bad(name, "holds a control character", "text without line breaks and NUL")
        if len(given.getlist(name)) > 1:
            raise bad(name, "given more than once", "one value")
    return {name: value for name, value in given.items() if value}


def whole(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise bad(name, "not a number in range", f"{least} to {most}")
    return int(text)


def instant(given: Mapping[str, str], name: str) -> datetime | None:
    if not given.get(name):
        return None
    try:
        at = links.instant(given[name], name)
    except (links.BadQuery, OverflowError):
        raise bad(name, "not an instant with an offset", "2026-11-21T16:00:00Z") from None
    if not EARLIEST <= at.year < LATEST:
        raise bad(name, "out of range", f"a year from {EARLIEST} to {LATEST - 1}")
    return at


def revision(ask: Ask, given: Mapping[str, str], name: str = "rev") -> int | None:
    """A revision there is; None where none is asked for."""
    if not given.get(name):
        return None
    newest = reading.head(ask.connection).number
    return whole(given, name, newest, 1, newest)


def as_of(ask: Ask, given: Mapping[str, str], real: datetime, name: str = "as_of") -> Ask:
    """The same question of what was known at `name`, an instant or a revision; without it the question as it is.

    It is evaluated at the instant of that revision, so both ways of asking give one answer."""
    text = given.get(name, "")
    if not text:
        return ask
    hint = "an instant such as 2026-11-21T16:00:00Z, or the number of a revision"
    newest = reading.head(ask.connection)
    if text.isascii() and text.isdigit():
        if len(text) > 18 or not 1 <= int(text) <= newest.number:
            there = f"1 to {newest.number}" if newest.number else "nothing is known yet"
            raise bad(name, "no such revision", f"{there}; or {hint}")
        revision = int(text)
    else:
        try:
            at = instant(given, name)
        except Wrong as wrong:
            raise bad(name, "neither an instant with an offset nor a revision", hint) from wrong
        if at is None or at > max(real, newest.at):
            raise bad(name, "has not come yet", f"now it is {links.text(real)}")
        revision = reading.as_of(ask.connection, at)
        if not revision:
            raise bad(name, "before the first revision", f"the first is of {links.text(reading.known_at(ask.connection, 1))}")
    return replace(ask, revision=revision, now=ask.workspace.now(reading.known_at(ask.connection, revision)))


def one_of(given: Mapping[str, str], name: str, values: Sequence[str], default: str | None = None) -> str | None:
    text = given.get(name)
    if text is not None and text not in values:
        raise bad(name, "not one of its values", ", ".join(values))
    return text or default


def indicator(ask: Ask, key: str) -> Indicator:
    found = ask.workspace.indicators.get(key)
    if found is None:
        raise unknown("indicator", key, "GET /api/v1/indicators lists them")
    return found


def source(ask: Ask, key: str) -> Source:
    found = ask.workspace.sources.get(key)
    if found is None:
        raise unknown("source", key, "GET /api/v1/sources lists them")
    return found


def place(tree: Tree, name: str, given: Mapping[str, str], default: str) -> str:
    key = given.get(name) or default
    if key not in tree:
        raise unknown(name, key)
    return key


def place_asked(ask: Ask, given: Mapping[str, str]) -> tuple[str, str]:
    """`department` and `region`, else the whole of the asker's scope; out of scope is as unknown as what is not there."""
    own_department, own_region = reading.opening(ask)
    department = place(ask.workspace.departments, "department", given, own_department)
    region = place(ask.workspace.regions, "region", given, own_region)
    within = scope.of(ask.who, ask.workspace.departments, ask.workspace.regions)
    if not within.holds(department, own_region):
        raise unknown("department", department)
    if not within.holds(department, region):
        raise unknown("region", region)
    return department, region


def needed(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise bad(name, "missing", "it has to be given")
    return given[name]
