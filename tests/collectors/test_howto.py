"""docs/howto/source.md and collector.md, followed literally."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

import collectors
from collectors._run import run_source
from commands import main
from metrics.catalogue import load
from tests.collectors.conftest import CASES, NOW, a_source

HOWTO = Path(__file__).resolve().parents[2] / "docs" / "howto"


def block(page: str, language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", (HOWTO / page).read_text(encoding="utf-8"), re.DOTALL)
    return found


@pytest.fixture
def sichuan(tmp_path, workspaces, monkeypatch):
    folder = tmp_path / "workspaces" / "sichuan"
    shutil.copytree(workspaces / "sichuan", folder)
    monkeypatch.setenv("WORKSPACE", str(folder))
    monkeypatch.setenv("DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_source_of_a_known_kind_is_one_block(sichuan, capsys):
    (sichuan / "letters").mkdir()
    dropped = sichuan / "letters" / "来信_20260301.csv"
    dropped.write_bytes(block("source.md", "csv").encode("gbk"))
    os.utime(dropped, (NOW.timestamp(),) * 2)
    (sichuan / "sources" / "letters.yaml").write_text(block("source.md", "yaml"), encoding="utf-8")
    checked, dry, real = (line.split()[2:] for line in block("source.md", "sh").strip().splitlines())
    assert main(checked) == 0, capsys.readouterr().out
    capsys.readouterr()
    for command, counts in ((dry, {"rows": 3, "refused": 1}), (real, {"rows": 3, "refused": 1, "records_new": 2})):
        assert main(command) == 0
        told, *would, refused, added = (json.loads(line) for line in capsys.readouterr().out.strip().splitlines())
        assert [one.get("external_id", one) for one in would] == (
            [{"would store": {"cases": 2, "figures": 0}}, "X001", "X002"] if command is dry else []
        )
        assert (told["outcome"], told["counts"]) == (added["outcome"], added["counts"]) == ("refused", counts)
        assert (refused["place"], refused["field"]) == ("来信_20260301.csv, line 5", "收到日期")
        assert "no day of the calendar" in refused["reason"]


def test_every_setting_of_every_kind_is_on_the_page():
    page = (HOWTO / "source.md").read_text(encoding="utf-8")
    told = set(re.findall(r"[a-z_]+", page))
    for kind in ("files", "http_json", "sql", "openmetrics", "prometheus", "ckan"):
        assert f"| `{kind}` |" in page
        assert set(collectors.collector(kind).SETTINGS.model_fields) <= told


@pytest.fixture
def keyvalue(tmp_path, monkeypatch):
    """The how-to's file in a folder of collectors; no list is edited."""
    folder = tmp_path / "collectors"
    folder.mkdir()
    (folder / "keyvalue.py").write_text(block("collector.md", "python"), encoding="utf-8")
    monkeypatch.setattr(collectors, "__path__", [*collectors.__path__, str(folder)])


def test_a_kind_of_source_is_one_file(keyvalue, workspace, store, tmp_path):
    source = a_source("keyvalue", {"path": "cases.txt"}, CASES)
    made = run_source(source, workspace, store, NOW, ())
    assert (made.error_class, made.error) == ("missing", "there is no cases.txt")
    (tmp_path / "cases.txt").write_text("id=1\ndept=tax\nopened=2026-03-01\n\nid=2\ndept=tax\nopened=2026-03-01\n")
    assert "keyvalue" in collectors.kinds()
    assert run_source(source, workspace, store, NOW, ()).counts == {"rows": 2, "records_new": 2}
    assert run_source(source, workspace, store, NOW, ()).outcome == "unchanged"


def test_the_shipped_workspaces_fit_their_collectors(workspaces):
    for folder in sorted(workspaces.iterdir()):
        workspace, _ = load(folder)
        for source in workspace.sources.values():
            collectors.collector(source.type).SETTINGS.model_validate(dict(source.settings))
