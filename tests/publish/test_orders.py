"""Orders for programs: read in scope, stepped by who may, refused in words."""

import flask
import jsonschema
import pytest

from publish import _orders, api
from publish.openapi import document
from tests.alerts.orders.test_desk import CHIEF, CLERK, CLERK_B, START, VIEWER, Office
from tests.alerts.small import DAY


@pytest.fixture
def ask(store, monkeypatch):
    """A request as a person: (status, JSON); one order is there, raised from an alert."""
    office = Office(store)
    office.raise_order(CHIEF, 3.2, episode=office.alert().id)
    office.workspace = office.workspace.__class__(**{**_fields(office.workspace), "clock": START + 4 * DAY})
    server = flask.Flask("t")
    api.install(server, store, office.workspace)

    def send(path, who=CHIEF, body=None):
        for module in (api, _orders):
            monkeypatch.setattr(module, "current", lambda: who)
        client = server.test_client()
        given = client.get(f"/api/v1/{path}") if body is None else client.post(f"/api/v1/{path}", json=body)
        return given.status_code, given.get_json()

    return send


def _fields(workspace):
    return {name: getattr(workspace, name) for name in workspace.__dataclass_fields__}


def test_it_lists_what_is_in_scope_as_the_document_says(ask):
    status, said = ask("orders")
    schemas = document()
    schema = schemas["paths"]["/api/v1/orders"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(said, {**schema, "components": schemas["components"]})
    assert (status, said["total"], said["items"][0]["state"]) == (200, 1, "ISSUED")
    as_the_document_says(ask("orders/1")[1], "/api/v1/orders/{number}", "get")
    assert ask("orders?state=CLOSED")[1]["total"] == 0
    assert ask("orders", CLERK_B)[1]["total"] == 0
    assert ask("orders/1", CLERK_B)[0] == 404
    assert ask("orders?light=green")[0] == 400


def as_the_document_says(said, path, method):
    schemas = document()
    schema = schemas["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator({**schema, "components": schemas["components"]}).validate(said)


def test_it_signs_and_answers_as_the_department_and_as_nobody_else(ask):
    assert ask("orders/1/steps", VIEWER, {"step": "signed"})[0] == 403
    assert ask("orders/1/steps", CHIEF, {"step": "signed"})[0] == 403
    assert ask("orders/1/steps", CLERK_B, {"step": "signed"})[0] == 404
    assert ask("orders/1/steps", CLERK, {"step": "overridden", "text": "x"})[0] == 400
    assert ask("orders/1/steps", CLERK, {"step": "signed"})[1]["item"]["state"] == "IN_PROGRESS"
    assert ask("orders/1/steps", CLERK, {"step": "signed"})[0] == 400
    assert ask("orders/1/steps", CLERK, {"step": "answered", "text": "More hands"})[1]["error"]["id"] == "not_allowed_now"
    answer = {"step": "answered", "text": "More hands", "cause": "capacity", "expected": "2026-04-01"}
    assert ask("orders/1/steps", CLERK, {**answer, "version": 1})[0] == 409
    status, said = ask("orders/1/steps", CLERK, answer)
    assert (status, said["item"]["state"]) == (200, "AWAITING_EVIDENCE")
    as_the_document_says(said, "/api/v1/orders/{number}/steps", "post")
    assert [one["step"] for one in said["item"]["course"]] == ["drafted", "issued", "signed", "answered"]


def test_it_takes_an_alert_on_once(ask):
    assert ask("alerts/1/acknowledge", CLERK, {"comment": ""})[0] == 400
    for days in (0, True, "2", 91):
        assert ask("alerts/1/acknowledge", CLERK, {"comment": "mine", "again_days": days})[1]["error"]["id"] == "bad_parameter"
    status, taken = ask("alerts/1/acknowledge", CLERK, {"comment": "mine", "again_days": 2})
    as_the_document_says(taken, "/api/v1/alerts/{number}/acknowledge", "post")
    assert (status, taken["first"]) == (200, True)
    assert not ask("alerts/1/acknowledge", CHIEF, {"comment": "no, mine"})[1]["first"]


def test_it_tells_the_rules_in_force_as_the_document_says(ask):
    status, said = ask("rules")
    schemas = document()
    schema = schemas["paths"]["/api/v1/rules"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(said, {**schema, "components": schemas["components"]})
    (rule,) = said["items"]
    assert (rule["key"], rule["version"], rule["open"], rule["raised_in_30_days"]) == ("late", 1, 1, 1)
    assert [level["threshold"] for level in rule["levels"]] == [95, 88]
    assert ask("rules?indicator=overdue")[1]["total"] == 0
    assert ask("rules?indicator=none")[0] == 404


def test_no_link_that_is_only_followed_takes_an_alert_on__F77(ask):
    """A scanner of mails opens every address there is: nothing happens. Taking on is a POST, by somebody who may."""
    before = ask("alerts")[1]["items"]
    assert [one["handling"] for one in before] == ["ORDERED"]
    number = before[0]["id"]
    for path in (f"alerts/{number}/acknowledge", "orders/1/steps"):
        assert ask(path)[0] in (404, 405)
    assert ask("alerts")[1]["items"] == before
    assert ask(f"alerts/{number}/acknowledge", VIEWER, {"comment": "x"})[0] == 403
    assert ask("alerts")[1]["items"] == before


def test_it_says_every_limit_and_who_assists(ask):
    (one,) = ask("orders")[1]["items"]
    assert (one["sign_due"], one["due"]) == ("2026-03-06T00:00:00Z", "2026-03-06T00:00:00Z")
    assert one["answer_due"] == "2026-03-12T00:00:00Z"
    assert (one["recover_due"], one["expected"], one["suspended_until"], one["extended_to"], one["assisting"]) == (None,) * 4 + (
        [],
    )
    expected = {"step": "answered", "text": "More hands", "cause": "capacity", "expected": "2026-03-20"}
    ask("orders/1/steps", CLERK, {"step": "signed"})
    answered = ask("orders/1/steps", CLERK, expected)[1]["item"]
    assert (answered["expected"], bool(answered["recover_due"])) == ("2026-03-21T00:00:00Z", True)
