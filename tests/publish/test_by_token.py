"""Programs take an alert on and answer an order by a real token, through the product's own guard."""

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest

from access import accounts as tokens
from access import passwords
from access.store import accounts as people
from alerts import orders
from alerts.store.order_tables import order_event
from alerts.store.tables import episode
from metrics.model import TOTAL, Principal
from tests.access.conftest import PASSWORD
from tests.alerts.test_in_the_browser import Town
from tests.fixtures.processes import serving

NOW = datetime.now(UTC)
CHIEF = Principal("u1", "Chief", frozenset({"supervisor"}))


@pytest.fixture
def raised(tmp_path):
    """An alert of yesterday's figures; nobody listens at the receivers' address."""
    made = Town(tmp_path, 9)
    made.day(6, 980)
    made.day(5, 930)
    with made.store.write() as connection:
        people.add(connection, "desk", "刘强", "staff", ("a",), (TOTAL,), passwords.hashed(PASSWORD), NOW)
        people.add(connection, "boss", "王督查", "supervisor", (TOTAL,), (TOTAL,), passwords.hashed(PASSWORD), NOW)
    yield made
    made.store.close()


@pytest.fixture
def town(raised):
    """The alert, and the order raised from it."""
    with raised.store.write() as connection:
        draft = orders.Draft(title="Too late", lead="a", episode=1)
        orders.raise_order(connection, raised.workspace, CHIEF, draft, NOW)
    return raised


def asking(address):
    def ask(path, token, body=None):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        try:
            asked = urllib.request.Request(f"{address}/api/v1/{path}", data, headers)
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as fault:
            return fault.code, None

    return ask


def test_a_program_of_a_supervisor_dismisses_an_alert_and_one_of_staff_may_not(raised):
    with raised.store.write() as connection:
        staff, boss = (tokens.add_token(connection, who, who, NOW, actions=("view", "acknowledge")) for who in ("desk", "boss"))
    with serving(raised.folder, raised.data) as address:
        ask, path = asking(address), "alerts/1/dismiss"
        assert ask(path, staff, {"reason": "announced"})[0] == 403
        for odd in ({}, {"reason": " "}, {"reason": "x", "version": "1"}):
            assert ask(path, boss, odd)[0] == 400
        assert ask(path, boss, {"reason": "announced", "version": 7})[0] == 409
        assert ask("alerts/99/dismiss", boss, {"reason": "announced"})[0] == 404
        status, said = ask(path, boss, {"reason": "announced", "version": 1})
        assert (status, said["first"], said["by"], said["reason"]) == (200, True, "王督查", "announced")
        assert ask("alerts", boss)[1]["items"][0]["handling"] == "DISMISSED"


def test_a_program_reads_takes_on_signs_and_answers_by_its_token(town):
    with town.store.write() as connection:
        only_looks = tokens.add_token(connection, "desk", "look", NOW)
        works = tokens.add_token(connection, "desk", "work", NOW, actions=("view", "acknowledge", "answer"))
    with serving(town.folder, town.data) as address:
        ask = asking(address)
        assert ask("alerts", "yuncha_none")[0] == 401
        for path in ("alerts", "orders", "rules"):
            assert ask(path, only_looks)[1]["total"] == 1
        taking, signing = ("alerts/1/acknowledge", {"comment": "We look into it"}), ("orders/1/steps", {"step": "signed"})
        answering = {"step": "answered", "text": "More hands", "cause": "capacity", "expected": "2099-01-04"}
        for path, body in (taking, signing):
            assert ask(path, only_looks, body)[0] == 403
        assert ask(taking[0], works, taking[1])[1]["first"]
        assert ask(signing[0], works, signing[1])[1]["item"]["state"] == "IN_PROGRESS"
        assert ask("orders/1/steps", works, answering)[1]["item"]["state"] == "AWAITING_EVIDENCE"
        assert ask("orders/1/steps", works, {"step": "overridden", "text": "x"})[0] == 400
        for text in ("half \ud800\nof it", "rung\x07\ntwice", "\n", "x" * 4001, 5):
            assert ask("orders/1/steps", works, {"step": "noted", "text": text})[0] == 400
        for odd in (b"{", b"[]", b'{"a":' * 5_000, b"[" * 100_000, b"\xff\xfe"):
            assert ask("orders/1/steps", works, odd)[0] == ask("alerts/1/acknowledge", works, odd)[0] == 400
    (alert,) = town.rows(episode)
    assert (alert.acked_name, alert.comment, alert.handling) == ("刘强", "We look into it", "ORDERED")
    assert [(one.kind, one.name) for one in town.rows(order_event)][2:] == [("signed", "刘强"), ("answered", "刘强")]
