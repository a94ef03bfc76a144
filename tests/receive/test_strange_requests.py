"""Schemathesis against the whole of /api/v1, read and push: no request makes it fail, and no row comes in but by the door.

A minute here; 5 minutes in `make soak` (YUNCHA_SOAK). What is generated begins with the published document.
"""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as conformance
from sqlalchemy import func, select

from access import accounts
from access.store import accounts as rows
from metrics.tables import observation, record_version, revision, run
from tests.access.conftest import NOW, one_engine

database_url = one_engine
SECONDS = 300 if os.environ.get("YUNCHA_SOAK") else 60
ROUND = 8
CHECKS = [checks.not_a_server_error, conformance.status_code_conformance, conformance.response_schema_conformance]
DAYS = [f"2026-04-{day:02d}" for day in range(1, 29)]


def narrowed(document: dict[str, Any]) -> dict[str, Any]:
    """The document, with what means something in this town as values: otherwise nearly all is refused at once."""
    document = copy.deepcopy(document)
    schemas = document["components"]["schemas"]
    number = {"type": ["integer", "null"], "minimum": 0, "maximum": 500}
    figure, case = schemas["SentObservation"]["properties"], schemas["SentRecord"]["properties"]
    figure |= {name: number for name in ("num", "den", "n")} | {"source_rev": {"type": "integer", "minimum": 0, "maximum": 3}}
    figure |= {"indicator": {"enum": ["visits", "answered"]}, "grain": {"enum": ["day"]}, "reason": {"enum": ["", "missing"]}}
    figure["period"] = {"enum": [*DAYS, "2026-04", "2026-Q2", "2026-04-03T09:00:00+08:00"]}
    figure["status"] = {"enum": ["P", "M", "N"]}
    case |= {"id": {"enum": ["P-1", "P-2", "P-3"]}, "opened": {"enum": DAYS}, "fee": number, "applicant": {"enum": ["王小明"]}}
    case |= {name: {"enum": [*DAYS, None]} for name in ("due", "closed", "entered")}
    case |= {"category": {"enum": ["a", "b"]}, "state": {"enum": ["open"]}, "source_rev": figure["source_rev"]}
    for one in ("SentObservation", "SentRecord"):
        schemas[one]["properties"] |= {"region": {"enum": ["east", "西城", "_T"]}, "department": {"enum": ["hall", "roads"]}}
        schemas[one] |= {"additionalProperties": False, "required": [*schemas[one]["required"], "region"]}
    schemas["SentRecord"]["required"].append("opened")
    for path in ("records", "observations"):
        body = document["paths"][f"/api/v1/{path}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        del body["properties"]["complete"]
    return document


@pytest.mark.property
def test_no_request_makes_it_fail_and_no_row_comes_in_but_by_the_door(site, people):
    with site.store.write() as connection:
        reader = accounts.add_token(connection, "supervisor-1", "fuzz", NOW)
    base = f"{site.base}/api/v1"
    document = httpx.get(f"{base}/openapi.json", headers={"Authorization": f"Bearer {reader}"}).json()
    operations = []
    for one in (document, narrowed(document)):
        schema = schemathesis.openapi.from_dict(one)
        schema.config.update(base_url=site.base)
        operations += [found.ok() for found in schema.get_all_operations() if one is document or found.ok().method == "post"]
    done, number = [0, 0], 0

    def send(case: Any, token: str) -> None:
        if case.method == "POST" and done[0] % 4:
            case.query = {"source": "meters" if case.path.endswith("observations") else "permits"}
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        done[0] += 1
        done[1] += case.method == "POST" and answer.status_code == 200
        case.validate_response(answer, checks=CHECKS)

    def tries(operation: Any, token: str, number: int) -> Callable[[], None]:
        @seed(number)
        @settings(max_examples=ROUND, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def tried(case: Any) -> None:
            if number < len(operations) or time.monotonic() < end:  # every operation once, however slow the machine
                send(case, token)

        return tried

    end = time.monotonic() + SECONDS
    while number < len(operations) or time.monotonic() < end:
        for operation in operations:
            name = "meters" if operation.path.endswith("observations") else "permits"
            token = site.tokens[name] if operation.method.upper() == "POST" else reader
            tries(operation, token, number)()
            number += 1
    print(f"{done[0]} requests, {done[1]} of them stored something or found nothing new")
    assert done[1] > 0
    with site.store.read() as connection:
        for table in (observation, record_version):
            strangers = select(func.count()).select_from(
                table.outerjoin(run, run.c.id == table.c.run_id).outerjoin(revision, revision.c.run_id == run.c.id)
            )
            astray = (run.c.id.is_(None)) | (run.c.kind != "push") | (revision.c.number != table.c.known_from)
            assert connection.execute(strangers.where(astray)).scalar_one() == 0
        assert connection.execute(select(func.count()).select_from(observation)).scalar_one() > 0
        assert set(connection.execute(select(revision.c.kind)).scalars()) == {"push"}


@pytest.fixture
def people(store):
    with store.write() as connection:
        rows.add(connection, "supervisor-1", "s", "supervisor", ("_T",), ("_T",), "", NOW)
