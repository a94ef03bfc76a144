"""What all sources share about one host: how many ask it at once, and when it is left in peace after failing again and again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from collectors._errors import Failure, Kind

AT_ONCE = 4
OPENS_AFTER = 5
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=5)
LONGEST_ASKED = timedelta(minutes=15)
"""A host that asks for a longer wait (Retry-After) is asked again after this."""
ITS_FAULT = frozenset({"timeout", "connect", "truncated", "http"})


class Host:
    """A breaker and a cap. Instants are those of the caller: in a replay they are the past's."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._failed = 0
        self._rest = FIRST_REST
        self._until: datetime | None = None
        self._since: datetime | None = None
        self._probing = False
        self._kind: Kind = "http"
        self._last = ""

    @contextmanager
    def slot(self, patience: float) -> Iterator[None]:
        """One of the few requests this host gets at a time."""
        if not self._slots.acquire(timeout=max(0.0, patience)):
            what = f"{self.name}: {AT_ONCE} other requests have not been answered yet"
            raise Failure("timeout", what, "too many sources ask one slow system: ask it less often", retry=True)
        try:
            yield
        finally:
            self._slots.release()

    def admit(self, now: datetime) -> None:
        """Failure while the host is left in peace; after that one request tries it, and the others wait for what it finds."""
        with self._lock:
            if self._until is None or self._since is None or now < self._since:
                return
            if now < self._until or self._probing:
                when = f"{self._until:%H:%M:%S} UTC"
                what = f"{self.name} is not asked again before {when}: {self._last}"
                raise Failure(self._kind, what, "it failed several times in a row, or asked to wait; its owner must look")
            self._probing = True

    def went_well(self) -> None:
        with self._lock:
            self._failed, self._until, self._probing, self._rest = 0, None, False, FIRST_REST

    def went_wrong(self, failure: Failure, now: datetime) -> None:
        """Only faults that are the host's own count; an answer it refuses in good order shows that it is well."""
        if failure.kind not in ITS_FAULT:
            self.went_well()
            return
        with self._lock:
            self._failed += 1
            self._kind, self._last = failure.kind, failure.what
            rest = timedelta(0)
            if self._failed >= OPENS_AFTER:
                rest, self._rest = self._rest, min(self._rest * 2, LONGEST_REST)
            if failure.after is not None:
                rest = max(rest, min(timedelta(seconds=failure.after), LONGEST_ASKED))
            self._probing = False
            if rest:
                self._since, self._until = now, now + rest

    def left_open(self) -> None:
        """A request that told nothing about the host (our own fault, an end of the process) leaves room for another."""
        with self._lock:
            self._probing = False


_hosts: dict[str, Host] = {}
_opening = threading.Lock()


def host(name: str, port: int) -> Host:
    key = f"{name}:{port}"
    with _opening:
        return _hosts.setdefault(key, Host(key))


def forget_all() -> None:
    with _opening:
        _hosts.clear()
