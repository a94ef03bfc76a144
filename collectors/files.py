"""Files that offices drop into a folder: CSV, XLSX and XLS. Only what was not taken before, by content; each file is one unit."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Literal

from collectors import _apart, _table
from collectors._errors import Failure, one_line
from collectors._payload import MAX_BYTES, Payload, Want
from collectors._settings import Duration, Pattern, settings_of
from collectors._sftp import Remote, Sftp, opened
from collectors._shape import Shape, renamed, table
from metrics.model import Source

MAX_FILES = 5_000
MAX_GONE = 200
HASH = 16
"""Hex digits of a content hash that are remembered."""
UNFINISHED = (".*", "~$*", "*.tmp", "*.part", "*.crdownload", "*.swp")


class SETTINGS(Shape):
    folder: str
    """Relative to the workspace's folder; with `sftp` a path over there."""
    sftp: Sftp | None = None
    """The machine the folder is on, where it is not this one."""
    pattern: str | None = None
    """None: all files of the format."""
    format: Literal["csv", "xlsx", "xls"] = "csv"
    exclude: tuple[str, ...] = ()
    encoding: str = "auto"
    delimiter: str = "auto"
    from_name: Mapping[str, Pattern] = {}
    """Field: what of the file's name it takes, the first group."""
    sheet: str | None = None
    """Of a workbook; None: its first visible one."""
    settle: Duration = timedelta(seconds=2)
    """How long a file must have been untouched. 0 where the office moves whole files in (rename)."""
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True)
class _Found:
    name: str
    path: Path
    size: int
    mtime_ns: int


def fetch(source: Source, want: Want) -> Iterator[Payload]:
    """The files whose content was not taken before, oldest first. `mark`: {"taken": {name: [size, mtime, hash]}}; where columns
    become rows also {"header": {"turned": [...], "kept": [...]}} of the last one."""
    settings = settings_of(source, SETTINGS)
    if settings.sftp is None:
        found = _listed(want.base / settings.folder, settings)
        yield from _taken(source, want, settings, found, lambda file: _read(file, settings))
        return
    with opened(settings.sftp, want) as remote:
        found = _over_there(remote, settings)
        yield from _taken(source, want, settings, found, lambda file: _fetched(remote, file, settings))


def _taken(
    source: Source, want: Want, settings: SETTINGS, found: list[_Found], read: Callable[[_Found], bytes | None]
) -> Iterator[Payload]:
    taken: dict[str, list[object]] = {name: list(one) for name, one in dict(want.mark.get("taken", {})).items()}
    if not found:
        what = f"no file named {settings.pattern or '*.' + settings.format} in {settings.folder}"
        raise Failure("missing", what, "the office has dropped nothing yet")
    forgotten: dict[str, None] = dict.fromkeys(_gone(taken, {file.name for file in found}))
    hashes = {str(one[2]) for one in taken.values()}
    waiting, same, header = 0, dict[str, Any](), want.mark.get("header", {})
    for file in found:
        if taken.get(file.name, [None, None])[:2] == [file.size, file.mtime_ns]:
            continue
        try:
            data = None if _too_young(file, settings, want.now) else read(file)
            if data is None:
                waiting += 1
                continue
            sha = hashlib.sha256(data).hexdigest()
            made = _payload(file, data, sha, settings) if sha[:HASH] not in hashes else None
            if made is not None and made.mark:
                if header and (changed := renamed(_shown(file.name), settings, made.mark["header"], header)):
                    raise changed
                header = made.mark["header"]
        except Failure as failure:
            yield Payload((), "", {}, place=_shown(file.name), error=failure, independent=True)
            continue
        mark = {"taken": {file.name: [file.size, file.mtime_ns, sha[:HASH]]}}
        if made is not None:
            hashes.add(sha[:HASH])
            made.mark, made.complete, made.independent = {**made.mark, **mark}, source.complete, True
            yield made
        else:
            same.update(mark["taken"])
    yield Payload((), "", {"taken": {**forgotten, **same}}, unchanged=True, waiting=waiting, independent=True)


def _gone(taken: Mapping[str, object], there: set[str]) -> list[str]:
    """Files to forget: what is gone is remembered, since it may come back renamed, but not without end."""
    gone = [name for name in taken if name not in there]
    return gone[: max(0, len(gone) - MAX_GONE)]


BOOKS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")
"""How a workbook begins, whatever its name says: .xlsx and .ods, .xls."""


