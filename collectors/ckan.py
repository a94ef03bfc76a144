"""A table of a CKAN data portal: every row of one resource of its datastore, page by page."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from pydantic import Field

from collectors._errors import Failure, one_line
from collectors._http import HttpSettings, get
from collectors._json import at_path, parse
from collectors._payload import Payload, Want
from collectors._settings import Duration, settings_of
from metrics.arrivals import Refusal
from metrics.model import Source

ACTION = "/api/3/action/datastore_search"


class SETTINGS(HttpSettings):
    resource: str
    """Its id, as the address of its page on the portal ends."""
    filters: Mapping[str, str | int | list[str | int]] = {}
    """Field: the value, or the values, of the rows wanted."""
    sort: str = "_id"
    """What keeps the pages apart while rows come and go."""
    size: int = Field(1_000, ge=1, le=32_000)
    """Rows of a page; no portal gives more than 32,000."""
    max_rows: int = 200_000
    whole: Duration = timedelta(minutes=10)
    """Of all pages together."""


def fetch(source: Source, want: Want) -> Iterator[Payload]:
    """One payload a page; what the portal counts (`total`) must have come in the end. There is no mark: all is read each time."""
    settings = settings_of(source, SETTINGS)
    ends = time.monotonic() + settings.whole.total_seconds()
    page = came = 0
    while True:
        page += 1
        place = f"page {page}"
        body, result = _page(source, settings, want, came, place)
        rows, refusals = _rows(result, place)
        total = result.get("total")
        came += len(rows) + len(refusals)
        if came > settings.max_rows:
            raise Failure("too_large", f"more than {settings.max_rows} rows", "name `filters`, or raise `max_rows`")
        got = len(rows) + len(refusals)
        if isinstance(total, int) and not got and came < total:
            what = f"{place} is empty, but the portal says it has {total} rows and gave {came}"
            raise Failure("truncated", what, "the table changed while it was read, or the portal is broken", retry=True)
        last = not got or (came >= total if isinstance(total, int) else got < settings.size)
        columns = [str(one["id"]) for one in result.get("fields") or () if isinstance(one, Mapping) and "id" in one] or None
        yield Payload(
            rows, hashlib.sha256(body).hexdigest(), {}, body[:300].decode("utf-8", "replace"), place=place, refusals=refusals,
            columns=columns, complete=last and source.complete and want.since is None and want.until is None,
        )  # fmt: skip
        if last:
            return
        if time.monotonic() > ends:
            what = f"{page} pages took longer than {settings.whole.total_seconds():g} s"
            raise Failure("timeout", what, "raise `size` or `whole`")


def _page(source: Source, settings: SETTINGS, want: Want, offset: int, place: str) -> tuple[bytes, Mapping[str, Any]]:
    asked = {"resource_id": settings.resource, "limit": str(settings.size), "offset": str(offset), "sort": settings.sort}
    if settings.filters:
        asked["filters"] = json.dumps(dict(settings.filters), ensure_ascii=False)
    try:
        answer = get(source.key, f"{settings.url.rstrip('/')}{ACTION}?{urlencode(asked)}", settings, want)
    except Failure as failure:
        if failure.kind != "missing":
            raise
        what = f"the portal has no table of the resource {one_line(settings.resource, 60)}"
        raise Failure("missing", what, "its owner replaced it, or never loaded it: put `resource` right") from None
    document = parse(answer.body, place)
    if at_path(document, "success", place) is not True:
        error = document.get("error")
        words = error.get("message") or error.get("__type") if isinstance(error, Mapping) else error
        raise Failure("http", f"{place}: the portal says: {one_line(words or 'no success', 200)}", "ask the portal's owner")
    result = at_path(document, "result", place)
    if not isinstance(result, Mapping):
        raise Failure("schema_changed", f"{place}: result is no object", "is this a CKAN portal?")
    return answer.body, result


def _rows(result: Mapping[str, Any], place: str) -> tuple[list[Mapping[str, Any]], list[Refusal]]:
    listed = at_path(result, "records", place)
    if not isinstance(listed, list):
        raise Failure("schema_changed", f"{place}: result.records is no list", "is this a CKAN portal?")
    wrong = [Refusal(f"{place}, row {n}", "", "is no object") for n, one in enumerate(listed, 1) if not isinstance(one, dict)]
    return [one for one in listed if isinstance(one, dict)], wrong
