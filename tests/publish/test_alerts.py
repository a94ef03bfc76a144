"""Alerts for programs: where one stands, who has it, and its course, to each only what lies in their scope."""

from dataclasses import replace

import flask
import jsonschema
import pytest

import alerts
from publish import api
from publish.openapi import document
from tests.alerts.orders.test_desk import CHIEF, CLERK, CLERK_B, START, VIEWER, Office
from tests.alerts.small import DAY


@pytest.fixture
def office(store):
    return Office(store)


@pytest.fixture
def get(office, monkeypatch):
    """GET as a person: (status, JSON), an answer checked against the document."""
    server, schemas = flask.Flask("t"), document()
    api.install(server, office.store, replace(office.workspace, clock=START + 10 * DAY))

    def send(path, who=CHIEF, as_said="/api/v1/alerts"):
        monkeypatch.setattr(api, "current", lambda: who)
        answer = server.test_client().get(f"/api/v1/{path}")
        said = schemas["paths"][as_said]["get"]["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
        jsonschema.Draft202012Validator({**said, "components": schemas["components"]}).validate(answer.json)
        return answer.status_code, answer.json

    return send


def one(get, number, who=CHIEF):
    return get(f"alerts/{number}", who, "/api/v1/alerts/{number}")


def took_on(office, id):
    with office.store.write() as connection:
        alerts.acknowledge(connection, office.workspace, CLERK, id, "We look into it.", START + 3.5 * DAY)
        alerts.seen(connection, office.workspace, CHIEF, id, START + 3.6 * DAY)


def test_it_says_how_far_from_its_limit_it_is_and_who_has_it(office, get):
    id = office.alert().id
    took_on(office, id)
    (said,) = get("alerts")[1]["items"]
    assert (said["value"], said["op"], said["threshold"]) == (80.0, "<", 88.0)
    assert (said["period_start"], said["period_end"]) == ("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z")
    assert (said["acknowledged_by"], said["acknowledged_at"], said["comment"], said["seen_by"]) == (
        "Clerk", "2026-03-04T12:00:00Z", "We look into it.", 1,
    )  # fmt: skip
    assert (said["order"], said["dismissed_by"], said["dismissed_at"], said["reason"]) == ("", "", None, "")
    office.raise_order(CHIEF, 4, episode=id)
    assert get("alerts")[1]["items"][0]["order"] == "2026-0001"


def test_its_version_is_what_a_step_wants(office, get):
    id = office.alert().id
    before = get("alerts")[1]["items"][0]["version"]
    took_on(office, id)
    assert one(get, id)[1]["item"]["version"] > before
    with office.store.write() as connection, pytest.raises(alerts.Changed):
        alerts.dismiss(connection, office.workspace, CHIEF, id, "Announced.", START + 4 * DAY, version=before)


def test_one_is_told_with_its_whole_course(office, get):
    id = office.alert().id
    took_on(office, id)
    order = office.raise_order(CHIEF, 4, episode=id)
    office.put(3, 97, at=START + 5 * DAY)
    office.put(4, 80, at=START + 6 * DAY)
    found = one(get, id)[1]["item"]
    assert [(event["step"], event["by"]) for event in found["events"] if event["step"] != "recovering"] == [
        ("firing", ""), ("acknowledged", "Clerk"), ("seen", "Chief"), ("ordered", "Chief"), ("recovered", ""),
    ]  # fmt: skip
    assert (found["events"][0]["value"], found["events"][0]["severity"], found["rule_version"]) == (80.0, "serious", 1)
    listed = get("alerts?open=false")[1]["items"][-1]
    assert {key: found[key] for key in listed} == listed
    again = one(get, id + 1)[1]["item"]
    assert (again["events"][-1]["step"], again["events"][-1]["by"]) == ("ordered", ""), "by the system"
    assert again["order"] == office.one(order).row.number


def test_a_correction_is_named_as_the_reason(office, get):
    id = office.alert().id
    office.put(2, 97, at=START + 4 * DAY)
    found = one(get, id)[1]["item"]
    assert (found["closed"], found["events"][-1]["because"]) == ("corrected", {"corrected": "2026-03-03T00:00:00Z"})


@pytest.mark.parametrize(("who", "status"), [(CHIEF, 200), (CLERK, 200), (VIEWER, 200), (CLERK_B, 404)])
def test_it_is_there_for_those_in_whose_scope_it_is(office, get, who, status):
    assert one(get, office.alert().id, who)[0] == status
    assert get("alerts", who)[1]["total"] == (status == 200)


@pytest.mark.parametrize("number", [99, 2**63])
def test_none_is_unknown(get, number):
    assert one(get, number)[0] == 404