def _payload(file: _Found, data: bytes, sha: str, settings: SETTINGS) -> Payload:
    name = _shown(file.name)
    if data.startswith(BOOKS):
        lines = _apart.workbook(data, name, settings.sheet, settings.max_rows)
        made = table(lines, name, settings, ragged=False)
    else:
        text = _table.decode(data, settings.encoding, name)
        header = settings.header
        made = table(_table.lines_of(text, name, settings.delimiter, header.contains, header.row), name, settings, ragged=True)
    said = _said_by_name(file.name, settings)
    for row in made.rows if said else ():
        row.update(said)
    kept = [one for one in made.columns if one not in made.turned]
    mark = {"header": {"turned": made.turned, "kept": kept}} if made.turned else {}
    return Payload(
        made.rows, sha, mark, excerpt=", ".join(made.columns)[:500], place=name, lines=made.lines, refusals=made.refusals,
        columns=[*made.columns, *said],
    )  # fmt: skip


def _said_by_name(name: str, settings: SETTINGS) -> dict[str, str]:
    found = {}
    for field, wanted in settings.from_name.items():
        match = wanted.search(name)
        if match is None:
            what = f"{_shown(name)}: the name does not say {field}"
            raise Failure("schema_changed", what, "the office names its files otherwise: put `from_name` right")
        found[field] = match[match.lastindex and 1 or 0]
    return found


def _over_there(remote: Remote, settings: SETTINGS) -> list[_Found]:
    files = {name: (size, mtime) for name, size, mtime in remote.listed(settings.folder)}
    wanted = _wanted(list(files), settings)
    found = [_Found(name, Path(settings.folder) / name, files[name][0], files[name][1] * 10**9) for name in wanted]
    return sorted(found, key=lambda one: (one.mtime_ns, one.name))


def _fetched(remote: Remote, file: _Found, settings: SETTINGS) -> bytes | None:
    """As `_read`, from the other machine."""
    _not_too_large(file, settings)
    data, size, mtime = remote.read(file.path.as_posix(), settings.max_bytes)
    return data if (size, mtime * 10**9) == (file.size, file.mtime_ns) and len(data) == file.size else None


def _wanted(names: list[str], settings: SETTINGS) -> list[str]:
    names = [name for name in names if fnmatch(name, settings.pattern or f"*.{settings.format}")]
    names = [name for name in names if not any(fnmatch(name, one) for one in (*settings.exclude, *UNFINISHED))]
    if len(names) > MAX_FILES:
        raise Failure("too_large", f"{len(names)} files in {settings.folder}, more than {MAX_FILES}", "move the old ones away")
    return names


def _not_too_large(file: _Found, settings: SETTINGS) -> None:
    if file.size > settings.max_bytes:
        what = f"{_shown(file.name)} has {file.size} bytes, more than {settings.max_bytes}"
        raise Failure("too_large", what, "split it, or raise `max_bytes`")


def _listed(folder: Path, settings: SETTINGS) -> list[_Found]:
    """Regular files directly in the folder, oldest first; links, pipes and devices are not looked at."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except FileNotFoundError:
        raise Failure("missing", f"there is no folder {settings.folder}", "make it, or put `folder` right") from None
    except OSError as error:
        raise _os_failure(error, settings.folder) from None
    found = []
    for name in _wanted(names, settings):
        try:
            status = os.lstat(folder / name)
        except OSError:
            continue  # gone between the listing and now
        if stat.S_ISREG(status.st_mode):
            found.append(_Found(name, folder / name, status.st_size, status.st_mtime_ns))
    return sorted(found, key=lambda one: (one.mtime_ns, one.name))


def _too_young(file: _Found, settings: SETTINGS, now: datetime) -> bool:
    changed = datetime.fromtimestamp(file.mtime_ns / 1e9, UTC)
    return timedelta(0) <= now - changed < settings.settle


def _read(file: _Found, settings: SETTINGS) -> bytes | None:
    """The content; None where it changed while it was read. Never follows a link that took the file's place."""
    name = _shown(file.name)
    _not_too_large(file, settings)
    try:
        handle = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Failure("blocked", f"{name} is a link", "drop the file itself") from None
        raise _os_failure(error, name) from None
    try:
        with os.fdopen(handle, "rb") as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise Failure("blocked", f"{name} is no regular file", "drop the file itself")
            data = opened.read(settings.max_bytes + 1)
            after = os.fstat(opened.fileno())
    except OSError as error:
        raise _os_failure(error, name) from None
    if (after.st_size, after.st_mtime_ns) != (file.size, file.mtime_ns) or len(data) != file.size:
        return None
    return data


def _os_failure(error: OSError, name: str) -> Failure:
    if isinstance(error, PermissionError):
        return Failure("permission", f"{name} may not be read", "let the worker's user read it")
    if isinstance(error, FileNotFoundError):
        return Failure("missing", f"{name} is gone", "it was moved while it was looked at", retry=True)
    return Failure("missing", f"{name} cannot be read: {error.strerror}", "look at the disk or the network share", retry=True)


def _shown(name: str) -> str:
    return one_line(name, 120)
