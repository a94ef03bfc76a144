"""The lines at the end of a run say what was counted, also in the plain run."""

from types import SimpleNamespace

from tests.fixtures.counts import pytest_terminal_summary


def test_what_a_test_counted_is_printed_whichever_run_it_is(monkeypatch):
    monkeypatch.delenv("YUNCHA_SOAK", raising=False)
    said: list[str] = []
    counted = [("counted", "7 kills, 90 rows accepted, 90 rows found (seed 1)"), ("marks", ["postgres"])]
    report = SimpleNamespace(when="call", user_properties=counted, nodeid="t", capstdout="")
    pytest_terminal_summary(SimpleNamespace(stats={"passed": [report]}, write_line=said.append))
    assert said == [counted[0][1], "ran 1 tests, of these: 0 browser, 1 postgres, 0 mariadb, 0 realdata"]
