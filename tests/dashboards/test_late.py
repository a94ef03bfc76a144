"""The banner: who could not be told, in the platform's own words; for those who see to it, not for a visitor."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from alerts.store.tables import outbox
from dashboards import _late
from metrics.model import Principal
from metrics.periods import to_us
from tests.dashboards import made

CHIEF = Principal("u1", "Chief", frozenset({"supervisor"}))
WORDS = "310000 keywords not in content"


def wrote(server, **given):
    at = datetime.now(UTC) - timedelta(minutes=6)
    row = {
        "message_id": "m1", "event_seq": 1, "kind": "firing", "receiver": "group", "channel": "dingtalk",
        "subject": "s", "body": "b", "facts": "{}",
        "created_at": to_us(at), "state": "dead", "due_at": to_us(at), "error": WORDS, "tries": 1,
    }  # fmt: skip
    with server.extensions["yuncha"].store.write() as connection:
        connection.execute(insert(outbox).values({**row, **given}))


@pytest.mark.parametrize(
    ("given", "said"), [({}, WORDS), ({"state": "waiting", "error": ""}, "1")], ids=["dead at once", "waits for six minutes"]
)
def test_it_shows_what_does_not_arrive(server, given, said):
    wrote(server, **given)
    server.config["WHO"] = CHIEF
    with server.test_request_context("/"):
        server.preprocess_request()
        assert said in made.words(_late.banner(made.setting().view))
    server.config["WHO"] = made.WHO
    with server.test_request_context("/"):
        server.preprocess_request()
        assert _late.banner(made.setting().view) is None


def test_it_is_not_there_where_everything_arrives(server):
    server.config["WHO"] = CHIEF
    with server.test_request_context("/"):
        server.preprocess_request()
        assert _late.banner(made.setting().view) is None
