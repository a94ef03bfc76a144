import pytest

from collectors import openmetrics
from collectors._errors import Failure
from tests.collectors.conftest import NOW, a_source, one

TEXT = """# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{app="tax",zone="a"} 12
requests_total{app="permits",zone="a"} 1.5e3
# TYPE up gauge
up{app="tax",zone="a"} NaN
up{app="permits",zone="a"} 1 1772420000000
"""


def test_it_gives_a_row_for_each_sample__F46(system, want):
    system.says(TEXT, content_type="text/plain; version=0.0.4")
    rows = one(openmetrics.fetch(a_source("openmetrics", {"url": system.url}), want())).rows
    assert rows[0] == {"metric": "requests_total", "value": 12, "app": "tax", "zone": "a", "at": NOW.timestamp()}
    assert [row["value"] for row in rows] == [12, 1500, None, 1]
    assert rows[3]["at"] == 1772420000


def test_it_gives_a_row_for_each_set_of_labels(system, want):
    system.says(TEXT, content_type="text/plain; version=0.0.4")
    source = a_source("openmetrics", {"url": system.url, "by": ["app"], "metrics": ["requests_total", "up"]})
    rows = one(openmetrics.fetch(source, want())).rows
    assert [(row["app"], row["requests_total"], row["up"]) for row in rows] == [("tax", 12, None), ("permits", 1500, 1)]


def test_it_does_not_merge_samples_that_differ_in_a_label_nobody_named(system, want):
    system.says(TEXT, content_type="text/plain")
    with pytest.raises(Failure, match="differ in app"):
        list(openmetrics.fetch(a_source("openmetrics", {"url": system.url, "by": ["zone"]}), want()))


def test_it_reads_openmetrics(system, want):
    text = '# TYPE cpu_seconds counter\ncpu_seconds_total{app="tax"} 4.25\n# EOF\n'
    system.says(text, content_type="application/openmetrics-text; version=1.0.0; charset=utf-8")
    assert one(openmetrics.fetch(a_source("openmetrics", {"url": system.url}), want())).rows[0]["value"] == 4.25


@pytest.mark.parametrize(
    ("body", "kind"),
    [("<html>", "bad_input"), ("", "bad_input"), ("no metrics {{", "bad_input"), (b"\xff\xfe\x00", "bad_input"),
     ("other 1\n", "schema_changed")],
)  # fmt: skip
def test_it_names_what_are_no_metrics(system, want, body, kind):
    system.says(body, content_type="text/plain")
    with pytest.raises(Failure) as caught:
        list(openmetrics.fetch(a_source("openmetrics", {"url": system.url, "metrics": ["up"]}), want()))
    assert caught.value.kind == kind


def test_it_takes_at_most_so_many_samples__F46(system, want):
    system.says("".join(f'up{{i="{i}"}} 1\n' for i in range(100)), content_type="text/plain")
    with pytest.raises(Failure, match="more than 99 samples"):
        list(openmetrics.fetch(a_source("openmetrics", {"url": system.url, "max_samples": 99}), want()))


def test_it_takes_an_exporter_with_nothing_to_say_as_empty(system, want):
    system.says("# EOF\n", content_type="application/openmetrics-text; version=1.0.0")
    assert one(openmetrics.fetch(a_source("openmetrics", {"url": system.url, "metrics": ["up"]}), want())).rows == []


def test_it_has_nothing_for_a_back_fill(want):
    source = a_source("openmetrics", {"url": "http://127.0.0.1:1/"})
    assert one(openmetrics.fetch(source, want(until=NOW.replace(month=1)))).unchanged


@pytest.mark.realdata
def test_it_reads_what_a_real_exporter_says(system, want, realdata):
    system.says((realdata / "payloads/prometheus/e2e-output.txt").read_bytes(), content_type="text/plain")
    assert len(one(openmetrics.fetch(a_source("openmetrics", {"url": system.url}), want())).rows) > 1000
