"""F79: what a department attaches is taken only where it is what it says, and never shown by a browser as a page of ours."""

import flask
import pytest

from alerts import orders
from alerts.store.order_tables import order_paper
from publish import _papers
from tests.alerts.orders.test_desk import CHIEF, CLERK, CLERK_B, PDF, Office

SCRIPT = b"<script>alert(1)</script>"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def office(store):
    made = Office(store)
    made.order = made.raise_order(CHIEF, 3.2, episode=made.alert().id)
    return made


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.html", SCRIPT), ("a.svg", b"<svg onload='alert(1)'/>"), ("a.com", EICAR), ("a.pdf", SCRIPT), ("a.pdf", EICAR),
     ("a.pdf.html", PDF.content), ("a.png", b"GIF89a"), ("a.pdf", b"%PDF-" + b"x" * 1_000_001)],
)  # fmt: skip
def test_a_paper_that_is_not_what_it_says_or_too_large_is_refused_and_nothing_is_stored__F79(office, name, content):
    with pytest.raises(orders.Refused):
        office.step(CLERK, office.order, "noted", 4, attached=[orders.Paper(name, content)])
    with office.store.read() as connection:
        assert connection.execute(order_paper.select()).all() == []
    assert [one.kind for one in office.one(office.order).events] == ["drafted", "issued"]


def test_a_paper_is_served_as_an_attachment_to_whoever_may_see_the_order__F79(office, monkeypatch):
    office.step(CLERK, office.order, "noted", 4, attached=[orders.Paper("方案.pdf", PDF.content)])
    (kept,) = office.one(office.order).papers
    server = flask.Flask("t")
    _papers.install(server, office.store, office.workspace)
    monkeypatch.setattr(_papers, "current", lambda: CLERK)
    answer = server.test_client().get(f"/orders/{office.order}/papers/{kept.id}")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PDF.content, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    monkeypatch.setattr(_papers, "current", lambda: CLERK_B)
    assert server.test_client().get(f"/orders/{office.order}/papers/{kept.id}").status_code == 404
