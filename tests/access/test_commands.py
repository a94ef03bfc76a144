import pytest

from access import accounts, sessions
from access.store.tables import audit
from commands import main
from metrics.store.engine import connect
from tests.access.conftest import NOW


@pytest.fixture
def run(workspaces, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("WORKSPACE", str(workspaces / "boston311"))
    monkeypatch.setenv("DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def run(*arguments):
        capsys.readouterr()
        status = main(arguments)
        said = capsys.readouterr()
        return status, said.out, said.err

    run.store = connect(f"sqlite:///{tmp_path / 'boston311' / 'yuncha.db'}")
    yield run
    run.store.close()


def test_it_adds_changes_and_lists_accounts(run):
    status, out, _ = run("user", "add", "li.si", "--display", "李四", "--role", "staff")
    assert status == 0
    assert "http://127.0.0.1:8050/welcome?token=" in out
    assert run("user", "add", "li.si")[::2] == (2, "account li.si exists already\n")
    assert run("user", "add", "x y")[0] == run("user", "add")[0] == run("user", "change", "nobody")[0] == 2
    assert "'nowhere'" in run("user", "add", "wang", "--regions", "nowhere")[2]
    assert run("user", "change", "li.si", "--role", "supervisor")[0] == 0
    assert run("user", "disable", "li.si")[0] == 0
    assert "supervisor\t李四\t_T\t_T disabled" in run("user", "list")[1]


def test_it_sets_a_password_by_the_link_it_printed(run):
    secret = run("user", "add", "li.si")[1].split("token=")[1].strip()
    with run.store.write() as connection:
        accounts.set_password(connection, secret, "Correct-Horse-9", NOW.now(NOW.tzinfo))
    assert sessions.log_in(run.store, "li.si", "Correct-Horse-9", "::1", NOW)


def test_it_shows_a_token_once(run):
    run("user", "add", "li.si")
    status, token, _ = run("token", "add", "li.si", "nightly", "--days", "3")
    assert status == 0
    with run.store.read() as connection:
        assert sessions.who_bears(connection, token.strip(), NOW)
    assert "1\tnightly\texport view\tuntil" in run("token", "list")[1]
    assert token.strip() not in run("token", "list")[1]
    assert run("token", "add", "nobody", "x")[0] == run("token", "drop", "9")[0] == run("token", "add")[0] == 2
    assert run("token", "add", "li.si", "orders", "--actions", "view", "acknowledge", "answer")[0] == 0
    assert "2\torders\tacknowledge answer view\tuntil" in run("token", "list")[1]
    assert run("token", "drop", "1")[0] == 0


def test_it_verifies_the_audit(run):
    for name in ("li", "wang", "zhao"):
        run("user", "add", f"{name}-1")
    status, out, _ = run("audit", "verify")
    assert (status, out.split()[0]) == (0, "3")
    checkpoint = out.split()[-1]
    assert "add_user\tzhao-1" in run("audit", "list")[1]
    assert run("audit", "verify", "--checkpoint", checkpoint)[0] == 0
    with run.store.write() as connection:
        connection.execute(audit.update().where(audit.c.id == 2).values(who="other"))
    assert run("audit", "verify")[::2] == (1, "row 2 is the first that was changed, removed or put in\n")
