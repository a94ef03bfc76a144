"""What goes on while the worker is killed: systems push, people acknowledge, raise and sign orders, and rule between sources.

Whoever got a 200, or a row's number, was promised that it stays; `accepted` holds these promises.
"""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import httpx
from sqlalchemy import select

import alerts
from access import accounts, source_tokens
from alerts import orders
from alerts.store.tables import episode
from metrics import ruling
from metrics.arrivals import Series
from metrics.catalogue.workspace import Workspace
from metrics.model import Principal
from metrics.store.engine import Store
from metrics.tables import series

CHIEF = Principal("chief", "Chief", frozenset({"supervisor"}))
FIRST_DAY = date(2000, 1, 1)


class Load:
    """Two threads before a real web server, until `stop`; a thread's fault is raised there."""

    def __init__(self, base: str, store: Store, workspace: Workspace) -> None:
        now = datetime.now(UTC)
        self.store, self.workspace = store, workspace
        with store.write() as connection:
            self.push_tokens = {key: source_tokens.make(connection, key, now) for key in ("meters", "clerks")}
            accounts.add_user(connection, "chief", "Chief", "supervisor", (), (), None, now)
            accounts.add_user(connection, "clerk", "Clerk", "staff", ("a",), (), None, now)
            self.tokens = {
                name: accounts.add_token(connection, name, "kills", now, actions=["view", "acknowledge", "answer"])
                for name in ("chief", "clerk")
            }
        self.client = httpx.Client(base_url=base, timeout=60)
        self.pushed: dict[tuple[str, date], int] = {}
        """(source, day): the figure that was accepted."""
        self.acknowledged, self.signed, self.ruled = set[int](), set[int](), set[date]()
        self.faults: list[Exception] = []
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._going, args=(one,), daemon=True) for one in (self._push, self._handle)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(60)
        self.client.close()
        if self.faults:
            raise self.faults[0]

    @property
    def accepted(self) -> int:
        return len(self.pushed) + len(self.acknowledged) + 2 * len(self.signed) + len(self.ruled)

    def _going(self, step) -> None:
        turn = 0
        try:
            while not self._end.wait(0.15):
                step(turn)
                turn += 1
        except Exception as error:
            self.faults.append(error)

    def _push(self, turn: int) -> None:
        """A figure of a day, by one source, every fifth by both, which do not agree; sent twice where the answer got lost."""
        day = FIRST_DAY + timedelta(days=turn)
        for source, number in (("meters", turn + 1), *([("clerks", turn + 1001)] if turn % 5 == 0 else [])):
            item = {"indicator": "visits", "period": day.isoformat(), "region": "x", "num": number}
            headers = {"Authorization": f"Bearer {self.push_tokens[source]}", "Idempotency-Key": f"{source}-{turn}"}
            for _ in range(2 if turn % 3 == 0 else 1):
                answer = self.client.post(
                    "/api/v1/observations", params={"source": source}, headers=headers, json={"items": [item]}
                )
                assert answer.status_code == 200, answer.text
            self.pushed[source, day] = number
        if turn % 10 == 5:
            self._rule(day - timedelta(days=5))

    def _rule(self, day: date) -> None:
        """As the page of conflicts does: the clerks' figure stands for this one day."""
        with self.store.read() as connection:
            if not connection.execute(select(series.c.id).where(series.c.indicator == "visits")).first():
                return
        noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        decision = ruling.Decision(Series("visits", "day", "_T", "x"), "clerks", noon, noon, "they counted again")
        ruling.decide(self.store, self.workspace, decision, (alerts.evaluate(self.workspace),), datetime.now(UTC), "Chief")
        self.ruled.add(day)

    def _handle(self, turn: int) -> None:
        """The next open alert is taken on; of every third an order is made, which the department signs."""
        with self.store.read() as connection:
            asked = select(episode.c.id).where(episode.c.closed_at.is_(None), episode.c.handling == "NEW")
            new = connection.execute(asked.order_by(episode.c.id)).scalars().first()
        if new is None:
            return
        self._post("chief", f"/api/v1/alerts/{new}/acknowledge", {"comment": "seen to"})
        self.acknowledged.add(new)
        if new % 3 == 0:
            with self.store.write() as connection:
                draft = orders.Draft(f"Order {new}", "a", episode=new)
                number = orders.raise_order(connection, self.workspace, CHIEF, draft, datetime.now(UTC))
            self._post("clerk", f"/api/v1/orders/{number}/steps", {"step": "signed"})
            self.signed.add(number)

    def _post(self, who: str, path: str, body: dict[str, str]) -> None:
        answer = self.client.post(path, headers={"Authorization": f"Bearer {self.tokens[who]}"}, json=body)
        assert answer.status_code == 200, answer.text
