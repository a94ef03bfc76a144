"""docs/howto/indicator.md and page.md, followed literally."""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from commands import main
from metrics import ingest, reading
from metrics.answers import Ask
from metrics.arrivals import Batch, RecordIn
from metrics.catalogue import load
from metrics.model import SYSTEM
from metrics.store.runs import RunIn

ROOT = Path(__file__).resolve().parent.parent
HOWTO = ROOT / "docs" / "howto"
NOW = datetime(2016, 1, 13, 4, 0, tzinfo=UTC)


def block(page: str, language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", (HOWTO / page).read_text(encoding="utf-8"), re.DOTALL)
    return found


def test_it_takes_one_block_to_add_an_indicator(store, tmp_path, monkeypatch, capsys) -> None:
    folder = tmp_path / "workspaces" / "boston311"
    shutil.copytree(ROOT / "workspaces" / "boston311", folder)
    (folder / "indicators" / "lights.yaml").write_text(block("indicator.md", "yaml"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(block("indicator.md", "sh").split()[2:]) == 0, capsys.readouterr().out

    workspace, faults = load(folder)
    assert workspace is not None, faults
    opened = datetime(2015, 6, 1, 12, 0, tzinfo=UTC)
    kinds = ["Street Light Outages", "Pothole", "Street Light Outages", "Graffiti"]
    place = workspace.departments.children("_T")[0].id
    cases = [RecordIn(str(number), place, "W01", opened=opened, category=kind) for number, kind in enumerate(kinds)]
    run = RunIn("requests", "collect", NOW, NOW, "ok")
    ingest.ingest(store, workspace, Batch("requests", cases), (), NOW, run=run)
    with store.read() as connection:
        card = reading.card(Ask(connection, workspace, SYSTEM, NOW), "street_lights")
    assert card.cell is not None
    assert (card.cell.num, card.cell.den, card.cell.value) == (2, 4, 50)


LOOK = """
import json
import sys
from dash import page_registry
from plotly.utils import PlotlyJSONEncoder
from app import create_app
from settings import from_environment
made = create_app(from_environment({"WORKSPACE": "workspaces/sichuan", "DATA": sys.argv[1]}))
with made.server.test_request_context("/plain", base_url="http://127.0.0.1:8050"):
    assert made.server.preprocess_request() is None
    shown = page_registry["dashboards.plain"]["layout"]()
    print(json.dumps(shown, cls=PlotlyJSONEncoder))
"""


def test_it_takes_one_file_to_add_a_page(tmp_path) -> None:
    copy = tmp_path / "yuncha"
    skipped = shutil.ignore_patterns(".git", ".venv", "data", "tests", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, copy, ignore=skipped)
    (copy / "dashboards" / "plain.py").write_text(block("page.md", "python"), encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-c", LOOK, str(tmp_path / "data")], cwd=copy, capture_output=True, text=True, timeout=120, check=False
    )
    assert told.returncode == 0, told.stderr[-3000:]
    workspace, _ = load(ROOT / "workspaces" / "sichuan")
    assert workspace is not None
    board = next(iter(workspace.boards.values()))
    assert [key for key in board.cards if f"/indicator/{key}" not in told.stdout] == []
