"""docs/howto/channel.md, followed literally: one file is a channel, and `check` names receivers that could not be told."""

import re
from pathlib import Path

import pytest
import yaml

import alerts
import alerts.channels
from alerts.channels import channel, names
from alerts.store.tables import outbox
from commands import main
from metrics.rulebook import Receiver
from tests.alerts.small import DAY, START, Desk, rule, text, workspace
from tests.alerts.test_in_the_browser import FILES
from tests.alerts.test_sender import rows

HOWTO = Path(__file__).resolve().parents[2] / "docs" / "howto" / "channel.md"


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """The how-to's file, saved in a folder of channels; no list is edited."""
    (code,) = re.findall(r"```python\n(.*?)```", HOWTO.read_text(encoding="utf-8"), re.DOTALL)
    folder = tmp_path / "channels"
    folder.mkdir()
    (folder / "notebook.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(alerts.channels, "__path__", [*alerts.channels.__path__, str(folder)])
    return "notebook"


def told(store, receiver):
    desk = Desk(store, workspace(rule(receivers=(receiver.key,)), receivers=[receiver]))
    desk.put(0, 93)
    assert alerts.faults(desk.workspace) == []
    return desk, alerts.send_due(store, desk.workspace, START + DAY)


def test_it_is_one_file(store, notebook, tmp_path):
    assert "notebook" in names()
    file = tmp_path / "alerts.txt"
    _, done = told(store, Receiver("book", text("Book"), notebook, {"file": str(file)}, "en"))
    assert done.sent == 1
    assert "[Reminder raised] on_time, Office A: 93.0%" in file.read_text(encoding="utf-8")


def test_it_says_when_no_other_try_can_help(store, notebook, tmp_path):
    desk, done = told(store, Receiver("book", text("Book"), notebook, {"file": str(tmp_path / "none" / "x")}, "en"))
    assert done.dead == 1
    assert rows(desk, outbox)[0].error.startswith("there is no folder for")


def test_it_documents_the_settings_that_there_are():
    (given,) = re.findall(r"```yaml\n(.*?)```", HOWTO.read_text(encoding="utf-8"), re.DOTALL)
    (receiver,) = yaml.safe_load(given)["receivers"]
    channel("smtp").Settings(**receiver["settings"])
    text_of = HOWTO.read_text(encoding="utf-8")
    for name in ("smtp", "webhook", "wecom", "dingtalk", "feishu", "sms", "apprise", "log"):
        (row,) = [line for line in text_of.splitlines() if line.startswith(f"| `{name}` |")]
        documented = set(re.findall(r"`(\w+)`", row.split("|")[2]))
        assert documented == set(channel(name).Settings.model_fields) - {"link"}


def test_check_names_a_receiver_that_could_not_be_told(tmp_path, capsys):
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content.replace("PORT", "25").replace("sender:", "from:"), encoding="utf-8")
    assert main(["check", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "receiver chief: sender: Field required; from: Extra inputs are not permitted" in said
