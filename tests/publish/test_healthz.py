"""What /healthz says of messages: how many wait and since when, and who was not reached in whose words."""

from datetime import UTC, datetime, timedelta

import flask
import pytest

from metrics.model import Principal
from metrics.rulebook import Receiver
from publish import healthz
from tests.alerts.servers import free_port
from tests.alerts.small import Desk, text
from tests.alerts.test_telling import HOOK, hook, place, route, send


@pytest.fixture
def asked(store, monkeypatch):
    """(desk, what is answered to a person of these roles); healthz goes by the real clock."""
    gone, away = Receiver("gone", text("Gone"), "pigeon", {}), hook(HOOK.format(free_port()), "away")
    desk = Desk(store, place(route(receivers=("gone", "away")), receivers=[gone, away]))
    server = flask.Flask("t")
    healthz.install(server, store, desk.workspace, timedelta(seconds=5))

    def ask(*roles):
        monkeypatch.setattr(healthz, "current", lambda: Principal(None, "", frozenset(roles)))
        return server.test_client().get("/healthz").get_json()

    return desk, ask


def test_it_says_what_waits_since_when_and_who_was_not_reached_in_the_words_of_the_platform(asked):
    desk, ask = asked
    assert ask("viewer")["messages"] == {"waiting": 0, "dead": 0, "oldest": None, "late_since": None, "unreached": {}}
    began = datetime.now(UTC) - timedelta(minutes=30)
    desk.put(0, 93, at=began)
    send(desk, began)
    said = ask("viewer")["messages"]
    assert (said["waiting"], said["dead"], said["oldest"], said["late_since"]) == (1, 1, began.isoformat(), began.isoformat())
    assert list(said["unreached"]) == ["gone"]
    assert "no channel 'pigeon'" in said["unreached"]["gone"]


def test_it_says_nothing_of_messages_to_a_stranger(asked):
    assert "messages" not in asked[1]()
