"""docs/howto/kinds.md, followed literally: each block is accepted by `check`, and a dry run fills it from what the page says."""

import json
import re
import sqlite3

import pytest

from collectors import kinds
from commands import main
from tests.collectors.test_howto import HOWTO, sichuan  # noqa: F401 - the fixture

PAGE = (HOWTO / "kinds.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## `(\w+)`[^\n]*\n(.*?)(?=^## |^The indicator|\Z)", PAGE, re.DOTALL | re.MULTILINE))
INDICATOR = re.findall(r"```yaml\n(.*?)```", PAGE.partition("The indicator of the last two")[2], re.DOTALL)[0]
KEYS = {kind: re.findall(r"```yaml\n- key: (\w+)", text)[0] for kind, text in SECTIONS.items()}


def block(kind, language):
    (found,) = re.findall(rf"```{language}\n(.*?)```", SECTIONS[kind], re.DOTALL)
    return found


def test_there_is_an_example_of_every_kind():
    elsewhere = {"files": "source.md", "push": "push.md", "upload": "upload.md"}
    assert set(SECTIONS) | set(elsewhere) == set(kinds())
    for kind, page in elsewhere.items():
        assert f"type: {kind}" in (HOWTO / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", sorted(SECTIONS))
def test_its_example_is_accepted_and_filled(kind, sichuan, system, monkeypatch, capsys):  # noqa: F811
    source = block(kind, "yaml")
    if kind == "sql":
        with sqlite3.connect(sichuan / "department.db") as made:
            made.executescript(block(kind, "sql"))
        source = re.sub("postgresql://[^\n]*", "sqlite:///department.db", source)
        source = re.sub(r"  secret: [^\n]*\n", "", source)
    else:
        body = block(kind, "text" if kind == "openmetrics" else "json")
        system.says(body, content_type="application/json" if body[0] == "{" else "text/plain")
        source = re.sub(r"https://[a-z]+\.example\.cn", system.url, source)
        monkeypatch.setenv("SCHOOL_PERMITS_KEY", "key-of-the-test")
    (sichuan / "sources" / "example.yaml").write_text(source, encoding="utf-8")
    if "people_waiting" in source:
        (sichuan / "indicators" / "example.yaml").write_text(INDICATOR.replace("SOURCE", KEYS[kind]), encoding="utf-8")
    assert main(["check", str(sichuan)]) == 0, capsys.readouterr().out
    capsys.readouterr()
    assert main(["collect", KEYS[kind], "--dry-run"]) == 0, capsys.readouterr()
    told, would, *shown, added = (json.loads(line) for line in capsys.readouterr().out.strip().splitlines())
    assert (told["outcome"], told["counts"]) == (added["outcome"], added["counts"]) == ("ok", {"rows": 2})
    assert would == {"would store": {"cases": 0, "figures": 2} if "people_waiting" in source else {"cases": 2, "figures": 0}}
    assert len(shown) == 2
