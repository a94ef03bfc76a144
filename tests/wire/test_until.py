"""A connection ends with its deadline, also where every single read is answered in time."""

from time import monotonic

import httpcore
import pytest

import wire
from tests.alerts.servers import dripping


def test_it_ends_at_the_deadline_while_the_other_side_drips():
    with dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ", 0.05) as port:
        begun = monotonic()
        with httpcore.ConnectionPool(network_backend=wire.Backend(begun + 0.5)) as pool, pytest.raises(httpcore.ReadTimeout):
            pool.request("GET", f"http://127.0.0.1:{port}/", extensions={"timeout": {"read": 5, "connect": 5}})
    assert monotonic() - begun < 3
