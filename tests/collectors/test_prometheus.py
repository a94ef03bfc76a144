import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from collectors import prometheus
from collectors._errors import Failure
from collectors._payload import merged
from tests.collectors.conftest import NOW, a_source, one


@pytest.fixture
def server(system):
    """A Prometheus with two series whose value is the moment's hour."""

    def answer(path, headers):
        asked = {name: value[0] for name, value in parse_qs(urlsplit(path).query).items()}
        assert asked["query"] == "sum by (app) (rate(calls_total[5m]))"
        if urlsplit(path).path == "/api/v1/query":
            result = [{"metric": {"__name__": "x", "app": app}, "value": [float(asked["time"]), "1.5"]} for app in ("tax", "id")]
            return 200, {}, json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()
        at, values = float(asked["start"]), []
        while at <= float(asked["end"]):
            values.append([at, "NaN" if at % 7200 else str(int(at))])
            at += float(asked["step"])
        data = {"resultType": "matrix", "result": [{"metric": {"app": "tax"}, "values": values}]}
        return 200, {}, json.dumps({"status": "success", "data": data}).encode()

    system.answer = answer
    return system


def query(system, **settings):
    return a_source("prometheus", {"url": system.url, "query": "sum by (app) (rate(calls_total[5m]))", **settings})


def test_it_asks_for_the_value_of_now(server, want):
    rows = one(prometheus.fetch(query(server), want())).rows
    assert rows == [{"metric": "x", "app": app, "value": "1.5", "at": NOW.timestamp()} for app in ("tax", "id")]


def test_it_asks_in_steps_from_where_it_was_less_an_overlap(server, want):
    source = query(server, step="1h", first="3h", overlap="30m")
    first = one(prometheus.fetch(source, want()))
    assert [row["at"] for row in first.rows] == [NOW.timestamp() - 3600 * n for n in (3, 2, 1, 0)]
    assert [row["value"] is None for row in first.rows] == [row["at"] % 7200 != 0 for row in first.rows]
    mark = merged({}, first.mark)
    again = one(prometheus.fetch(source, want(mark=mark, now=NOW + timedelta(minutes=90))))
    assert [row["at"] for row in again.rows] == [NOW.timestamp(), NOW.timestamp() + 3600]


def test_it_asks_a_back_fill_in_parts_no_server_refuses(server, want, monkeypatch):
    monkeypatch.setattr(prometheus, "POINTS", 10)
    payloads = list(prometheus.fetch(query(server, step="1h"), want(since=NOW - timedelta(hours=24), until=NOW)))
    assert [len(payload.rows) for payload in payloads] == [10, 10, 5]
    assert len({row["at"] for payload in payloads for row in payload.rows}) == 25


def test_without_steps_it_has_nothing_for_a_back_fill(server, want):
    assert one(prometheus.fetch(query(server), want(until=NOW - timedelta(days=1)))).unchanged


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"status": "error", "errorType": "bad_data", "error": "parse error"}', "Prometheus says: parse error"),
        ('{"status": "success", "data": {"resultType": "string", "result": ["a"]}}', "a string, which is no figure"),
        ('{"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}}]}}', "no samples"),
        ('{"status": "success", "data": {"resultType": "vector", "result": [1]}}', "no samples"),
        ("<html>", "HTML"),
    ],
)
def test_it_names_what_is_no_answer(system, want, body, words):
    system.says(body)
    with pytest.raises(Failure, match=words):
        list(prometheus.fetch(query(system), want()))


def test_it_takes_a_scalar_and_at_most_so_many_samples__F46(system, want):
    system.says('{"status": "success", "data": {"resultType": "scalar", "result": [1772424000, "3"]}}')
    assert one(prometheus.fetch(query(system), want())).rows == [{"value": "3", "at": 1772424000.0}]
    many = [{"metric": {"i": str(n)}, "value": [1, "1"]} for n in range(4)]
    system.says(json.dumps({"status": "success", "data": {"resultType": "vector", "result": many}}))
    with pytest.raises(Failure, match="more than 3 samples"):
        list(prometheus.fetch(query(system, max_samples=3), want()))
