"""A JSON API: rows at a path, paged by number, offset, cursor or link; only what changed, where the source can say."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from collectors._errors import Failure, one_line
from collectors._http import Answer, HttpSettings, get
from collectors._json import at_path, parse
from collectors._payload import Payload, Want
from collectors._settings import Duration, Settings, settings_of
from collectors._since import Since, begin, newest, patch, written
from metrics.arrivals import Refusal
from metrics.model import Source


class Paging(Settings):
    kind: Literal["page", "offset", "cursor", "next"]
    param: str = ""
    """Name of the parameter; by default the kind's own."""
    first: int = 1
    """Number of the first page; an offset begins at 0."""
    size: int | None = None
    """Rows of a full page: a shorter one is the last. None: the first empty page is."""
    size_param: str = ""
    next: str = ""
    """Path of the next page's link, or of the cursor to ask with. A link without a path is that of the header `Link`."""
    limit: int = 500
    """More pages than this are a fault."""


class Changes(Since):
    param: str
    ask: str | None = None
    """Format of the parameter, where the source writes the field in another."""


class Window(Settings):
    """Parameters for a back-fill: cases open, or closed or due, at `since` or later; closed and due before `until`."""

    since: str = ""
    until: str = ""
    format: str = "iso"
    slack: Duration = timedelta(0)
    """How much earlier than `since` to ask, where the source can only be asked for changes: as long as a case may be open."""


class SETTINGS(HttpSettings):
    params: Mapping[str, str | int] = {}
    rows: str = ""
    """Path of the list of rows."""
    each: str = ""
    """A list in every row, whose objects are the rows wanted, with what stands around them."""
    expect: Mapping[str, Any] = {}
    """Path -> value an answer must have, such as `success: true`."""
    paging: Paging | None = None
    since: Changes | None = None
    window: Window = Window()
    max_rows: int = 100_000
    """Of one page."""
    whole: Duration = timedelta(minutes=10)
    """Of all pages together."""
    recheck: Duration = timedelta(days=1)
    """How long a 304 is believed before everything is read again."""


def fetch(source: Source, want: Want) -> Iterator[Payload]:
    """One payload a page. The mark moves with the last page only: {"since", "full", "etag": {"url", "tag", "modified", "at"}}."""
    settings = settings_of(source, SETTINGS)
    filled = want.since is not None or want.until is not None
    began = begin(settings.since, want.mark, want.now) if settings.since else None
    params = _params(settings, want, began, filled)
    url, pages, seen_urls, seen = _with(settings.url, params, settings, 0), 0, set[str](), None
    headers = _conditional(want.mark, url, settings, want.now)
    ends = time.monotonic() + settings.whole.total_seconds()
    while True:
        pages += 1
        place = f"page {pages}" if settings.paging else ""
        answer = get(source.key, url, settings, want, headers if pages == 1 else None)
        if answer.status == 304:
            yield Payload((), "", {}, unchanged=True)
            return
        try:
            document, rows, refusals = _rows(answer, settings, place or "the answer")
        except Failure as failure:
            failure.seen = answer.body[:2_000].decode("utf-8", "replace")
            raise
        if len(rows) > settings.max_rows:
            raise Failure("too_large", f"{place or 'the answer'}: more than {settings.max_rows} rows", "ask for fewer at a time")
        if settings.since:
            at = newest(settings.since, rows, want.zone, want.now)
            seen = at if seen is None or (at is not None and at > seen) else seen
        sha = hashlib.sha256(answer.body).hexdigest()
        seen_urls.add(url)
        following = _next(settings, params, document, answer, len(rows) + len(refusals), pages, url)
        excerpt = answer.body[:300].decode("utf-8", "replace")
        if following is None or following in seen_urls:
            mark = patch(want.mark, began, seen, want.now) if settings.since else {}
            mark["etag"] = _tag(answer, url, want.now) if pages == 1 else None
            whole = source.complete and began is None and not filled
            yield Payload(rows, sha, mark, excerpt, complete=whole, place=place, refusals=refusals)
            return
        yield Payload(rows, sha, {}, excerpt, place=place, refusals=refusals)
        if settings.paging and pages >= settings.paging.limit:
            what = f"more than {settings.paging.limit} pages"
            raise Failure("too_large", what, "raise `paging.limit`, or look whether the last page ever comes")
        if time.monotonic() > ends:
            what = f"{pages} pages took longer than {settings.whole.total_seconds():g} s"
            raise Failure("timeout", what, "the system is too slow: ask for larger pages, or raise `whole`")
        url = following


def _params(settings: SETTINGS, want: Want, began: datetime | None, filled: bool) -> dict[str, str]:
    params = {key: str(value) for key, value in settings.params.items()}
    if settings.since and began is not None:
        params[settings.since.param] = written(began, settings.since.ask or settings.since.format, want.zone)
    elif filled:
        low = want.since - settings.window.slack if want.since else None
        for name, at in ((settings.window.since, low), (settings.window.until, want.until)):
            if name and at is not None:
                params[name] = written(at, settings.window.format, want.zone)
    if settings.paging and settings.paging.size_param and settings.paging.size:
        params[settings.paging.size_param] = str(settings.paging.size)
    return params


