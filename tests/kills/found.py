"""What stands in the store once the kills are over, against what the outside was promised and was told."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, timedelta
from typing import Any

from sqlalchemy import func, select, text

from alerts.store.order_tables import order_event
from alerts.store.tables import alert_event, episode, outbox
from metrics.model import MAX, TOTAL
from metrics.periods import from_us
from metrics.store.engine import Store, is_sqlite
from metrics.tables import chosen, feed, observation, record, record_version, ruling, series
from tests.alerts.servers import Web
from tests.kills.load import Load
from tests.kills.province import Province


def cases(store: Store) -> dict[str, bool]:
    """Whether each case, by id, is closed."""
    with store.read() as connection:
        joined = record.join(record_version, record_version.c.record_id == record.c.id)
        asked = select(record.c.external_id, record_version.c.closed).select_from(joined).where(record_version.c.known_to == MAX)
        return {row[0]: row[1] is not None for row in connection.execute(asked)}


def wanted(province: Province) -> dict[str, bool]:
    return {id: one["closed"] is not None for id, one in province.cases.items()}


def integrity(store: Store) -> str:
    with store.read() as connection:
        return str(connection.execute(text("PRAGMA integrity_check")).scalar()) if is_sqlite(connection) else "ok"


def count(store: Store, column: Any, *where: Any) -> int:
    with store.read() as connection:
        return int(connection.execute(select(func.count(column)).where(*where)).scalar_one())


def pushed(store: Store) -> dict[tuple[str, date], list[int]]:
    """(source, day): every figure that stands; more than one would be a doubled row."""
    joined = observation.join(feed, feed.c.id == observation.c.feed_id)
    asked = select(feed.c.source, observation.c.period_start, observation.c.num).select_from(joined)
    found: dict[tuple[str, date], list[int]] = {}
    with store.read() as connection:
        for source, start, num in connection.execute(asked.where(observation.c.known_to == MAX)):
            found.setdefault((source, (from_us(start) + timedelta(hours=8)).date()), []).append(num)
    return found


def rows_are_all_there(store: Store, province: Province, load: Load) -> int:
    """How many rows of what was accepted are found; none is lost, none doubled, and the figures follow from them."""
    assert cases(store) == wanted(province)
    with store.read() as connection:
        twice = select(record.c.external_id).group_by(record.c.external_id).having(func.count() > 1)
        assert connection.execute(twice).all() == []
        whole = series.c.department_id == TOTAL, series.c.region_id == TOTAL
        total = select(func.sum(chosen.c.num)).join(series, series.c.id == chosen.c.series_id)
        assert connection.execute(total.where(series.c.indicator == "received", *whole)).scalar() == len(province.cases)
        told = select(func.sum(chosen.c.num)).join(series, series.c.id == chosen.c.series_id)
        stands = connection.execute(told.where(series.c.indicator == "visits", series.c.region_id == "x")).scalar()
        by_hand = sum(
            load.pushed["clerks", day] if day in load.ruled else number
            for (source, day), number in load.pushed.items() if source == "meters"
        )  # fmt: skip
        acts = Counter(connection.execute(select(alert_event.c.episode_id).where(alert_event.c.kind == "acknowledged")).scalars())
        signed = connection.execute(select(order_event.c.order_id).where(order_event.c.kind == "signed")).scalars().all()
        ruled = connection.execute(select(func.count()).select_from(ruling)).scalar_one()
    found = pushed(store)
    assert found == {key: [number] for key, number in load.pushed.items()}
    assert stands == by_hand, "rulings hold, and nothing else was chosen"
    assert acts == dict.fromkeys(load.acknowledged, 1)
    assert sorted(signed) == sorted(load.signed)
    assert ruled == len(load.ruled)
    assert integrity(store) == "ok"
    return len(province.cases) + len(found) + len(acts) + 2 * len(signed) + ruled


def transitions_are_all_told(store: Store, province: Province, web: Web, kills: int) -> tuple[int, int]:
    """(transitions, duplicates): each town's alert and recovery is one event and one message, repeated at most once a kill."""
    with store.read() as connection:
        places = {id: region for id, region in connection.execute(select(series.c.id, series.c.region_id))}
        episodes = {row.id: row for row in connection.execute(select(episode).where(episode.c.rule == "busy"))}
        events = [row for row in connection.execute(select(alert_event)) if row.kind in ("firing", "recovered")]
        messages = [row for row in connection.execute(select(outbox)) if row.kind in ("firing", "recovered")]
    towns = Counter(places[row.series_id] for row in episodes.values() if places[row.series_id] != "x")
    assert towns == dict.fromkeys(province.opened, 1), "one episode each"
    over = {places[row.series_id] for row in episodes.values() if row.closed == "recovered"} - {"x"}
    assert over == province.closed
    happened = Counter((row.episode_id, row.kind) for row in events)
    assert set(happened.values()) <= {1}
    assert Counter((row.episode_id, row.kind) for row in messages) == happened, "each transition is one message"
    assert {row.state for row in messages} == {"sent"}
    told = Counter(one["json"]["id"] for one in web.got)
    assert {row.message_id for row in messages} <= set(told), "each message has arrived"
    repeats = sum(number - 1 for number in told.values())
    assert repeats <= kills
    for id, number in told.items():
        marks = [one["json"]["repeated"] for one in web.got if one["json"]["id"] == id] if number > 1 else []
        assert all(marks[1:]), f"a repeat is marked: {json.dumps(marks)} at {from_us(0).astimezone(UTC)}"
    return len(events), repeats
