"""The command line where no other test runs it: collecting by hand, and a workspace whose data is not there."""

import json
import os
import shutil
import socket
from pathlib import Path

import pytest

from collectors import _unit
from commands import main
from tests.fixtures.processes import free_port

LINE = "{id},BTDT,Ward 3,01/05/2015 12:40:41 PM,,01/06/2015 01:46:56 PM,Pothole,Closed,ONTIME,Back Bay,S,R,Q,App,L,St,No\n"
HEAD = (
    "CASE_ENQUIRY_ID,Department,ward,OPEN_DT,TARGET_DT,CLOSED_DT,TYPE,CASE_STATUS,OnTime_Status,neighborhood,SUBJECT,REASON,"
    "QUEUE,Source,Location,LOCATION_STREET_NAME,CLOSURE_REASON\n"
)


@pytest.fixture
def run(tmp_path: Path, workspaces: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """`run(WORKSPACE, command...)`: status, what was printed, errors."""
    monkeypatch.setenv("DATA", str(tmp_path / "state"))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def run(name: str, *arguments: str) -> tuple[int, list[str], str]:
        monkeypatch.setenv("WORKSPACE", str(workspaces / name))
        capsys.readouterr()
        status = main(arguments)
        said = capsys.readouterr()
        return status, said.out.splitlines(), said.err

    return run


def test_it_tells_of_every_run_of_a_collection_and_their_sum(run, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "boston311"
    folder.mkdir()
    for number in range(3):
        file = folder / f"{number}.csv"
        cases = [LINE.format(id=f"{number}-{case}") for case in range(4)]
        file.write_text(HEAD + "".join(cases) + (LINE.format(id="bad").replace("12:40:41", "never") if number == 2 else ""))
        os.utime(file, (1.7e9, 1.7e9 + number))
    monkeypatch.setenv("YUNCHA_REALDATA", str(tmp_path))
    monkeypatch.setattr(_unit, "TOGETHER", 5)
    for dry, ids in ((("--dry-run",), [None] * 3), ((), [1, 2, 3])):
        status, lines, _ = run("boston311", "collect", "requests", *dry)
        said = [json.loads(line) for line in lines]
        assert status == 0
        assert [one["run"] for one in said if "run" in one] == ids
        assert said[-2]["field"] == "OPEN_DT"
        assert (said[-1]["runs"], said[-1]["outcome"], said[-1]["counts"]["rows"]) == (3, "refused", 13)
    assert said[-1]["counts"]["records_new"] == 12
    assert json.loads(run("boston311", "collect", "requests")[1][-1])["outcome"] == "unchanged"
    shutil.rmtree(folder)
    status, lines, _ = run("boston311", "collect", "requests")
    assert (status, json.loads(lines[-1])["outcome"]) == (1, "error")


def test_a_workspace_without_its_data_says_which_command_to_run(run, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("YUNCHA_FLIGHTS", str(tmp_path / "nowhere"))
    status, lines, _ = run("flights", "check")
    assert (status, lines[-1]) == (1, "1 fault")
    assert lines[0].startswith("missing-data workspace.yaml:")
    assert lines[0].endswith("/ run: make data-flights")
    status, _, error = run("flights", "run")
    assert status == 1
    assert "run: make data-flights" in error
    (tmp_path / "nowhere" / "days").mkdir(parents=True)
    assert run("flights", "check")[0] == 1, "an empty folder is no data"
    (tmp_path / "nowhere" / "days" / "flights-2013-01-01.csv").touch()
    assert run("flights", "check")[:2] == (0, ["no fault"])


def hundred() -> socket.socket:
    """A listener on the first port of a hundred, as a demonstration's control is."""
    for number in range(20100, 60000, 100):
        try:
            return socket.create_server(("127.0.0.1", number))
        except OSError:
            continue
    raise AssertionError("no port is free")


@pytest.mark.parametrize(("mine", "change"), [("PORT", "make run PORT="), ("YUNCHA_DEMO_PORTS", "make run YUNCHA_DEMO_PORTS=")])
def test_it_names_who_has_the_port_and_what_to_change_before_it_starts_anything(run, tmp_path, monkeypatch, mine, change) -> None:
    with hundred() as other:
        taken = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(taken if mine == "PORT" else free_port()))
        monkeypatch.setenv("YUNCHA_DEMO_PORTS", str(taken // 100))
        for command in ("run", "web") if mine == "PORT" else ("run",):
            status, said, error = run("sichuan", command)
            assert (status, said) == (1, [])
            assert error.startswith(f"Port {taken} is in use by `")
            assert f"(process {os.getpid()})" in error
            assert change in error
            assert not (tmp_path / "state").exists()


def test_it_says_so_where_nothing_may_listen_on_an_address(run, monkeypatch) -> None:
    monkeypatch.setenv("HOST", "203.0.113.9")
    status, _, error = run("sichuan", "web")
    assert status == 1
    assert "can listen on port" in error
    assert "203.0.113.9" in error
    assert "Set HOST" in error
