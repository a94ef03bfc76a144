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
def town(tmp_path):
    """An alert of yesterday's figures and the order raised from it; nobody listens at the receivers' address."""
    made = Town(tmp_path, 9)
    made.day(6, 980)
    made.day(5, 930)
    with made.store.write() as connection:
        people.add(connection, "desk", "刘强", "staff", ("a",), (TOTAL,), passwords.hashed(PASSWORD), NOW)
        draft = orders.Draft(title="Too late", lead="a", episode=1)
        orders.raise_order(connection, made.workspace, CHIEF, draft, NOW)
    yield made
    made.store.close()


def test_a_program_reads_takes_on_signs_and_answers_by_its_token(town):
    with town.store.write() as connection:
        only_looks = tokens.add_token(connection, "desk", "look", NOW)
        works = tokens.add_token(connection, "desk", "work", NOW, actions=("view", "acknowledge", "answer"))
    with serving(town.folder, town.data) as address:

        def ask(path, token, body=None):
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            try:
                asked = urllib.request.Request(f"{address}/api/v1/{path}", data, headers)
                with urllib.request.urlopen(asked, timeout=20) as answer:
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as fault:
                return fault.code, None

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
