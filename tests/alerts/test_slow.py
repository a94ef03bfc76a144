"""Receivers that answer slowly, or not at all, delay themselves only."""

import threading
from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy import event

from alerts.channels import _http, smtp
from metrics.rulebook import Match, Receiver
from tests.alerts.servers import Web, dripping, free_port
from tests.alerts.small import Desk, text
from tests.alerts.test_telling import HOOK, NOW, hook, many, place, route, rows, send, told

SECOND = timedelta(seconds=1)


def drip(kind, port):
    if kind == "webhook":
        return hook(HOOK.format(port), "slow")
    where = {"host": "127.0.0.1", "port": port, "to": "chief@example.org", "sender": "yuncha@example.org"}
    return Receiver("slow", text("Slow"), "smtp", where, "en")


@pytest.mark.parametrize(("kind", "begin"), [("webhook", b"HTTP/1.1 200 OK\r\nX-Slow: "), ("smtp", b"220-"), ("smtp", b"")])
def test_it_gives_one_attempt_so_many_seconds_in_all_however_slowly_the_answer_drips__F72(store, monkeypatch, kind, begin):
    for module in (_http, smtp):
        assert module.DEADLINE == 15
        monkeypatch.setattr(module, "DEADLINE", 1.0)
    with dripping(begin, 0.05) as port:
        desk = Desk(store, place(route(receivers=("slow",)), receivers=[drip(kind, port)]))
        desk.put(0, 93)
        begun = monotonic()
        assert send(desk, NOW).later == 1
    assert monotonic() - begun < 5
    assert rows(desk)[0].state == "waiting"


def test_it_does_not_wait_with_the_others_for_the_slowest_receiver__F72(store):
    """What is told in the background keeps its lease, and its receiver is in no round until that has ended."""
    answer = threading.Event()
    web = Web()
    web.before = lambda request: answer.wait(10)
    with web.serving():
        desk = Desk(store, place(route(receivers=("slow", "chief")), receivers=[hook(web.url, "slow", single=True)]))
        desk.put(0, 93)
        try:
            assert send(desk, NOW, patience=1.0).sent == 1
            desk.put(0, 93, "b", at=NOW + SECOND)
            assert send(desk, NOW + SECOND, patience=1.0).sent == 1
            event.listen(store.writers, "begin", fail := lambda connection: pytest.fail("there is nothing for it to do"))
            assert send(desk, NOW + SECOND, patience=1.0).sent == 0
            event.remove(store.writers, "begin", fail)
            states = {(row.receiver, row.episode_id): row.state for row in rows(desk)}
            assert (states["chief", 1], states["chief", 2]) == ("sent", "sent")
            assert (states["slow", 1], states["slow", 2]) == ("sending", "waiting")
        finally:
            answer.set()
            for thread in threading.enumerate():
                if thread.name.startswith("tell"):
                    thread.join(30)
        assert send(desk, NOW + 2 * SECOND).sent == 1
    assert {row.state for row in rows(desk)} == {"sent"}
    assert len(web.got) == 2


def test_a_receiver_with_many_messages_leaves_room_in_a_round_for_the_others(store):
    away = hook(HOOK.format(free_port()), "away", single=True)
    desk = Desk(store, place(route("all", ("away",)), route("b", match=Match(departments=("b",))), receivers=[away]))
    many(desk, 0, {f"d{n}": 93 for n in range(100)})
    desk.put(0, 93, "b", at=NOW + SECOND)
    assert send(desk, NOW + SECOND).sent == 1
    assert ("chief", "firing", "sent") in told(desk)
