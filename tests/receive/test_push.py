"""Systems that send their data: stored whole and judged, or refused whole with every fault, and never twice."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import func, select

from access import source_tokens
from access.store.tables import source_token
from alerts.store.tables import episode
from metrics.model import LARGEST
from metrics.tables import chosen, observation, record_version, revision
from metrics.tables_of_sources import receipt
from tests.access.conftest import NOW

DAY = f"{NOW - timedelta(days=3):%Y-%m-%d}"
COUNTED = {"indicator": "visits", "period": DAY, "region": "east", "num": 120}
ANSWERED = {"indicator": "answered", "period": DAY, "region": "东城", "num": 60, "den": 100}
CASE = {"id": "P-1", "region": "east", "opened": f"{DAY}T09:00:00", "due": f"{DAY}T17:00:00", "applicant": "王小明", "fee": 12.5}


def state(site: Any) -> list[int]:
    """How many rows each table of the store has."""
    with site.store.read() as connection:
        tables = (revision, observation, record_version, chosen, receipt)
        return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


def places(answer: Any) -> list[str]:
    return [one["place"] for one in answer.json()["faults"]]


def test_it_stores_figures_and_judges_them_in_the_same_revision(site):
    site.clock.forward(days=-6)  # a rule judges no period from before it was made
    site.post("observations", {**COUNTED, "period": f"{site.clock.now:%Y-%m-%d}"}, source="meters")
    site.clock.forward(days=6)
    answer = site.post("observations", COUNTED, ANSWERED, source="meters")
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["counts"] == {"rows": 2, "observations_new": 2}
    with site.store.read() as connection:
        found = connection.execute(select(observation.c.num, observation.c.den, observation.c.run_id)).all()
        raised = connection.execute(select(episode.c.revision, episode.c.severity).where(episode.c.rule == "answered_low")).all()
    assert {(60, 100, said["run"]), (120, None, said["run"])} <= set(map(tuple, found))
    assert raised == [(said["revision"], "serious")]
    run = site.runs("meters")[0]
    assert (run.id, run.kind, run.outcome) == (said["run"], "push", "ok")
    assert ("source:meters", "push", "/api/v1/observations", "ok") in site.audit()


def test_it_stores_cases_and_the_same_again_is_nothing_new(site):
    first = site.post("records", CASE, source="permits").json()
    assert first["counts"] == {"rows": 1, "records_new": 1}
    before = state(site)
    again = site.post("records", CASE, source="permits").json()
    assert (again["revision"], again["counts"]) == (None, {"rows": 1, "unchanged": 1})
    assert state(site) == before
    closed = site.post("records", {**CASE, "closed": f"{DAY}T16:00:00"}, source="permits").json()
    assert closed["counts"] == {"rows": 1, "records_changed": 1}
    with site.store.read() as connection:
        kept = connection.execute(select(record_version.c.extra, record_version.c.department_id)).first()
    assert tuple(kept) == ({"applicant": "王小明", "fee": 12.5}, "hall")


def test_it_names_every_fault_with_its_place_and_stores_nothing(site):
    bad = [
        CASE, {**CASE, "id": "", "opened": "2026-02-30", "region": "north"}, "no object", {**CASE, "id": "P-3", "colour": "red"},
        {"id": "P-4"}, {**CASE, "opened": f"{DAY}T10:00:00"}, {**CASE, "id": "P-6", "applicant": ["李四"], "fee": "NaN"},
    ]  # fmt: skip
    before = state(site)
    answer = site.post("records", *bad, source="permits")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "8 faults in 6 of 7 items; nothing was stored"
    assert places(answer) == [
        "/items/1/id", "/items/1/opened", "/items/1/region", "/items/2", "/items/3/colour", "/items/4/opened", "/items/5",
        "/items/6/applicant",
    ]  # fmt: skip
    assert "李四" not in answer.text
    assert state(site)[1:] == before[1:]  # the one new revision says that the source is in trouble
    (run,) = site.runs("permits")
    assert (run.outcome, run.error_class, run.counts) == ("error", "bad_input", {"rows": 7, "refused": 6})
    assert [one["place"] for one in run.refusals] == places(answer)


def test_it_names_the_faults_of_figures(site):
    future = f"{NOW + timedelta(days=3):%Y-%m-%d}"
    bad = [
        {**COUNTED, "indicator": "on_time", "period": future}, {**COUNTED, "num": "many", "status": "X"},
        {**ANSWERED, "den": -1, "grain": "eon"}, {**COUNTED, "num": 10**19}, {**COUNTED, "num": None, "status": "A"},
        {"indicator": "visits"}, {**COUNTED, "period": "2026-13"}, {**COUNTED, "num": LARGEST + 1},
        {**ANSWERED, "den": LARGEST + 1},
    ]  # fmt: skip
    answer = site.post("observations", *bad, source="meters")
    assert answer.status_code == 422
    assert places(answer) == [
        "/items/0/indicator", "/items/0/period", "/items/1/status", "/items/1/num", "/items/2/grain", "/items/3/num",
        "/items/4/num", "/items/5/period", "/items/6/period", "/items/7/num", "/items/8/den",
    ]  # fmt: skip
    assert state(site)[1:] == [0, 0, 0, 0]


def test_it_takes_a_missing_figure_as_missing_with_its_reason(site):
    answer = site.post("observations", {**COUNTED, "num": None, "reason": "counter broken"}, source="meters")
    assert answer.status_code == 200
    with site.store.read() as connection:
        found = connection.execute(select(observation.c.num, observation.c.status, observation.c.reason)).one()
    assert tuple(found) == (None, "M", "counter broken")


def test_it_lets_in_nobody_but_the_source_itself(site):
    for token in ("wrong", "yuncha_push_wrong", "yuncha_push_" + "x" * 43):
        assert site.post("observations", COUNTED, source="meters", token=token).status_code == 401
    assert site.post("observations", COUNTED, source="meters", token=site.tokens["permits"]).status_code == 403
    assert site.post("observations", COUNTED, source="none", token=site.tokens["permits"]).status_code == 403
    assert site.post("observations", CASE, source="permits").status_code == 422  # its address is /records
    assert state(site)[1] == 0
    assert site.runs("meters") == []


def test_a_token_sees_nothing(site):
    headers = {"Authorization": f"Bearer {site.tokens['meters']}"}
    for path in ("/api/v1/observations?indicator=visits", "/api/v1/sources", "/export/cases.csv", "/", "/api/v1/openapi.json"):
        assert httpx.get(site.base + path, headers=headers).status_code == 403, path


def test_it_keeps_only_the_hash_of_a_token_and_a_revoked_or_replaced_one_ends(site):
    with site.store.read() as connection:
        kept = [str(tuple(row)) for row in connection.execute(select(source_token))]
    assert not any(token in row for row in kept for token in site.tokens.values())
    with site.store.write() as connection:
        newer = source_tokens.make(connection, "meters", NOW)
    assert site.post("observations", COUNTED, source="meters").status_code == 401
    assert site.post("observations", COUNTED, source="meters", token=newer).status_code == 200
    with site.store.write() as connection:
        assert source_tokens.revoke(connection, "meters", NOW)
    assert site.post("observations", COUNTED, source="meters", token=newer).status_code == 401


def test_the_same_key_gets_the_same_answer_and_stores_nothing(site):
    first = site.post("observations", COUNTED, source="meters", key="a-1")
    before, ran = state(site), len(site.runs("meters"))
    site.post("observations", {**COUNTED, "num": 121}, source="meters", key="a-2")
    again = site.post("observations", COUNTED, source="meters", key="a-1")
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotent-Replay"] == "true"
    assert len(site.runs("meters")) == ran + 1
    assert state(site)[1] == before[1] + 1
    other = site.post("observations", {**COUNTED, "num": 5}, source="meters", key="a-1")
    assert (other.status_code, other.json()["error"]["id"]) == (422, "key_used")
    assert site.post("observations", COUNTED, source="meters", key="x" * 129).status_code == 400


def test_one_key_sent_many_times_at_once_is_stored_once(site):
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda: answers.append(site.post("observations", COUNTED, source="meters", key="once")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status_code for one in answers] == [200] * 4
    assert len({one.text for one in answers}) == 1
    assert len(site.runs("meters")) == 1


def test_it_refuses_what_is_no_batch_and_says_so_on_a_run(site):
    headers = {"Content-Type": "application/json"}
    for body, status in (
        (b"", 400), (b"[]", 400), (b'{"items": {}}', 400), (b'{"items": []}', 400), (b'{"items": [1], "more": 1}', 400),
        (b'{"items": [1], "items": [2]}', 400), (b'{"items": [' + b"[" * 100_000, 400), (b"\xff\xfe\x00", 400),
        (b'{"items": [' + b"1" * 5000 + b"]}", 400), (b'{"items": [{}], "complete": true}', 400),
        (json.dumps({"items": [COUNTED] * 10_001}).encode(), 413), (b" " * (5 * 1024 * 1024 + 1), 413),
    ):  # fmt: skip
        answer = _raw(site, body, headers)
        assert answer.status_code == status, (body[:40], answer.text[:300])
        assert answer.json()["error"]["message"]
    assert len(site.runs("meters")) == 12
    assert {run.error_class for run in site.runs("meters")} == {"bad_input", "too_large"}
    assert _raw(site, b"x", {"Content-Type": "text/plain"}).status_code == 415
    assert state(site)[1:] == [0, 0, 0, 0]


def _raw(site: Any, body: bytes, headers: dict[str, str]) -> Any:
    headers = {**headers, "Authorization": f"Bearer {site.tokens['meters']}"}
    return httpx.post(f"{site.base}/api/v1/observations?source=meters", content=body, headers=headers)


def test_hostile_names_and_texts_do_no_harm(site):
    for name in ("\ud800", "\x00", "a" * 10_000, "<script>", "~/", "\u202e"):
        body = json.dumps({"items": [{**COUNTED, name: name, "reason": name}]}).encode()
        answer = _raw(site, body, {"Content-Type": "application/json"})
        assert answer.status_code == 422, name
        assert len(answer.content) < 5_000
