"""What an OpenMetrics or Prometheus endpoint says now: one row a sample, or one row a set of labels with a field a metric."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_prometheus
from prometheus_client.samples import Sample

from collectors._errors import Failure, one_line
from collectors._http import HttpSettings, get
from collectors._payload import Payload, Want
from collectors._settings import settings_of
from metrics.model import Source

LINES = 4
"""Lines there may be for each sample wanted: a family is held whole while it is read."""
ACCEPT = "application/openmetrics-text; version=1.0.0, text/plain; version=0.0.4;q=0.5"


class SETTINGS(HttpSettings):
    metrics: tuple[str, ...] = ()
    """Names of the samples wanted (`http_requests_total`); none: all of them."""
    by: tuple[str, ...] = ()
    """Labels: samples that agree in them become one row, with a field for each metric; further labels are refused.
    None: rows {metric, value, at, label: ...}."""
    max_samples: int = 50_000


def fetch(source: Source, want: Want) -> Iterator[Payload]:
    """One payload. Every row has `at`, in seconds since 1970: the sample's own time, else now. NaN and stale markers are missing.

    A back-fill gets nothing: an endpoint knows only the present."""
    settings = settings_of(source, SETTINGS)
    if want.until is not None and want.until < want.now:
        yield Payload((), "", {}, unchanged=True)
        return
    answer = get(source.key, settings.url, settings, want, {"Accept": ACCEPT})
    samples = _samples(answer.body, answer.headers.get("content-type", ""), settings)
    now = want.now.timestamp()
    rows = _pivoted(samples, settings, now) if settings.by else [_row(one, now) for one in samples]
    # No hash: the same figures a minute later are new ones, of a later instant.
    digest = hashlib.sha256(answer.body + f"@{now}".encode()).hexdigest()
    yield Payload(rows, digest, {}, answer.body[:300].decode("utf-8", "replace"), place="")


def _samples(body: bytes, kind: str, settings: SETTINGS) -> list[Sample]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Failure("bad_input", f"byte {error.start} is not UTF-8", "this is no metrics endpoint") from None
    if text.lstrip()[:1] == "<":
        raise Failure("bad_input", "HTML in place of metrics", "a login or an error page answers at this address")
    if not text.strip():
        raise Failure("bad_input", "an empty answer", "the exporter gave nothing")
    if text.count("\n") > LINES * settings.max_samples:
        raise Failure("too_large", f"more than {LINES * settings.max_samples} lines", "this is no ordinary metrics endpoint")
    wanted, found, others = frozenset(settings.metrics), list[Sample](), False
    parse = parse_openmetrics if "openmetrics" in kind else parse_prometheus
    try:
        for family in parse(text):
            for sample in family.samples:
                if wanted and sample.name not in wanted:
                    others = True
                else:
                    found.append(sample)
                    if len(found) > settings.max_samples:
                        what = f"more than {settings.max_samples} samples"
                        raise Failure("too_large", what, "name the ones that are needed as `metrics`")
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Failure("bad_input", f"no metrics: {one_line(error, 120)}", "is this a metrics endpoint?") from None
    lost = sorted(wanted - {one.name for one in found})
    # An exporter that has nothing at all to say is not one that renamed its metrics.
    if others and len(lost) == len(wanted):
        raise Failure("schema_changed", f"the answer: missing: {', '.join(lost)}", "the exporter renamed its metrics")
    return found


def _row(sample: Sample, now: float) -> dict[str, Any]:
    return {**sample.labels, "metric": sample.name, "value": _value(sample), "at": _at(sample, now)}


def _pivoted(samples: list[Sample], settings: SETTINGS, now: float) -> list[Mapping[str, Any]]:
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for sample in samples:
        key = tuple(sample.labels.get(label, "") for label in settings.by)
        row = rows.setdefault(key, {**dict(zip(settings.by, key, strict=True)), "at": _at(sample, now)})
        if sample.name in row:
            more = ", ".join(sorted(set(sample.labels) - set(settings.by))) or "no label"
            what = f"{sample.name} has several samples for one row: they differ in {more}"
            raise Failure("schema_changed", what, "name these labels in `by`, too")
        row[sample.name] = _value(sample)
    return list(rows.values())


def _value(sample: Sample) -> float | int | None:
    """None for NaN, which is also how Prometheus marks a series that has ended."""
    value = float(sample.value)
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _at(sample: Sample, now: float) -> float:
    return float(sample.timestamp) if sample.timestamp is not None else now
