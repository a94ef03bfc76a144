"""Something on the demo's overview moves at least every 20 seconds, at any hour, with the cases' system away or not."""

from datetime import UTC, datetime, timedelta

import pytest

from collectors._run import run_source
from metrics.store import head
from tests.workspaces.province import sichuan, systems

LOOKS = 4
HOURS = (0, 7, 13, 19)
"""Of UTC: morning, afternoon, evening and the dead of night in the province."""


def test_the_overview_moves_every_twenty_seconds(sqlite_store, tmp_path, workspaces):
    with pytest.MonkeyPatch.context() as patch, systems(tmp_path / "demo", patch) as world:
        workspace = sichuan(workspaces)
        board = workspace.boards["overview"].cards
        source = workspace.sources["hotline_calls"]
        assert source.every is not None
        assert source.every <= timedelta(seconds=20)
        for hour in HOURS:
            seen = []
            for look in range(LOOKS):
                now = datetime(2026, 11, 3, hour, tzinfo=UTC) + look * timedelta(seconds=20)
                world.advance(now)
                run_source(source, workspace, sqlite_store, now, ())
                with sqlite_store.read() as connection:
                    seen.append(head.moved(connection, board))
            assert all(after > before for before, after in zip(seen, seen[1:], strict=False)), (hour, seen)