def _with(url: str, params: Mapping[str, str], settings: SETTINGS, page: int) -> str:
    """The address of a page counted from 0."""
    paging, asked = settings.paging, dict(params)
    if paging and paging.kind == "page":
        asked[paging.param or "page"] = str(paging.first + page)
    elif paging and paging.kind == "offset":
        asked[paging.param or "offset"] = str(page * (paging.size or 0))
    parts = urlsplit(url)
    query = "&".join(one for one in (parts.query, urlencode(asked)) if one)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _next(
    settings: SETTINGS, params: Mapping[str, str], document: Any, answer: Answer, rows: int, pages: int, url: str
) -> str | None:
    paging = settings.paging
    # Some systems name a next page on the last one: an empty page always ends it.
    if paging is None or rows == 0:
        return None
    if paging.kind in ("next", "cursor"):
        found: Any = _link(answer) if not paging.next else document
        for step in paging.next.split(".") if paging.next else ():
            found = found.get(step) if isinstance(found, Mapping) else None
        if paging.kind == "next":
            return urljoin(url, found) if isinstance(found, str) and found else None
        more = isinstance(found, (str, int, Decimal)) and not isinstance(found, bool) and str(found) != ""
        return _with(settings.url, {**params, paging.param or "cursor": str(found)}, settings, pages) if more else None
    if paging.kind == "offset" and not paging.size:
        raise Failure("settings", "paging by offset needs `size`", "declare how many rows a page has")
    if paging.size and rows < paging.size:
        return None
    return _with(settings.url, params, settings, pages)


def _link(answer: Answer) -> str | None:
    """The header `Link` of RFC 8288."""
    found = re.search(r'<([^<>]*)>[^<>,]*;\s*rel="?next"?(?:[\s;,]|$)', answer.headers.get("link", ""), re.IGNORECASE)
    return found[1] if found else None


def _rows(answer: Answer, settings: SETTINGS, place: str) -> tuple[Any, list[Mapping[str, Any]], list[Refusal]]:
    document = parse(answer.body, place, _charset(answer))
    for path, value in settings.expect.items():
        found = at_path(document, path, place)
        if found != value:
            what = f"{place}: {path} is {found!r:.40} in place of {value!r}"
            raise Failure("http", what, "the system says itself that it failed; ask its owner")
    listed = at_path(document, settings.rows, place)
    if not isinstance(listed, list):
        what = f"{place}: {settings.rows or 'the document'} is no list"
        raise Failure("schema_changed", what, "the system changed its layout, or answers with an error")
    rows: list[Mapping[str, Any]] = [one for one in listed if isinstance(one, dict)]
    wrong = [Refusal(f"{place}, row {n}", "", "is no object") for n, one in enumerate(listed, 1) if not isinstance(one, dict)]
    if settings.each:
        rows = _inner(rows, settings.each, place, wrong)
    return document, rows, wrong


def _inner(rows: list[Mapping[str, Any]], name: str, place: str, wrong: list[Refusal]) -> list[Mapping[str, Any]]:
    if rows and not any(name in row for row in rows):
        have = ", ".join(one_line(key, 40) for key in list(rows[0])[:20])
        raise Failure("schema_changed", f"{place}: no {name} in any row; there is: {have}", "the system changed its layout")
    made: list[Mapping[str, Any]] = []
    for n, row in enumerate(rows, 1):
        inner = row.get(name) or []
        if not isinstance(inner, list) or not all(isinstance(one, dict) for one in inner):
            wrong.append(Refusal(f"{place}, row {n}", name, "is no list of objects"))
            continue
        around = {key: value for key, value in row.items() if key != name}
        made += [{**around, **one} for one in inner]
    return made


def _charset(answer: Answer) -> str | None:
    for part in answer.headers.get("content-type", "").split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.lower() == "charset":
            return value.strip("\"' ") or None
    return None


def _conditional(mark: Mapping[str, Any], url: str, settings: SETTINGS, now: datetime) -> dict[str, str]:
    """Headers that let the source say 304, for the very same question and not for ever."""
    last = mark.get("etag")
    if not last or last["url"] != url or now - datetime.fromisoformat(last["at"]) >= settings.recheck:
        return {}
    named = {"If-None-Match": last.get("tag"), "If-Modified-Since": last.get("modified")}
    return {name: value for name, value in named.items() if value}


def _tag(answer: Answer, url: str, now: datetime) -> dict[str, str] | None:
    tag, modified = answer.headers.get("etag"), answer.headers.get("last-modified")
    if not tag and not modified:
        return None
    return {"url": url, "tag": tag or "", "modified": modified or "", "at": now.isoformat()}
