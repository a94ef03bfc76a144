"""What changed since, for programs: as the document says, within the scope of who asks."""

from datetime import timedelta
from urllib.parse import quote

import flask
import jsonschema

from metrics import links
from metrics.model import Principal
from publish import api
from publish.openapi import document
from tests.metrics import small

WHOLE = Principal("w", "w", frozenset({"viewer"}))
CITY = Principal("c", "c", frozenset({"viewer"}), regions=("y",))
SCHEMAS = document()


def test_it_tells_programs_what_changed(store, monkeypatch):
    small.put(store, small.calls(10), small.calls(3, region="y1"), now=small.NOW - timedelta(hours=9))
    small.put(store, *(small.case(str(n), closed=1) for n in range(3)), now=small.NOW - timedelta(hours=8))
    small.put(store, small.calls(12, reason="counted twice"), now=small.NOW - timedelta(hours=7))
    small.put(store, *(small.case(str(n), closed=3) for n in range(3)), now=small.NOW - timedelta(hours=6))
    server = flask.Flask("t")
    api.install(server, store, small.workspace())

    def get(query, who=WHOLE, status=200):
        monkeypatch.setattr(api, "current", lambda: who)
        answer = server.test_client().get(f"/api/v1/changes?{query}")
        assert answer.status_code == status, answer.json
        if status == 200:
            said = SCHEMAS["paths"]["/api/v1/changes"]["get"]["responses"]["200"]
            schema = {**said["content"]["application/json"]["schema"], "components": SCHEMAS["components"]}
            jsonschema.Draft202012Validator(schema).validate(answer.json)
        return answer.json

    found = get("since=2&indicator=calls&region=x1&department=a")
    (one,) = found["figures"]
    assert (one["old"]["value"], one["new"]["value"]) == (10, 12)
    assert (one["by"]["source"], one["by"]["reason"]) == ("calls", "counted twice")
    assert not one["arrived"]
    late = get("since=1&indicator=opened&region=x1&figures=arrived")["figures"]
    assert get("since=1&indicator=opened&region=x1")["figures"] == []
    assert {(row["old"]["status"], row["new"]["value"], row["arrived"]) for row in late} == {("M", 3, True)}
    instant = quote(links.text(small.NOW - timedelta(hours=8)))
    assert get(f"since={instant}&indicator=calls&region=x1&department=a")["figures"] == found["figures"]
    page = get("since=2&limit=2")
    rest = get(page["next"].partition("?")[2])
    assert [one["id"] for one in page["records"] + rest["records"]] == ["0", "1", "2"]
    assert rest["next"] is None
    closed = page["records"][0]["changes"]["closed"]
    assert closed["old"] < closed["new"]
    assert {one["indicator"] for one in page["figures"]} >= {"calls", "on_time"}
    city = get("since=2", CITY)
    assert (city["figures"], city["records"]) == ([], [])
    unknown, bad = ("indicator=no", "source=no", "region=no"), ("limit=0", "figures=x")
    for wrong in ("", "since=x", "since=99", *(f"since=2&{one}" for one in unknown + bad)):
        get(wrong, status=404 if wrong.endswith("=no") else 400)
