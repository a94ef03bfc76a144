"""Acceptance: a first look at real files and payloads gives YAML that `check` accepts and `collect --dry-run` fills, unedited."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import threading
from functools import partial
from urllib.parse import quote

import pytest
import yaml

from commands import main
from tests.receive.conftest import TOWN

FILES = (
    "messy/分省年度数据.csv", "messy/分省年度数据 (1).csv", "messy/分省年度数据 (3).csv", "messy/分省年度数据 (5).csv",
    "messy/italy_note_bom.csv", "foia/doj_foia_2017_cleaned.csv", "permits/burlington_building_permits.csv",
)  # fmt: skip
PAYLOADS = (
    "uk_performance_platform/backdrop_responses/lpa_volumes.json",
    "uk_performance_platform/backdrop_responses/licensing_availability_response.json",
    "uk_performance_platform/backdrop_responses/housing_house_price_index.json", "socrata/bike_counts_page_1.json",
    "odata/crm_result_10.json", "prometheus/e2e-output.txt",
)  # fmt: skip


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *said: object) -> None:
        pass


@pytest.fixture
def tried(tmp_path, monkeypatch, capsys):
    """`tried(target)`: (status of try, of check, of the dry run, what the dry run says, the source) in a fresh workspace."""

    def one(target: str):
        folder = tmp_path / "town"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(TOWN, folder)
        monkeypatch.setenv("WORKSPACE", str(folder))
        monkeypatch.setenv("DATA", str(tmp_path / "data"))
        looked = main(["source", "try", target, "--write"])
        shown = capsys.readouterr()
        if looked:
            return looked, None, None, shown.err, {}
        (written,) = set((folder / "sources").glob("*.yaml")) - {folder / "sources" / "all.yaml"}
        source = yaml.safe_load(written.read_text("utf-8"))[0]
        checked = main(["check"])
        capsys.readouterr()
        dry = main(["collect", source["key"], "--dry-run"])
        return looked, checked, dry, json.loads(capsys.readouterr().out.splitlines()[0]), source

    return one


@pytest.fixture
def served(realdata):
    handler = partial(Quiet, directory=str(realdata / "payloads"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.realdata
@pytest.mark.parametrize("name", FILES)
def test_it_proposes_what_takes_a_real_file(tried, realdata, name):
    looked, checked, dry, said, _ = tried(str(realdata / name))
    assert (looked, checked, dry) == (0, 0, 0), said
    assert said["outcome"] in ("ok", "refused")
    assert said["counts"]["rows"] > 200
    assert said["counts"].get("refused", 0) < 0.05 * said["counts"]["rows"]


@pytest.mark.realdata
@pytest.mark.parametrize("name", PAYLOADS)
def test_it_proposes_what_takes_a_real_payload(tried, served, name):
    looked, checked, dry, said, source = tried(f"{served}/{quote(name)}")
    assert (looked, checked, dry) == (0, 0, 0), said
    assert (said["outcome"], said["counts"].get("refused", 0)) == ("ok", 0)
    assert said["counts"]["rows"] >= 5


@pytest.mark.realdata
def test_it_honours_the_unit_of_the_title_and_turns_years_into_rows(tried, realdata):
    source = tried(str(realdata / "messy/分省年度数据.csv"))[4]
    assert source["map"]["values"] == [
        {"indicator": "new_source_1", "num": "value", "counts": "亿元", "unit_field": "unit"}
    ]  # fmt: skip
    assert source["map"]["grain"] == "year"


def test_it_reads_cases_with_their_dates_places_and_persons(tried, tmp_path):
    lines = ["登记表", "编号,承办部门,地区,受理日期,办结日期,类型,申请人姓名,费用"]
    for n in range(1, 29):
        lines.append(f"X{n:03},市政局,{'东城' if n % 2 else '西城'},2026-03-{n:02},2026年3月{n + 1}日,道路,王{n},{n}.5")
    (tmp_path / "来信.csv").write_bytes("\n".join(lines).encode("gb18030"))
    os.utime(tmp_path / "来信.csv", (1.7e9, 1.7e9))  # a file written just now would be waited for
    looked, checked, dry, said, source = tried(str(tmp_path / "来信.csv"))
    assert (looked, checked, dry) == (0, 0, 0), said
    assert source["gives"] == "records"
    assert source["map"] == {
        "id": "编号", "closed": {"field": "办结日期", "format": "chinese"}, "opened": {"field": "受理日期", "format": "iso"},
        "category": "类型", "department": "承办部门", "region": "地区", "extra": ["申请人姓名", "费用"],
    }  # fmt: skip
    assert source["personal"] == ["申请人姓名"]


def test_it_says_why_it_proposes_nothing(tried, tmp_path):
    tables = (("a.csv", b""), ("a.csv", b"a,b\n1,2\n1,2\n"), ("a.xlsx", b"PK"), ("a.csv", b"\x00"))
    for name, data in (*tables, ("a.json", b'{"a": 1}'), ("a.json", b"[{}]"), ("a.json", b"[" * 100_000)):
        (tmp_path / name).write_bytes(data)
        status, _, _, said, _ = tried(str(tmp_path / name))
        assert status == 1
        assert said.strip(), data
    assert tried(str(tmp_path / "nothing"))[0] == tried("http://127.0.0.1:1/x")[0] == 1
