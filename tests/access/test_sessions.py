from datetime import timedelta

import pytest

from access import accounts, sessions
from access.store import accounts as rows
from access.store import sessions as held
from access.store.tables import session
from metrics.model import TOTAL
from tests.access.conftest import NOW, PASSWORD, build, password_hash


def status(client):
    return client.get("/live").status_code


def cookie(client, name="yuncha"):
    return client.get_cookie(name)


def test_it_keeps_a_session_id_only_hashed_and_sends_it_safely(site):
    person = site.signed_in("viewer-1")
    sent = cookie(person)
    assert (sent.http_only, sent.same_site, sent.secure, sent.path, sent.max_age) == (True, "Lax", False, "/", None)
    assert len(sent.value) >= 43
    with site.store.read() as connection:
        stored = connection.execute(session.select()).one()
    assert sent.value not in str(stored)


def test_it_uses_the_host_prefix_and_secure_behind_https(people, clock):
    site = build(people, clock, public_url="https://yuncha.example")
    person = site.server.test_client()
    answer = person.post("/login", data={"name": "viewer-1", "password": PASSWORD}, base_url="https://yuncha.example",
                         headers={"Origin": "https://yuncha.example"})  # fmt: skip
    assert answer.headers["Set-Cookie"].startswith("__Host-yuncha=")
    assert all(word in answer.headers["Set-Cookie"] for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"))
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_it_ends_an_idle_session_and_an_old_one(site):
    person = site.signed_in("viewer-1")
    for _ in range(4):
        site.clock.forward(minutes=29)
        assert person.get("/").status_code == 200
    site.clock.forward(minutes=31)
    assert status(person) == 401
    busy = site.signed_in("viewer-1")
    for _ in range(24):
        site.clock.forward(minutes=29)
        assert busy.get("/").status_code == 200
    site.clock.forward(minutes=25)
    assert status(busy) == 401


def test_it_does_not_take_a_poll_for_a_person_at_work(site):
    person = site.signed_in("viewer-1")
    for _ in range(6):
        site.clock.forward(minutes=5)
        assert status(person) == 204
    site.clock.forward(minutes=1)
    assert status(person) == 401


def test_it_rotates_the_id_at_login_and_kills_the_one_before(site):
    person = site.signed_in("viewer-1")
    before = cookie(person).value
    person.post("/login", data={"name": "viewer-1", "password": PASSWORD}, headers={"Origin": site.origin})
    assert cookie(person).value != before
    thief = site.visitor()
    thief.set_cookie("yuncha", before)
    assert status(thief) == 401
    assert status(person) == 204


def test_it_takes_no_id_that_the_server_did_not_make(site):
    person = site.visitor()
    person.set_cookie("yuncha", "a" * 43)
    person.post("/login", data={"name": "viewer-1", "password": PASSWORD}, headers={"Origin": site.origin})
    assert cookie(person).value != "a" * 43


def test_it_kills_the_session_on_the_server_at_logout(site):
    person = site.signed_in("viewer-1")
    stolen = cookie(person).value
    answer = person.post("/logout", headers={"Origin": site.origin})
    assert (answer.status_code, answer.location) == (303, "/login?done=out")
    assert cookie(person) is None
    person.set_cookie("yuncha", stolen)
    assert status(person) == 401
    assert site.visitor().get("/logout").status_code == 401


@pytest.mark.parametrize("what", [{"role": "administrator"}, {"departments": ("housing",)}, {"disabled": True}])
def test_it_ends_every_session_when_rights_change(site, what):
    person = site.signed_in("viewer-1")
    with site.store.write() as connection:
        accounts.change_rights(connection, "viewer-1", NOW, **what)
    assert status(person) == 401


def test_it_ends_a_session_whose_rights_changed_under_it(site):
    """Even where the row of the session was written back after the change."""
    person = site.signed_in("viewer-1")
    with site.store.write() as connection:
        old = connection.execute(session.select()).one()
        accounts.change_rights(connection, "viewer-1", NOW, role="staff")
        connection.execute(session.insert().values(**old._mapping))
    assert status(person) == 401


def test_it_signs_nobody_in_by_a_session_that_was_never_saved_or_was_cut(site):
    real = cookie(site.signed_in("viewer-1")).value
    for value in (real[:-1], real + "x", real.upper(), "", "eyJ1c2VyIjoxfQ.ZxY.abc"):
        forger = site.visitor()
        forger.set_cookie("yuncha", value)
        assert status(forger) == 401, value


def attempt(site, name, password, address="10.0.0.9"):
    return sessions.log_in(site.store, name, password, address, site.clock())


def test_it_gives_equal_answers_to_a_wrong_name_a_wrong_password_a_lock_and_a_disabled_account(site):
    with site.store.write() as connection:
        accounts.change_rights(connection, "staff-1", NOW, disabled=True)
        rows.add(connection, "unset", "x", "viewer", (TOTAL,), (TOTAL,), "", NOW)
    said = set()
    for name, password in (("viewer-1", "wrong"), ("nobody", "wrong"), ("unset", ""), ("staff-1", PASSWORD), ("", "")):
        client = site.visitor()
        answer = client.post("/login", data={"name": name, "password": password}, headers={"Origin": site.origin})
        said.add((answer.status_code, answer.text))
    for _ in range(6):
        attempt(site, "viewer-1", "wrong")
    answer = site.visitor().post("/login", data={"name": "viewer-1", "password": PASSWORD}, headers={"Origin": site.origin})
    said.add((answer.status_code, answer.text))
    assert len(said) == 1
    assert next(iter(said))[0] == 401


def test_it_makes_an_account_wait_longer_with_each_failure_whatever_the_address(site):
    for n in range(5):
        assert attempt(site, "viewer-1", "wrong", f"10.0.0.{n}") is None
    assert attempt(site, "viewer-1", PASSWORD, "10.0.1.1") is None
    site.clock.forward(seconds=31)
    assert attempt(site, "viewer-1", "wrong") is None
    site.clock.forward(seconds=31)
    assert attempt(site, "viewer-1", PASSWORD) is None
    site.clock.forward(seconds=31)
    assert attempt(site, "viewer-1", PASSWORD)
    assert attempt(site, "viewer-1", "wrong") is None
    assert attempt(site, "viewer-1", PASSWORD)


def test_it_never_locks_an_account_for_more_than_a_quarter_of_an_hour(site):
    for _ in range(20):
        attempt(site, "viewer-1", "wrong", "10.9.9.9")
        site.clock.forward(minutes=16)
    assert attempt(site, "viewer-1", PASSWORD)


def test_it_locks_an_address_that_tries_many_names_and_a_success_does_not_clear_it(site):
    for n in range(29):
        attempt(site, f"name{n}", "wrong")
    assert attempt(site, "viewer-1", PASSWORD)
    attempt(site, "name30", "wrong")
    assert attempt(site, "viewer-1", PASSWORD) is None
    assert attempt(site, "viewer-1", PASSWORD, "10.0.0.10")
    site.clock.forward(seconds=31)
    assert attempt(site, "viewer-1", PASSWORD)


def test_it_stops_a_hundred_guesses(site):
    results = [attempt(site, "viewer-1", f"wrong{n}") for n in range(99)] + [attempt(site, "viewer-1", PASSWORD)]
    assert results == [None] * 100
    assert len([row for row in site.audit() if row[3] == "refused"]) == 5


def test_it_keeps_no_typed_name_of_an_unknown_account(site):
    attempt(site, "My-Secret-Password-1", "x")
    assert site.audit()[-1] == ("", "login", "/login", "refused")
    with site.store.read() as connection:
        assert "My-Secret" not in str(connection.exec_driver_sql("select * from login_lock").all())


def test_it_removes_sessions_that_ended_long_ago(site):
    site.signed_in("viewer-1")
    site.clock.forward(hours=13)
    site.signed_in("staff-1")
    with site.store.read() as connection:
        assert len(connection.execute(session.select()).all()) == 1


def test_it_lets_a_token_act_for_its_account_within_its_actions_without_a_cookie_or_an_origin(site):
    with site.store.write() as connection:
        reader = accounts.add_token(connection, "administrator-1", "nightly", NOW)
        pusher = accounts.add_token(connection, "administrator-1", "push", NOW, actions=("administer",))

    def bear(token):
        return {"Authorization": f"Bearer {token}"}

    client = site.visitor()
    assert client.get("/export/cases.csv", headers=bear(reader)).status_code == 200
    assert client.post("/api/v1/push", headers=bear(reader)).status_code == 403
    assert client.post("/api/v1/push", headers=bear(pusher)).status_code == 200
    assert client.get("/export/cases.csv", headers=bear(pusher)).status_code == 403
    assert client.post("/logout", headers=bear(reader)).status_code == 403
    with site.store.read() as connection:
        assert reader not in str(connection.exec_driver_sql("select * from token").all())
        assert [token.name for token in accounts.list_tokens(connection)] == ["nightly", "push"]
    with site.store.write() as connection:
        accounts.change_rights(connection, "administrator-1", NOW, role="viewer")
    assert client.post("/api/v1/push", headers=bear(pusher)).status_code == 403
    site.clock.forward(days=366)
    assert client.get("/export/cases.csv", headers=bear(reader)).status_code == 401


def test_it_refuses_a_token_that_was_dropped_or_whose_account_is_disabled(site):
    with site.store.write() as connection:
        token = accounts.add_token(connection, "viewer-1", "a", NOW)
        other = accounts.add_token(connection, "staff-1", "b", NOW)
        assert accounts.drop_token(connection, accounts.list_tokens(connection)[0].id, NOW)
        accounts.change_rights(connection, "staff-1", NOW, disabled=True)
    for secret in (token, other):
        assert site.visitor().get("/live", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_it_gives_the_principal_of_the_account_with_its_scope(people):
    with people.write() as connection:
        rows.add(connection, "zhang", "张", "staff", ("housing",), ("chengdu",), password_hash(), NOW)
    id = sessions.log_in(people, "zhang", PASSWORD, "::1", NOW)
    with people.read() as connection:
        who = sessions.who_holds(connection, id, NOW + timedelta(minutes=1)).who
        assert held.get(connection, "x") is None
    assert (who.user, who.name, who.roles, who.departments, who.regions) == ("zhang", "张", {"staff"}, ("housing",), ("chengdu",))
